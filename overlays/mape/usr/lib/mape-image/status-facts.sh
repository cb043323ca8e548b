# shellcheck shell=dash disable=SC2034,SC2154
# What is known of the router now, as variables, for mape-status. Part of /usr/sbin/mape-status.
#
# An empty variable: not known, or not there. Facts: openwrt/netifd ubus.c (network.interface status), jsonfilter main.c
# (`-e NAME=PATH` prints assignments quoted for a shell); linux net/ipv6/addrconf.c (if6_seq_show),
# include/uapi/linux/if_addr.h.

# status_value TEXT KEY: set `value` to what TEXT has on its line KEY=…, without quotes around it
status_value() {
	value=${1#*"
$2="}
	[ "$value" != "$1" ] || value=''
	value=${value%%"
"*}
	value=${value#\'}
	value=${value%\'}
}

# status_first FILE: set `value` to the first line of a file
status_first() {
	value=''
	[ ! -r "$MAPE_ROOT$1" ] || IFS= read -r value <"$MAPE_ROOT$1"
}

# status_ask INTERFACE JSONFILTER_OPTION...: set variables from netifd; fails where it does not know the interface
status_ask() {
	local reply
	reply=$(ubus call "network.interface.$1" status 2>/dev/null)
	[ -n "$reply" ] || return 1
	shift
	eval "$(jsonfilter -s "$reply" "$@" 2>/dev/null)"
}

# status_hex ADDRESS: set `hex` to an IPv6 address as 32 digits, as /proc/net/if_inet6 has it; empty where it is none
status_hex() {
	local IFS=: head=${1%%::*} tail='' group count=0
	hex=''
	case "$1" in
	'' | *[!0-9a-f:]* | *::*::*) return 0 ;;
	*::*) tail=${1#*::} ;;
	esac
	for group in $head $tail; do count=$((count + 1)); done
	for group in $head; do
		group=000$group
		hex=$hex${group#"${group%????}"}
	done
	if [ "$head" != "$1" ]; then
		while [ "$count" -lt 8 ]; do
			hex=${hex}0000
			count=$((count + 1))
		done
	fi
	for group in $tail; do
		group=000$group
		hex=$hex${group#"${group%????}"}
	done
	[ "${#hex}" -eq 32 ] || hex=''
}

# status_uci: what the configuration asks for
status_uci() {
	local network
	network="
$(uci -q show network)"
	status_value "$network" "network.$MAPE_INTERFACE.proto"
	map_proto=$value
	status_value "$network" "network.$MAPE_INTERFACE.disabled"
	map_disabled=$value
	status_value "$network" "network.$MAPE_INTERFACE.tunlink"
	case "$value" in
	'' | *[!A-Za-z0-9_]*) tunlink=wan6 ;;
	*) tunlink=$value ;;
	esac
	status_value "$network" "network.$tunlink.disabled"
	wan_disabled=$value
	status_value "$network" "network.$tunlink.clientid"
	wan_duid=$value
	status_value "$network" "network.$tunlink.device"
	wan_device=$value
}

# status_netifd: both interfaces as netifd has them
status_netifd() {
	local map_up='' map_autostart='' wan_up='' wan_autostart='' wan_l3='' wan_main=''
	map_known='' wan_known='' map_state=down wan_state=down map_uptime=''
	wan_addresses='' wan_prefixes='' wan_lengths='' error_text=''
	status_ask "$MAPE_INTERFACE" -e 'map_up=@.up' -e 'map_autostart=@.autostart' -e 'map_uptime=@.uptime' \
		-e 'error_text=@.errors[0].data[0]' && map_known=1
	status_ask "$tunlink" -e 'wan_up=@.up' -e 'wan_autostart=@.autostart' -e 'wan_l3=@.l3_device' \
		-e 'wan_main=@.device' \
		-e 'wan_addresses=@["ipv6-address"][*].address' -e 'wan_prefixes=@["ipv6-prefix"][*].address' \
		-e 'wan_lengths=@["ipv6-prefix"][*].mask' && wan_known=1
	[ "$map_autostart" != 0 ] || map_state=off
	[ "$map_up" != 1 ] || map_state=up
	[ "$wan_autostart" != 0 ] || wan_state=off
	[ "$wan_up" != 1 ] || wan_state=up
	wan_device=${wan_l3:-${wan_main:-$wan_device}}
}

# status_tunnel: what map.sh left of the rule in force or of its last failure, and the counters of the device
status_tunnel() {
	local rules='' line bmr name
	if [ "$map_state" = up ] && [ -r "$MAPE_ROOT/tmp/map-$MAPE_INTERFACE.rules" ]; then
		while IFS= read -r line; do
			rules="$rules
$line"
		done <"$MAPE_ROOT/tmp/map-$MAPE_INTERFACE.rules"
	fi
	status_value "$rules" RULE_BMR
	bmr=RULE_$value
	status_value "$rules" "${bmr}_IPV4ADDR"
	live_ipv4=$value
	status_value "$rules" "${bmr}_IPV6ADDR"
	live_ce=$value
	status_value "$rules" "${bmr}_BR"
	live_br=$value
	status_value "$rules" "${bmr}_PORTSETS"
	status_ranges "$value"
	live_ports=$value
	status_value "$rules" "${bmr}_PD6LEN"
	live_prefix=${value:+/$value}
	status_value "$rules" "${bmr}_IPV6PD"
	live_prefix=${value:+$value$live_prefix}
	status_first "/tmp/map-$MAPE_INTERFACE.error"
	error_code=$value
	[ "$map_state" != up ] || error_code='' error_text=''

	status_first "/sys/class/net/map-$MAPE_INTERFACE/flags"
	case "$value" in
	# IFF_UP, linux include/uapi/linux/if.h
	0x*[13579bBdDfF]) device_up=1 ;;
	*) device_up='' ;;
	esac
	for name in rx_packets rx_bytes tx_packets tx_bytes; do
		status_first "/sys/class/net/map-$MAPE_INTERFACE/statistics/$name"
		case "$value" in
		*[!0-9]*) value='' ;;
		esac
		# one of the four names above
		eval "$name=\$value"
	done
}

