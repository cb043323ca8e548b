# shellcheck shell=dash disable=SC2034,SC2154
# Which states hold, the gravest first. Part of /usr/sbin/mape-status.

# Seconds after the start in which a line that is not there yet is no fault, and in which an answer may be under way.
STATUS_BOOT_SECONDS=120
STATUS_ANSWER_SECONDS=10
# Share of the pool in use, in percent, from which new connections may fail.
STATUS_FULL_PERCENT=95

# status_level CODE: set `level`: ok, warning (IPv4 works, as far as the router can tell) or down (it does not)
status_level() {
	case "$1" in
	OK) level=ok ;;
	FIREWALL_STOPPED | IDLE | PORTS_EXHAUSTED | PREFIX_CHANGED | FIRST_BOOT_INCOMPLETE) level=warning ;;
	*) level=down ;;
	esac
}

# status_subject INTERFACE CODE: CODE, said of that interface
status_subject() {
	subject=$1
	codes="$codes $2"
}

# status_judge: set `codes`, and `subject` where they speak of an interface
status_judge() {
	codes='' subject='' full=''
	if [ "$map_proto" != map ]; then
		if [ -z "$applied" ]; then
			codes=FIRST_BOOT_FAILED
		else
			status_subject "$MAPE_INTERFACE" INTERFACE_MISSING
		fi
	elif [ "$map_disabled" = 1 ] || [ "$map_state" = off ]; then
		status_subject "$MAPE_INTERFACE" INTERFACE_DISABLED
	elif [ -z "$map_known" ]; then
		status_subject "$MAPE_INTERFACE" INTERFACE_MISSING
	elif [ "$map_state" = up ]; then
		status_judge_tunnel
	else
		status_judge_line
	fi
	if [ -z "$applied" ] && [ "$map_proto" = map ]; then codes="$codes FIRST_BOOT_INCOMPLETE"; fi
	codes=${codes# }
	codes=${codes:-OK}
}

# status_judge_tunnel: an interface that is up
status_judge_tunnel() {
	local used idle=''
	if [ -z "$nat_loaded" ]; then
		codes=NAT_MISSING
	elif [ -z "$device_up" ]; then
		codes=TUNNEL_DOWN
	elif [ "$ce_on_link" = 0 ]; then
		codes=CE_MISSING
	elif [ "$rx_packets" = 0 ]; then
		if [ "$live_ipv4 $live_ports" = "$BAKED_IPV4 $BAKED_PORTSETS" ] && [ "$live_ce" != "$BAKED_CE" ]; then
			codes=PREFIX_IS_PART
		elif [ "$tx_packets" = 0 ] || [ "${map_uptime:-0}" -lt "$STATUS_ANSWER_SECONDS" ]; then
			idle=1
		else
			codes=NO_REPLY
		fi
	fi
	[ -n "$firewall_running" ] || codes="$codes FIREWALL_STOPPED"
	# nothing is counted where there is no pool
	for used in "TCP $used_tcp" "UDP $used_udp" "ICMP $used_icmp"; do
		[ -n "${used#* }" ] || continue
		[ $((${used#* } * 100)) -lt $((pool_count * STATUS_FULL_PERCENT)) ] || full="$full${full:+, }$used"
	done
	[ -z "$full" ] || codes="$codes PORTS_EXHAUSTED"
	[ -z "$live_ipv4" ] || [ "$live_ipv4 $live_ports" = "$BAKED_IPV4 $BAKED_PORTSETS" ] || codes="$codes PREFIX_CHANGED"
	[ -z "$idle" ] || codes="$codes IDLE"
}

# status_judge_line: an interface that wants to be up and is not
status_judge_line() {
	local starting=''
	[ "${boot_seconds:-999}" -ge "$STATUS_BOOT_SECONDS" ] || starting=1
	if [ -z "$wan_known" ] && [ "$wan_disabled" != 1 ]; then
		status_subject "$tunlink" INTERFACE_MISSING
	elif [ "$wan_disabled" = 1 ] || [ "$wan_state" = off ]; then
		status_subject "$tunlink" INTERFACE_DISABLED
	elif [ -z "$line_prefix$line_address" ]; then
		if [ "$carrier" = 0 ]; then
			codes=NO_CABLE
		elif [ -n "$starting" ]; then
			codes=BOOTING
		elif [ -n "$router_seen" ]; then
			codes=DHCPV6_SILENT
		else
			codes=NO_IPV6
		fi
	elif [ "$line_kind" = ngn-only ]; then
		codes=NGN_ONLY
	elif [ -n "$line_kind" ] && [ "$line_service" != "$BAKED_SERVICE" ] &&
		{ [ "$line_kind" != map-e ] || [ "$BAKED_SERVICE" != user ]; }; then
		codes=OTHER_SERVICE
	else
		status_judge_rule
	fi
}

# status_judge_rule: a line that is there, of the service the image is for, as far as its prefix tells
status_judge_rule() {
	case "$error_code" in
	NO_MATCHING_PD | INVALID_MAP_RULE | UNSUPPORTED_TYPE | PREFIX_TOO_SHORT) codes=$error_code ;;
	NAT_FAILED) codes=NAT_MISSING ;;
	*)
		if [ -z "$line_prefix" ] && [ -z "$starting" ]; then
			codes=PREFIX_NOT_DELEGATED
		else
			codes=BOOTING
		fi
		;;
	esac
}
