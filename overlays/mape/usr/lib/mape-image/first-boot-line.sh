# shellcheck shell=dash
# The MAP-E line: interfaces, DHCP and firewall. Part of first-boot.sh.

# mape_wan_device: set `device` to what wan6 stands on, `known` to 1 where the configuration says so already
mape_wan_device() {
	known=1
	device=$(uci -q get network.wan6.device)
	case "$device" in
	# `@wan` is an alias of an interface that is switched off here
	'' | @*) known='' device=$(jsonfilter -i "$MAPE_ROOT/etc/board.json" -e '@.network.wan.device' 2>/dev/null) ;;
	esac
	[ -n "$device" ] || device=$(uci -q get network.wan.device)
	case "$device" in
	'' | *[!A-Za-z0-9._-]*)
		device=$(printf %s "$device" | tr -c 'A-Za-z0-9._@:-' '?')
		complaint="no usable WAN device in board.json, network.wan6 or network.wan: '$device'"
		return 1
		;;
	esac
}

# mape_wan_mac DEVICE: print the MAC of the WAN side as 12 lower-case hex digits
mape_wan_mac() {
	local mac
	for mac in "$(jsonfilter -i "$MAPE_ROOT/etc/board.json" -e '@.network.wan.macaddr' 2>/dev/null)" \
		"$(mape_read "$MAPE_ROOT/sys/class/net/$1/address")" \
		"$(mape_read "$MAPE_ROOT/sys/class/net/${1%%.*}/address")"; do
		mac=$(printf %s "$mac" | tr 'A-F' 'a-f')
		case "$mac" in
		00:00:00:00:00:00 | *[!0-9a-f:]*) continue ;;
		??:??:??:??:??:??) ;;
		*) continue ;;
		esac
		mac=$(printf %s "$mac" | tr -d :)
		[ "${#mac}" -eq 12 ] && printf %s "$mac" && return 0
	done
	return 1
}

# mape_line_duid DEVICE: print lines for a DUID of type link-layer (RFC 8415 §11.4: type 3, hardware type 1, MAC)
#
# NTT's network answers no other type; 25.12 would send one of type UUID by default.
mape_line_duid() {
	local mac
	if ! mac=$(mape_wan_mac "$1"); then
		mape_log "no MAC address known for $1: DHCPv6 identifier left to the client"
		return 0
	fi
	printf "set network.wan6.clientid='00030001%s'\n" "$mac"
	[ -z "$(uci -q get network.globals.dhcp_default_duid)" ] ||
		printf "set network.globals.dhcp_default_duid='00030001%s'\n" "$mac"
}

# mape_line_wan: print lines for the IPv4 side of the WAN, which gets no lease on such a line
#
# `disabled` keeps netifd from even making the interface, in every release; `auto '0'` would leave one that other
# scripts bring up. @see openwrt/netifd config.c (config_parse_interface)
mape_line_wan() {
	[ -n "$(uci -q get network.wan)" ] || return 0
	case "$BAKED_WAN_DHCPV4" in
	1) echo 'delete network.wan.disabled' ;;
	*) echo "set network.wan.disabled='1'" ;;
	esac
}

# mape_zone: set `zone` to the firewall zone of the line, the one named wan, else the one that holds wan6; and `zone_name`
mape_zone() {
	local i=0 name
	zone='' zone_name=''
	while [ -n "$(uci -q get "firewall.@zone[$i]")" ] && [ "$zone_name" != wan ]; do
		name=$(uci -q get "firewall.@zone[$i].name")
		case "$name" in
		'' | *[!A-Za-z0-9_-]*) ;;
		wan) zone="@zone[$i]" zone_name=wan ;;
		*)
			case " $(uci -q get "firewall.@zone[$i].network") " in
			*' wan6 '*) zone="@zone[$i]" zone_name=$name ;;
			esac
			;;
		esac
		i=$((i + 1))
	done
	[ -n "$zone" ] && return 0
	complaint='no firewall zone named wan, and none holds wan6'
	return 1
}

# mape_line_zone: print lines that put the MAP-E interface into the zone; what is no name of an interface goes
mape_line_zone() {
	local networks network
	networks=$(uci -q get "firewall.$zone.network")
	echo "set firewall.$zone.mtu_fix='1'"
	case " $networks " in
	*" $BAKED_INTERFACE "*) return 0 ;;
	esac
	echo "delete firewall.$zone.network"
	# a `*` is no pattern for files
	set -f
	for network in $networks $BAKED_INTERFACE; do
		case "$network" in
		*[!A-Za-z0-9_]*) ;;
		*) echo "add_list firewall.$zone.network='$network'" ;;
		esac
	done
	set +f
}

# mape_line_stale: print deletions of what an earlier plan made and this one does not; `mape_` is ours alone
mape_line_stale() {
	local section
	for section in $(uci -q show firewall | sed -n 's/^firewall\.\(mape_[a-z0-9_]*\)=.*/\1/p'); do
		grep -q "^set firewall\.$section=" "$MAPE_SHARE/uci/line.uci" || echo "delete firewall.$section"
	done
}

mape_line_check() {
	complaint="UCI did not take what was set"
	[ "$(uci -q get "network.$BAKED_INTERFACE.proto")" = map ] &&
		[ "$(uci -q get "network.$BAKED_INTERFACE.peeraddr")" = "$BAKED_BR" ] &&
		[ "$(uci -q get network.wan6.device)" = "$device" ] &&
		[ "$(uci -q get firewall.mape_br.src_ip)" = "$BAKED_BR" ] || return 1
	case " $(uci -q get "firewall.$zone.network") " in
	*" $BAKED_INTERFACE "*) complaint='' ;;
	*) return 1 ;;
	esac
}

# mape_line: write the MAP-E settings; on failure nothing is changed and `complaint` says why
mape_line() {
	local device='' known='' zone='' zone_name='' other BAKED_INTERFACE='' BAKED_BR='' BAKED_WAN_DHCPV4=''
	# shellcheck disable=SC1091
	. "$MAPE_SHARE/baked"
	mape_prepare network dhcp firewall
	mape_wan_device && mape_zone || return 1
	{
		[ -n "$(uci -q get network.wan6)" ] || printf "set network.wan6='interface'\nset network.wan6.proto='dhcpv6'\n"
		[ -n "$known" ] || echo "set network.wan6.device='$device'"
		mape_line_duid "$device"
		mape_line_wan
		mape_line_stale
		mape_line_zone
		# rules name the zone; one of another name takes them over
		sed "s/^\(set firewall\.mape_[a-z0-9_]*\.src=\)'wan'\$/\1'$zone_name'/" "$MAPE_SHARE/uci/line.uci"
	} >"$MAPE_TMP/line.uci"
	if ! mape_stage "$MAPE_TMP/line.uci" || ! mape_line_check; then
		mape_revert network dhcp firewall
		return 1
	fi
	# printed by mape_first_boot
	# shellcheck disable=SC2034
	complaint='a commit failed; is the flash full?'
	mape_commit network dhcp firewall || return 1
	for other in $(uci -q show network | sed -n "s/^network\.\([A-Za-z0-9_]*\)\.proto='map'$/\1/p"); do
		[ "$other" = "$BAKED_INTERFACE" ] || mape_log "interface $other is MAP-E, too: two on one line disturb each other"
	done
	mape_log "MAP-E settings written: wan6 on $device, $BAKED_INTERFACE, zone $zone"
}
