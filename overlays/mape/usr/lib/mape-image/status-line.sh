# shellcheck shell=dash disable=SC2034,SC2154
# Whose line this is by its prefix, and whether it is there at all. Part of /usr/sbin/mape-status.
#
# No range here is longer than 32 bits, so two groups of an address tell. The ranges of profiles/services, where sources stand.

# first group, second group from and to, kind, service
STATUS_RANGES='
240b 10 13 map-e v6plus
240b 250 253 map-e v6plus
2400 4050 4053 map-e ocn
2400 4150 4153 map-e ocn
2404 7a80 7a87 map-e biglobe
240d f f map-e nuro
240d 10 10 map-e nuro
2409 10 13 ds-lite transix
2409 250 253 ds-lite transix
2404 8e00 8e01 ds-lite transix
2001 f60 f6f ds-lite xpass
2001 f70 f77 ds-lite xpass
2405 6580 6587 ds-lite v6connect
2001 c28 c28 ds-lite v6connect
2400 2410 2410 ipip softbank
2408 0 3ff ngn-only ntt-east-ngn
2001 a000 a7ff ngn-only ntt-west-ngn
'

# status_name SERVICE: set `name` to what people call it, `gateway` to the far end of a DS-Lite tunnel
status_name() {
	gateway=''
	case "$1" in
	v6plus) name='v6 Plus' ;;
	ocn) name='OCN Virtual Connect' ;;
	biglobe) name='BIGLOBE IPv6 option' ;;
	nuro) name='NURO Hikari' ;;
	transix) name=transix gateway=gw.transix.jp ;;
	xpass) name=Xpass gateway=dgw.xpass.jp ;;
	v6connect) name='v6 connect' gateway=dslite.v6connect.net ;;
	softbank) name='SoftBank Hikari' ;;
	ntt-east-ngn) name='NTT East NGN' ;;
	ntt-west-ngn) name='NTT West NGN' ;;
	*) name=$1 ;;
	esac
}

# status_classify ADDRESS: set `line_kind` and `line_service` to what the table has; empty where it has nothing
status_classify() {
	local first second from to group kind service
	line_kind='' line_service=''
	first=${1%%:*}
	second=${1#*:}
	second=${second%%:*}
	# the second may be empty, which is 0, as in 2408::
	case "$first-${second:-0}" in
	-* | *[!0-9a-f-]* | *-*-* | ?????*-* | *-?????*) return 0 ;;
	esac
	second=$((0x${second:-0}))
	while read -r group from to kind service; do
		if [ "$group" = "$first" ] && [ "$second" -ge $((0x$from)) ] && [ "$second" -le $((0x$to)) ]; then
			line_kind=$kind line_service=$service
			return 0
		fi
	done <<STATUS_END
$STATUS_RANGES
STATUS_END
}

# status_global ADDRESS...: set `value` to the first address of the public internet's (2000::/3), empty where there is none
status_global() {
	for value in "$@"; do
		case "$value" in
		*[!0-9a-f:]*) ;;
		[23]???:*) return 0 ;;
		esac
	done
	value=''
}

# status_prefix: set `line_prefix` to the first public prefix of the line, with its length
status_prefix() {
	local prefix lengths=$wan_lengths
	line_prefix=''
	for prefix in $wan_prefixes; do
		status_global "$prefix"
		if [ -n "$value" ]; then
			line_prefix=$value/${lengths%% *}
			return 0
		fi
		lengths=${lengths#* }
	done
}

# status_switch: set `carrier` from the WAN port of a switch, which the device behind it knows nothing of
status_switch() {
	local wan_port='' wan_vlan='' reply
	[ -r "$MAPE_ROOT/etc/board.json" ] || return 0
	eval "$(jsonfilter -i "$MAPE_ROOT/etc/board.json" -e 'wan_port=@.switch.switch0.ports[@.role="wan"].num' \
		-e 'wan_vlan=@.switch.switch0.roles[@.role="wan"].device' 2>/dev/null)"
	[ "$wan_vlan" = "$wan_device" ] || return 0
	case "$wan_port" in
	'' | *[!0-9]*) return 0 ;;
	esac
	reply=$(swconfig dev switch0 port "$wan_port" get link 2>/dev/null)
	case "$reply" in
	*link:up*) carrier=1 ;;
	*link:down*) carrier=0 ;;
	esac
}

# status_silence: why a line has no IPv6: `carrier`, and whether a router announces itself there (`router_seen`)
#
# The kernel keeps the `router` mark of a neighbour whatever becomes of the announcement. @see linux net/ipv6/ndisc.c
# (ndisc_router_discovery)
status_silence() {
	status_first "/sys/class/net/$wan_device/carrier" 2>/dev/null
	carrier=$value
	status_switch
	case "$(ip -6 neigh show dev "$wan_device" 2>/dev/null) " in
	*' router '*) router_seen=1 ;;
	esac
}

# status_line: what the line gives
status_line() {
	local address
	carrier='' router_seen=''
	# lists parted by blanks
	# shellcheck disable=SC2086
	status_global $wan_addresses
	line_address=$value
	status_prefix
	address=${line_prefix%/*}
	status_classify "${address:-$line_address}"
	case "$wan_device" in
	'' | *[!A-Za-z0-9._@-]*) return 0 ;;
	esac
	if [ -n "$line_prefix$line_address" ]; then carrier=1; else status_silence; fi
}
