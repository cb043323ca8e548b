#!/bin/sh
# shellcheck shell=dash
# Keep NAT and guard of the tunnel in place whoever removes them.
#
# `/etc/init.d/firewall stop` deletes every table of every family, one by one in the order in which they were made, and
# nothing outside nft can tell a translated packet from one that is not: routes and rules are looked up before NAT, and
# netifd gives ip6tnl no mark to inherit. So the tunnel follows the firewall. Two empty tables stand before ours in that
# order; when the kernel reports that one is gone, the link goes down while fw4 is still starting nft for the next.
# Setting the interface up again puts the table back first (map.sh). Reload and restart of fw4 touch none of them.
#
# Where our table alone is deleted, it is put back at once; where that fails, the link goes down and stays down.
#
# Facts: openwrt/firewall4 root/sbin/fw4 (flush, stop, start); openwrt/netifd system-linux.c (system_add_ip6_tunnel).

# shellcheck disable=SC1091
. "${IPKG_INSTROOT-}/usr/lib/mape-image/nat.sh"

mape_guard_follow() {
	ip link set "map-$MAPE_INTERFACE" down 2>/dev/null
	logger -t mape-guard -p daemon.warn 'the firewall was stopped: setting up the tunnel again, NAT first'
	# fw4 is still deleting: until nothing was deleted for a second; busybox knows -t
	# shellcheck disable=SC3045
	while read -r -t 1 line; do :; done
	mape_nat_load
	ifup "$MAPE_INTERFACE"
}

mape_guard_restore() {
	mape_nat_present && return 0
	if mape_nat_load; then
		logger -t mape-guard -p daemon.warn 'the NAT table was removed: put back'
	else
		ip link set "map-$MAPE_INTERFACE" down 2>/dev/null
		logger -t mape-guard -p daemon.err 'the NAT table was removed and cannot be put back: the tunnel is down'
	fi
}

nft monitor destroy tables | {
	# what was gone before the monitor listened
	mape_guard_restore
	while read -r line; do
		case "$line" in
		*'table ip mape_watch_'*) mape_guard_follow ;;
		*'table ip mape_image') mape_guard_restore ;;
		esac
	done
}
