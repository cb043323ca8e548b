#!/bin/sh
# shellcheck shell=dash
# netifd protocol `map`: MAP-E, MAP-T and lightweight 4over6, for the same options as OpenWrt's own handler.
#
# What differs from it: source NAT and a guard against leaks are a table of their own (/usr/lib/mape-image/nat.sh) and
# stand before the tunnel does, for the address and ports the line gives now, whatever the image was built for; so does
# its own IPv6 address; mtu and encaplimit default to what the Japanese services need; what is not there yet is waited for.
#
# Waiting: a setup that ends without an update is torn down and, as long as `proto_block_restart` was not called, set up
# again at once. So a failure keeps its error visible while it sleeps, and the end of the sleep is the next try. The host
# dependency on the tunnel link restarts setup when that comes up; /etc/hotplug.d/iface/40-mape-image does when the
# prefixes change.
#
# Facts: openwrt/netifd proto-ext.c (proto_ext_task_finish, proto_ext_check_dependencies), scripts/netifd-proto.sh;
# openwrt package/network/ipv6/map/src/mapcalc.c. Rules: RFC 7597, RFC 7599, RFC 7596.

# shellcheck disable=SC1091
. "${IPKG_INSTROOT-}/usr/lib/mape-image/nat.sh"
if [ -z "$INCLUDE_ONLY" ]; then
	# shellcheck disable=SC1091
	. /lib/functions.sh
	# shellcheck disable=SC1091
	. ../netifd-proto.sh
	init_proto "$@"
fi

MAP_STATE=${IPKG_INSTROOT-}/tmp

# map_fail INTERFACE CODE SECONDS TEXT: say what is wrong, wait, let netifd try again
map_fail() {
	local last=''
	[ -r "$MAP_STATE/map-$1.error" ] && read -r last <"$MAP_STATE/map-$1.error"
	# once a cause, not once a try
	[ "$last" = "$2" ] || logger -t "map-$1" -p daemon.warn "$2: $4"
	printf '%s\n' "$2" >"$MAP_STATE/map-$1.error"
	proto_notify_error "$1" "$2" "$4"
	sleep "$3"
}

# map_rule: set `rule` from the options, in mapcalc's form
map_rule() {
	rule="type=$maptype,ipv6prefix=$ip6prefix,prefix6len=$ip6prefixlen,ipv4prefix=$ipaddr,prefix4len=${ip4prefixlen:-32}"
	rule="$rule${ealen:+,ealen=$ealen}${psidlen:+,psidlen=$psidlen}${psid:+,psid=$psid}${offset:+,offset=$offset}"
	case "$maptype" in
	map-t) rule="$rule,dmr=$peeraddr" ;;
	*) rule="$rule,br=$peeraddr" ;;
	esac
}

# map_sound RULE...: whether the rules are well formed. As forwarding rules they need no prefix, so what is wrong is them
map_sound() {
	local one
	for one in "$@"; do
		LEGACY="$legacymap" mapcalc '*' "$one,fmr" >/dev/null 2>&1 || return 1
	done
}

# map_has_prefix LINK: whether that interface (or, without a name, any) holds a prefix
map_has_prefix() {
	local dump
	if [ -n "$1" ]; then
		dump=$(ubus call "network.interface.$1" status 2>/dev/null | jsonfilter -e '@["ipv6-prefix"][0].address')
	else
		dump=$(ubus call network.interface dump 2>/dev/null | jsonfilter -e '@.interface[*]["ipv6-prefix"][0].address')
	fi
	[ -n "$dump" ]
}

# map_field DATA INDEX NAME: print one field of mapcalc's answer; nothing there is evaluated, since options come back in it
map_field() {
	local line
	while IFS= read -r line; do
		case "$line" in
		"RULE_$2_$3="*)
			line=${line#*=}
			line=${line#\'}
			printf '%s\n' "${line%\'}"
			return 0
			;;
		esac
	done <<EOF
$1
EOF
}

# map_index DATA NAME: print RULE_BMR or RULE_COUNT
map_index() {
	local line
	while IFS= read -r line; do
		case "$line" in
		"RULE_$2="*[!0-9]*) ;;
		"RULE_$2="*) printf '%s\n' "${line#*=}" ;;
		esac
	done <<EOF
