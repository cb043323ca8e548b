#!/bin/sh
# shellcheck shell=dash disable=SC3045
# Keep NAT and guard of the tunnel in place whoever removes them.
#
# `/etc/init.d/firewall stop` deletes every table of every family, one by one in the order in which they were made, and
# nothing outside nft can tell a translated packet from one that is not: routes and rules are looked up before NAT, and
# netifd gives ip6tnl no mark to inherit. So the tunnel follows the firewall. Four empty tables and that of the NAT stand
# before the guard's in that order; when the kernel reports that the first of them is gone, the link goes down, without
# starting a program, while fw4 starts nft five times more. Setting the interface up again puts the tables back first
# (map.sh). Reload and restart of fw4 leave the four alone.
#
# Where the NAT's table alone is deleted, the guard's still drops what nothing translated, connections live on, and the
# table is put back within two seconds. Where the guard's is, the link goes down and comes up as with the firewall, as late.
#
# Every reload of fw4 deletes and adds both in one go, so what is gone is told by the events alone, and nothing is started
# before a second without any: a program a line would leave this process seconds behind when the firewall stops next.
#
# Facts: openwrt/firewall4 root/sbin/fw4 (flush, stop, start); openwrt/netifd system-linux.c (system_add_ip6_tunnel);
# openwrt/procd service/instance.c (instance_stop); linux net/core/net-sysfs.c (flags_store).

# shellcheck disable=SC1091
. "${IPKG_INSTROOT-}/usr/lib/mape-image/nat.sh"

# what the events tell of the two tables
image='' guard=''

# mape_guard_down: the link down where there is one
mape_guard_down() {
	# IFF_NOARP without IFF_UP
	{ echo 0x80 >"/sys/class/net/map-$MAPE_INTERFACE/flags"; } 2>/dev/null ||
		ip link set "map-$MAPE_INTERFACE" down 2>/dev/null
}

# mape_guard_follow CAUSE: the link down, then tables, then the interface anew
mape_guard_follow() {
	local tries=0
	mape_guard_down
	logger -t mape-guard -p daemon.warn "$1: setting up the tunnel again, NAT first"
	# more may be going: until nothing was deleted for a second and fw4 is done, a minute at most; busybox knows -t
	while read -r -t 1 line <&3 || { [ $((tries += 1)) -lt 60 ] && ! flock -n "$MAPE_ROOT/var/run/fw4.lock" true; }; do
		# it may have been on its way up
		mape_guard_down
	done
	image='' guard=''
	mape_nat_load
	# one that is not up stays so: somebody took it down, or its line is not there yet
	! ip link show "map-$MAPE_INTERFACE" >/dev/null 2>&1 || ifup "$MAPE_INTERFACE"
}

# mape_guard_restore: put back what of the two tables is missing
mape_guard_restore() {
	image='' guard=''
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

# procd ends this process alone, so it reads by itself and takes the monitor along
mkdir -p "$MAPE_RUN" && rm -f "$MAPE_RUN/.events" && mkfifo "$MAPE_RUN/.events" || exit 1
nft monitor tables >"$MAPE_RUN/.events" &
trap 'kill $! 2>/dev/null; exit' TERM INT
exec 3<"$MAPE_RUN/.events"
rm -f "$MAPE_RUN/.events"
# what was gone before the monitor listened
mape_guard_restore
while :; do
	if [ -z "$image$guard" ]; then
		read -r line <&3 || break
	elif ! read -r -t 1 line <&3; then
		mape_guard_restore
		continue
	fi
	case "$line" in
	'delete table ip mape_watch_'*) mape_guard_follow 'the firewall was stopped' ;;
	'delete table ip mape_image') image=gone ;;
	'delete table ip mape_guard') guard=gone ;;
	'add table ip mape_image') image='' ;;
	'add table ip mape_guard') guard='' ;;
	# nft lost events, so anything may be gone
	'# ERROR'*) guard=gone ;;
	esac
done
