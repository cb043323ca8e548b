#!/bin/sh
# Five network namespaces in a row, and a root for the router:
#
#   client  192.168.1.100, .10      c0 - br-lan
#   router  192.168.1.1             eth0.2 - a0, IPv6 alone
#   access  fe80::1 on a0           a1 - r0, 2001:db8:ffff::/64
#   relay   $BR, a tunnel each to   r1 - s0
#   server  198.51.100.1 to .10
#
# network.sh up    with $BR; $SUBSCRIBERS, a line each: NAME IPV4 CE_ADDRESS; $ROUTES, what access sends to the router
# network.sh plug   access on the router's WAN link, as `up` leaves it, with $ROUTES; behind `ip link set a0 down`
# network.sh down
set -e
root=/routers/one
in_() {
	local name=$1
	shift
	nsenter "--net=/run/netns/$name" "$@"
}
sysctl_() {
	local name=$1
	shift
	in_ "$name" sysctl -q -w "$@"
}
link() { # NS1 DEVICE1 NS2 DEVICE2
	ip link add "$2" netns "$1" type veth peer name "$4" netns "$3"
	in_ "$1" ip link set "$2" up
	in_ "$3" ip link set "$4" up
}

down() {
	for name in client router access relay server; do
		[ -e "/run/netns/$name" ] || continue
		ip netns pids "$name" | xargs -r kill -9 2>/dev/null || :
		ip netns del "$name"
	done
	for mounted in sys dev proc; do umount -l "$root/$mounted" 2>/dev/null || :; done
	rm -rf "$root"
}

plug() {
	in_ access ip link set a0 up
	in_ access ip addr add fe80::1/64 dev a0
	printf '%s\n' "$ROUTES" | while read -r prefix how; do
		[ -z "$prefix" ] && continue
		if [ "$how" = link ]; then
			in_ access ip -6 route add "$prefix" dev a0
		else
			in_ access ip -6 route add "$prefix" via fe80::2 dev a0
		fi
	done
}

up() {
	for name in client router access relay server; do
		ip netns add "$name"
		in_ "$name" ip link set lo up
		[ "$name" = router ] || sysctl_ "$name" net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0
	done
	for name in router access relay; do
		sysctl_ "$name" net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	done
	link client c0 router br-lan
	link router eth0.2 access a0
	plug
	link access a1 relay r0
	link relay r1 server s0

	in_ client ip addr add 192.168.1.100/24 dev c0
	in_ client ip addr add 192.168.1.10/24 dev c0
	in_ client ip route add default via 192.168.1.1

	in_ router ip link set eth0.2 address 02:00:5e:10:ab:cd
	in_ access ip link set a0 address 02:00:5e:10:00:01
	in_ router ip addr add fe80::2/64 dev eth0.2 nodad
	# a router listens to advertisements where it is told to
	in_ router sh -c 'echo 2 >/proc/sys/net/ipv6/conf/eth0.2/accept_ra'

	in_ access ip addr add 2001:db8:ffff::1/64 dev a1
	in_ access ip -6 route add "$BR" via 2001:db8:ffff::2

	in_ relay ip addr add 2001:db8:ffff::2/64 dev r0
	in_ relay ip -6 route add default via 2001:db8:ffff::1
	in_ relay ip addr add "$BR/128" dev lo
	in_ relay ip addr add 198.51.100.254/24 dev r1
	printf '%s\n' "$SUBSCRIBERS" | while read -r name ipv4 ce; do
		in_ relay ip link add "ce-$name" type ip6tnl mode ipip6 local "$BR" remote "$ce" encaplimit none
		in_ relay ip link set "ce-$name" mtu 1460 up
		in_ relay ip route add "$ipv4/32" dev "ce-$name"
	done
	in_ relay nft -f /lab/watch.nft

	for host in 1 2 3 4 5 6 7 8 9 10; do in_ server ip addr add "198.51.100.$host/24" dev s0; done
	in_ server ip route add default via 198.51.100.254

	# What leaves the router's WAN as bare IPv4, and what a client is told of path MTUs.
	in_ access nft 'table ip watch { counter bare {}; chain in { type filter hook prerouting priority -300; iifname "a0" counter name bare; }; }'
	in_ client nft 'table ip watch {
		counter too_big {}
		counter mss_over {}
		chain in {
			type filter hook prerouting priority -300
			icmp type destination-unreachable icmp code 4 icmp mtu 1460 counter name too_big
			ip saddr 198.51.100.0/24 tcp flags & (syn | rst) == syn tcp option maxseg size 1421-65535 counter name mss_over
		}
	}'
}

# root FOLDER: programs as hard links, the stand-ins, what is special of a running root
make_root() {
	mkdir -p "$root/tmp/run" "$root/etc/config" "$root/proc" "$root/sys" "$root/dev"
	for folder in bin sbin lib lib64 usr; do [ -e "/$folder" ] && cp -al "/$folder" "$root/$folder"; done
	ln -s tmp "$root/var"
	ln -s tmp/run "$root/run"
	cp -a /lab/root/. "$root/"
	for name in ubus jsonfilter mapcalc ifup ifdown procd network-start line fw4-rules; do ln -sf lab-ask "$root/usr/sbin/$name"; done
	for mounted in proc dev; do mount --bind "/$mounted" "$root/$mounted"; done
	# shows the devices of the namespace it is mounted in
	in_ router mount -t sysfs sysfs "$root/sys"
}

case "$1" in
up)
	up
	make_root
	;;
plug) plug ;;
down) down ;;
esac
