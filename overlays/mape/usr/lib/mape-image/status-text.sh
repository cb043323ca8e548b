# shellcheck shell=dash disable=SC2034,SC2154
# The answer for people, 80 columns wide, the verdict last. Part of /usr/sbin/mape-status.

# text_row LABEL VALUE
text_row() {
	printf %s "$1"
	status_shown "$2"
}

# text_scale NUMBER UNIT...: set `scaled` to at most four digits and a unit, each 1000 of the one before; no arithmetic,
# since byte counters outgrow that of a 32-bit shell
text_scale() {
	scaled=${1:-0}
	shift
	while [ "${#scaled}" -gt 4 ] && [ $# -gt 1 ]; do
		scaled=${scaled%???}
		shift
	done
	scaled="$scaled $1"
}

# text_pair LABEL BAKED LIVE NOTE: what the image has, and below it what the line has where that is something else
text_pair() {
	if [ -z "$3" ]; then
		text_row "$1" "$2 ($say_image)"
	elif [ "${2%/*}" = "${3%/*}" ] && [ "$2" != "$3" ]; then
		text_row "$1" "$2 ($say_line: /${3##*/})"
	elif [ "$2" = "$3" ]; then
		text_row "$1" "$2${4:+ ($4)}"
	else
		text_row "$1" "$2 ($say_image)"
		text_row '                ' "$3 ($say_line${4:+, $4})"
	fi
}

text_tunnel() {
	local state=$say_not_up
	case "$map_state" in
	up) state="$say_up $((${map_uptime:-0} / 3600)) $say_hours $((${map_uptime:-0} / 60 % 60)) $say_minutes" ;;
	off) state=$say_off ;;
	esac
	text_row "$label_tunnel" "$state"
	text_traffic "$label_rx" "$rx_packets" "$rx_bytes"
	text_traffic "$label_tx" "$tx_packets" "$tx_bytes"
}

text_traffic() {
	local scaled
	text_scale "$3" B kB MB GB TB
	[ -z "$2" ] || text_row "$1" "$2 $say_packets, $scaled"
}

# text_ranges LABEL RANGES: five in a row
text_ranges() {
	local range row='' label=$1
	for range in $2; do
		row="$row${row:+ }$range"
		case "$row" in
		*' '*' '*' '*' '*)
			text_row "$label" "$row"
			label='                ' row=''
			;;
		esac
	done
	[ -z "$row" ] || text_row "$label" "$row"
}

text_forward() {
	local protocols="${tcp:+tcp}${udp:+${tcp:++}udp}" mark=''
	[ -n "$in_set" ] || mark=" [$say_outside]"
	text_row "$forward_label" "$protocols $port -> $host:${host_port:-$port} $name$mark"
	forward_label='                '
}

text_ports() {
	local forward_label=$label_forwards
	if [ -z "$ports" ]; then
		text_row "$label_ports" "$say_whole"
	else
		text_row "$label_ports" "$port_count"
		[ -z "$used_tcp" ] ||
			text_row "$label_used" "TCP $used_tcp, UDP $used_udp, ICMP $used_icmp / $pool_count"
		text_ranges "$label_set" "$ports"
	fi
	[ -z "$BAKED_KEPT" ] || text_ranges "$label_kept" "$BAKED_KEPT"
	status_each_forward text_forward
}

text_leaks() {
	local leak text=''
	for leak in $leaks; do
		[ "${leak#*=}" = 0 ] || text="$text${text:+, }${leak%%=*} ${leak#*=}"
	done
	[ -z "$leaks" ] || text_row "$label_leaks" "${text:-0}"
}

text_boot() {
	local state=$say_applied log=$boot_log
	[ -n "$applied" ] || state="$say_not_applied${tries:+ ($tries/3)}"
	text_row "$label_boot" "$state, $BAKED_PROGRAM (OpenWrt $BAKED_SERIES)"
	# eight digits of a plan are enough, as in the names of images
	case "$log" in *"${plan:-?}"*) log="${log%%"$plan"*}${plan%"${plan#????????}"}${log#*"$plan"}" ;; esac
	[ -z "$log" ] || text_row "$label_log" "$log"
	[ -z "$error_code$error_text" ] || text_row "$label_error" "$error_code${error_text:+: $error_text}"
}

# text_verdict LABEL CODE
text_verdict() {
	local part
	status_level "$2"
	case "$level" in
	ok) part=$say_ok ;;
	warning) part=$say_warning ;;
	*) part=$say_down ;;
	esac
	printf '%s%s (%s)\n' "$1" "$part" "$2"
	status_sentence "$2"
	for part in "$line1" "$line2" "$line3"; do
		[ -z "$part" ] || printf '  %s\n' "$part"
	done
}

status_text() {
	local name gateway note='' code level line1 line2 line3
	status_name "$BAKED_SERVICE"
	[ "$BAKED_SERVICE" != user ] || name=$say_own_rule
	[ "$BAKED_CONFIDENCE" != predicted ] || note=" ($say_predicted)"
	text_row "$label_service" "$name$note"
	text_row "$label_rule" "$BAKED_RULE_IPV6 -> $BAKED_RULE_IPV4"
	text_pair "$label_prefix" "$BAKED_PREFIX" "${live_prefix:-$line_prefix}"
	note=''
	case "$ce_on_link" in
	1) note=$say_on_link ;;
	0) note=$say_off_link ;;
	esac
	text_pair "$label_ce" "$BAKED_CE" "$live_ce" "$note"
	text_pair "$label_br" "$BAKED_BR" "$live_br"
	text_pair "$label_ipv4" "$BAKED_IPV4" "$live_ipv4"
	text_ports
	text_tunnel
	text_leaks
	text_boot
	printf '\n%s\n\n' "$say_private"
	text_verdict "$label_verdict" "${codes%% *}"
	case "$codes" in
	*' '*) for code in ${codes#* }; do text_verdict "$label_also" "$code"; done ;;
	esac
}