$1
EOF
}

# map_each_fmr DATA COMMAND: run COMMAND IPV6PREFIX/LEN IPV4PREFIX/LEN EALEN OFFSET for every forwarding rule
map_each_fmr() {
	local i=1 last
	last=$(map_index "$1" COUNT)
	while [ "$i" -le "${last:-0}" ]; do
		[ "$(map_field "$1" "$i" FMR)" = 1 ] && "$2" \
			"$(map_field "$1" "$i" IPV6PREFIX)/$(map_field "$1" "$i" PREFIX6LEN)" \
			"$(map_field "$1" "$i" IPV4PREFIX)/$(map_field "$1" "$i" PREFIX4LEN)" \
			"$(map_field "$1" "$i" EALEN)" "$(map_field "$1" "$i" OFFSET)"
		i=$((i + 1))
	done
}

map_tunnel_fmr() {
	json_add_object ''
	json_add_string prefix6 "$1"
	json_add_string prefix4 "$2"
	json_add_int ealen "$3"
	json_add_int offset "$4"
	json_close_object
}

# map_tunnel: the ipip6 device, described to netifd inside the update
map_tunnel() {
	proto_add_tunnel
	json_add_string mode ipip6
	json_add_int mtu "${mtu:-1460}"
	json_add_int ttl "${ttl:-64}"
	json_add_string local "$ipv6addr"
	json_add_string remote "$(map_field "$data" "$bmr" BR)"
	json_add_string link "$pdiface"
	json_add_object data
	# a destination option for the encapsulation limit costs 8 bytes and is dropped by some relays
	json_add_string encaplimit "${encaplimit:-ignore}"
	if [ "$maptype" = map-e ]; then
		json_add_array fmrs
		map_each_fmr "$data" map_tunnel_fmr
		json_close_array
	fi
	json_close_object
	proto_close_tunnel
}

map_nat46_fmr() {
	echo insert "$link" remote.style "$style" remote.v4 "$2" remote.v6 "$1" remote.ea-len "$3" \
		remote.psid-offset "$4" >"$MAP_NAT46"
}

# map_translator: the nat46 device of MAP-T. @see nat46 kernel module README (add, config, insert)
map_translator() {
	local style=MAP
	[ "$legacymap" = 1 ] && style=MAP0
	echo add "$link" >"$MAP_NAT46"
	echo config "$link" local.style "$style" \
		local.v4 "$(map_field "$data" "$bmr" IPV4PREFIX)/$(map_field "$data" "$bmr" PREFIX4LEN)" \
		local.v6 "$(map_field "$data" "$bmr" IPV6PREFIX)/$(map_field "$data" "$bmr" PREFIX6LEN)" \
		local.ea-len "$(map_field "$data" "$bmr" EALEN)" local.psid-offset "$(map_field "$data" "$bmr" OFFSET)" \
		remote.style RFC6052 remote.v4 0.0.0.0/0 remote.v6 "$(map_field "$data" "$bmr" DMR)" remote.ea-len 0 \
		remote.psid-offset 0 >"$MAP_NAT46"
	map_each_fmr "$data" map_nat46_fmr
}

# map_pass_rule DIRECTION ADDRESS_OPTION: let translated packets through the IPv6 firewall of the zone
map_pass_rule() {
	json_add_object ''
	json_add_string type rule
	json_add_string family inet6
	json_add_string proto all
	json_add_string direction "$1"
	json_add_string src "$zone"
	json_add_string dest "$zone"
	json_add_string "$2" "$ipv6addr"
	json_add_string target ACCEPT
	json_close_object
}