# status_ce: whether the tunnel's own address stands on the link and may be used
status_ce() {
	local hex address index plen scope flags device
	ce_on_link=''
	[ -r "$MAPE_ROOT/proc/net/if_inet6" ] || return 0
	status_hex "${live_ce:-$BAKED_CE}"
	[ -n "$hex" ] || return 0
	ce_on_link=0
	while read -r address index plen scope flags device; do
		[ "$address" = "$hex" ] || continue
		case "$flags" in
		# IFA_F_TENTATIVE 0x40, IFA_F_DADFAILED 0x08
		*[4567cdefCDEF]? | *[89abcdefABCDEF]) ;;
		*) ce_on_link=1 ;;
		esac
	done <"$MAPE_ROOT/proc/net/if_inet6"
}

# status_boot: what the first boot wrote of its work
status_boot() {
	status_first /usr/share/mape-image/plan-id
	plan=$value
	status_first /etc/mape-image/applied
	applied=''
	[ -z "$plan" ] || [ "$plan" != "$value" ] || applied=1
	tries=''
	status_first /etc/mape-image/tries
	case "$value" in
	"$plan "*[!0-9]* | "$plan ") ;;
	"$plan "*) tries=${value#* } ;;
	esac
	boot_log=''
	[ ! -r "$MAPE_ROOT/etc/mape-image/first-boot.log" ] ||
		boot_log=$(tail -n 1 "$MAPE_ROOT/etc/mape-image/first-boot.log")
	status_first /proc/uptime
	boot_seconds=${value%%.*}
}

# status_gather: everything but what only a line without IPv6 is asked for
status_gather() {
	# shellcheck disable=SC1091
	. "$MAPE_ROOT/usr/share/mape-image/baked"
	MAPE_INTERFACE=$BAKED_INTERFACE
	status_boot
	status_uci
	status_netifd
	status_tunnel
	status_ce
	status_nft
	status_ports
	status_line
}
