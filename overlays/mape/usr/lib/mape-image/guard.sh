#!/bin/sh
# shellcheck shell=dash
# Keep NAT and guard of the tunnel in place whoever removes them.
#
# `/etc/init.d/firewall stop` deletes every table of every family, one by one in the order in which they were made, and
# nothing outside nft can tell a translated packet from one that is not: routes and rules are looked up before NAT, and
# netifd gives ip6tnl no mark to inherit. So the tunnel follows the firewall. Four empty tables and that of the NAT stand
# before the guard's in that order; when the kernel reports that the first of them is gone, the link goes down, without
# starting a program, while fw4 starts nft five times more. Setting the interface up again puts the tables back first
# (map.sh). Reload and restart of fw4 touch none of them.
#
# Where the NAT's table alone is deleted, the guard's still drops what nothing translated, connections live on, and the
# table is put back at once. Where the guard's is, the link goes down first, as with the firewall.
#
# Facts: openwrt/firewall4 root/sbin/fw4 (flush, stop, start); openwrt/netifd system-linux.c (system_add_ip6_tunnel); linux
# net/core/net-sysfs.c (flags_store).

# shellcheck disable=SC1091
. "${IPKG_INSTROOT-}/usr/lib/mape-image/nat.sh"

# mape_guard_follow CAUSE: the link down, then tables, then the interface anew
mape_guard_follow() {
	# IFF_NOARP without IFF_UP
	{ echo 0x80 >"/sys/class/net/map-$MAPE_INTERFACE/flags"; } 2>/dev/null ||
		ip link set "map-$MAPE_INTERFACE" down 2>/dev/null
	logger -t mape-guard -p daemon.warn "$1: setting up the tunnel again, NAT first"
	# more may be going: until nothing was deleted for a second; busybox knows -t
	# shellcheck disable=SC3045
	while read -r -t 1 line; do :; done
	mape_nat_load
	ifup "$MAPE_INTERFACE"
}

# mape_guard_restore: put back what of the two tables is missing
mape_guard_restore() {
	if ! mape_nat_present mape_guard; then
		mape_guard_follow "the guard's table was removed"
	elif mape_nat_present mape_image; then
		return 0
	elif mape_nat_load; then
		logger -t mape-guard -p daemon.warn 'the NAT table was removed: put back'
	else
		logger -t mape-guard -p daemon.err 'the NAT table was removed and cannot be put back: no new connections'
	fi
}

nft monitor destroy tables | {
	# what was gone before the monitor listened
	mape_guard_restore
	while read -r line; do
		case "$line" in
		*'table ip mape_watch_'*) mape_guard_follow 'the firewall was stopped' ;;
		*'table ip mape_image' | *'table ip mape_guard') mape_guard_restore ;;
		esac
	done
}