# map_data: what fw4 is told; for the tunnels that is the zone alone
map_data() {
	proto_add_data
	[ -n "$zone" ] && json_add_string zone "$zone"
	if [ "$maptype" = map-t ]; then
		[ -n "$zone" ] || zone=$(fw4 -q network "$cfg" 2>/dev/null)
		json_add_array firewall
		[ -n "$zone" ] && map_pass_rule in src_ip && map_pass_rule out dest_ip
		json_close_array
	fi
	proto_close_data
}

# map_address_interface: a dynamic interface that holds the tunnel's own IPv6 address on the link the prefix came from
map_address_interface() {
	json_init
	json_add_string name "${cfg}_"
	json_add_string ifname "@$pdiface"
	json_add_string proto static
	json_add_array ip6addr
	json_add_string '' "$ipv6addr"
	json_close_array
	json_close_object
	ubus call network add_dynamic "$(json_dump)"
}

# map_settle: wait until the tunnel's address may be used, which is when no neighbour has claimed it: until then each
# packet is "host unreachable" to who sends it. One probe and up to a second before it (RFC 4862 §5.4.2, §5.1).
map_settle() {
	local tries=0
	while [ "$tries" -lt 3 ]; do
		case "$(ip -6 addr show to "$ipv6addr" 2>/dev/null)" in
		*tentative*) ;;
		*inet6*) return 0 ;;
		esac
		tries=$((tries + 1))
		sleep 1
	done
}

# map_compare: tell the log where the line differs from what the image was built for
map_compare() {
	local BAKED_IPV4='' BAKED_PORTSETS='' BAKED_CE='' BAKED_KEPT=''
	[ "$cfg" = "$MAPE_INTERFACE" ] && [ "$maptype" = map-e ] || return 0
	# shellcheck disable=SC1091
	. "$MAPE_ROOT/usr/share/mape-image/baked"
	if [ "$ipv4addr" != "$BAKED_IPV4" ] || [ "$portsets" != "$BAKED_PORTSETS" ]; then
		logger -t "$link" -p daemon.warn "the line's prefix is not the one the image was built for: following the line" \
			"${BAKED_KEPT:+(ports $BAKED_KEPT kept for servers may be outside its set)}"
	elif [ "$ipv6addr" != "$BAKED_CE" ]; then
		logger -t "$link" -p daemon.warn "the prefix here is a part of the line's, as behind another gateway:" \
			"the border relay answers to another address than ours"
	fi
}

proto_map_setup() {
	local cfg=$1 link=map-$1
	local maptype type legacymap mtu ttl tunlink zone encaplimit
	local rule ipaddr ip4prefixlen ip6prefix ip6prefixlen peeraddr ealen psidlen psid offset
	local data bmr ipv4addr ipv6addr pdiface portsets tries=0 set text=''
	json_get_vars maptype type legacymap mtu ttl tunlink zone encaplimit
	json_get_vars rule ipaddr ip4prefixlen ip6prefix ip6prefixlen peeraddr ealen psidlen psid offset
	maptype=${maptype:-${type:-map-e}}
	[ "$zone" = - ] && zone=''
	MAP_NAT46=${IPKG_INSTROOT-}/proc/net/nat46/control

	[ -n "$tunlink" ] && proto_add_host_dependency "$cfg" '' "$tunlink"
	case "$maptype" in
	map-e | lw4o6) ;;
	map-t) [ -e "$MAP_NAT46" ] || maptype='' ;;
	*) maptype='' ;;
	esac
	if [ -z "$maptype" ] || [ "${#link}" -gt 15 ]; then
		map_fail "$cfg" UNSUPPORTED_TYPE 300 "wanted map-e, map-t (with kmod-nat46) or lw4o6 and a name of 11 letters at most"
		return
	fi
	[ -n "$rule" ] || map_rule

	# DHCPv6 hands over several rules in one option, parted by blanks
	# shellcheck disable=SC2086
	if ! data=$(LEGACY="$legacymap" mapcalc "${tunlink:-*}" $rule 2>/dev/null) || [ -z "$(map_index "$data" BMR)" ]; then
		# the first tries come quickly: after a reboot the prefix is a matter of seconds
		[ -r "$MAP_STATE/map-$cfg.tries" ] && read -r tries <"$MAP_STATE/map-$cfg.tries"
		printf '%s\n' $((tries + 1)) >"$MAP_STATE/map-$cfg.tries"
		[ "$tries" -gt 12 ] && tries=12
		if ! map_sound $rule; then
			map_fail "$cfg" INVALID_MAP_RULE 300 "the rule itself is bad: $rule"
		elif ! map_has_prefix "$tunlink"; then
			map_fail "$cfg" NO_PREFIX $((2 + tries * 2)) "${tunlink:-no interface} has no IPv6 prefix yet"
		else
			map_fail "$cfg" NO_MATCHING_PD $((2 + tries * 5)) "the prefix here belongs to another rule or service"
		fi
		return
	fi
	bmr=$(map_index "$data" BMR)
	ipv4addr=$(map_field "$data" "$bmr" IPV4ADDR)
	ipv6addr=$(map_field "$data" "$bmr" IPV6ADDR)
	pdiface=$(map_field "$data" "$bmr" PD6IFACE)
	for set in $(map_field "$data" "$bmr" PORTSETS); do text="$text${text:+ }$set"; done
	portsets=$text
	# mapcalc takes bits that are not there as zero: an address and ports of somebody else
	if [ -z "$psid" ] && [ "$maptype" != lw4o6 ] && [ "$(map_field "$data" "$bmr" PD6LEN)" -lt \
		$(($(map_field "$data" "$bmr" PREFIX6LEN) + $(map_field "$data" "$bmr" EALEN))) ]; then
		map_fail "$cfg" PREFIX_TOO_SHORT 60 "the prefix here is shorter than the rule needs"
		return
	fi
	if [ -z "$ipv4addr" ] || ! mape_nat_apply "$cfg" "$ipv4addr" "$portsets"; then
		map_fail "$cfg" NAT_FAILED 30 "nft refused the NAT table: no tunnel without it"
		return
	fi
	map_compare
	rm -f "$MAP_STATE/map-$cfg.tries" "$MAP_STATE/map-$cfg.error"
	printf 'rule=%s\nlegacy=%s\n%s\n' "$rule" "$legacymap" "$data" >"$MAP_STATE/map-$cfg.rules"

	[ "$maptype" = map-t ] || { map_address_interface && map_settle; }
	proto_init_update "$link" 1
	proto_add_ipv4_address "$ipv4addr" '' '' ''
	if [ "$maptype" = map-t ]; then
		map_translator
		proto_add_ipv6_route "$ipv6addr" 128
	else
		map_tunnel
	fi
	proto_add_ipv4_route 0.0.0.0 0
	map_data
	proto_send_update "$cfg"
}

proto_map_teardown() {
	local cfg=$1 maptype type
	json_get_vars maptype type
	if [ "${maptype:-$type}" = map-t ]; then
		[ -e "${IPKG_INSTROOT-}/proc/net/nat46/control" ] &&
			echo del "map-$cfg" >"${IPKG_INSTROOT-}/proc/net/nat46/control"
	else
		ifdown "${cfg}_"
	fi
	rm -f "$MAP_STATE/map-$cfg.rules"
}

proto_map_init_config() {
	# netifd reads both
	# shellcheck disable=SC2034
	no_device=1 available=1
	local option
	for option in maptype type rule ipaddr ip6prefix peeraddr tunlink zone encaplimit; do
		proto_config_add_string $option
	done
	for option in ip4prefixlen ip6prefixlen ealen psidlen psid offset mtu ttl; do
		proto_config_add_int $option
	done
	proto_config_add_boolean legacymap
}

[ -n "$INCLUDE_ONLY" ] || add_protocol map
