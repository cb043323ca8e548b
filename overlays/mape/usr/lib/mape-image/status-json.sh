# shellcheck shell=dash disable=SC2034,SC2154
# The answer as one JSON document, as profiles/schema/mape-status.schema.json has it. Part of /usr/sbin/mape-status.

json_key() {
	[ -z "$comma" ] || printf ,
	printf '\n%s' "$indent"
	[ -z "$1" ] || printf '"%s": ' "$1"
	comma=1
}

# json_open KEY BRACKET, json_close BRACKET
json_open() {
	json_key "$1"
	printf %s "$2"
	indent="$indent  " comma=''
}

json_close() {
	indent=${indent#  }
	[ -z "$comma" ] || printf '\n%s' "$indent"
	printf %s "$1"
	comma=1
}

# json_text KEY TEXT: a string; null where it is empty
json_text() {
	local quoted=null
	[ -z "$2" ] || status_quoted "$2"
	json_key "$1"
	printf %s "$quoted"
}

# json_number KEY DIGITS: null where it is anything else
json_number() {
	json_key "$1"
	case "$2" in
	# JSON has no zeros in front
	'' | *[!0-9]* | 0?*) printf null ;;
	*) printf %s "$2" ;;
	esac
}

# json_bool KEY 1|0|: false where it is empty
json_bool() {
	json_key "$1"
	case "$2" in
	1) printf true ;;
	*) printf false ;;
	esac
}

# json_maybe KEY 1|0|: null where it is empty
json_maybe() {
	if [ -n "$2" ]; then json_bool "$1" "$2"; else json_text "$1" ''; fi
}

# json_words KEY WORDS: an array of strings
json_words() {
	local word
	json_open "$1" '['
	for word in $2; do json_text '' "$word"; done
	json_close ']'
}

# json_pair KEY BAKED LIVE
json_pair() {
	json_open "$1" '{'
	json_text baked "$2"
	json_text live "$3"
	json_close '}'
}

json_verdict() {
	local text='' part
	status_level "$2"
	status_sentence "$2"
	for part in "$line1" "$line2" "$line3"; do
		case "$text" in
		# Japanese has no blank between the parts of a sentence
		'' | *、 | *。) text=$text$part ;;
		*) text="$text${part:+ $part}" ;;
		esac
	done
	json_open "$1" '{'
	json_text code "$2"
	json_text level "$level"
	json_text text "$text"
	json_close '}'
}

json_forward() {
	json_open '' '{'
	json_text name "$name"
	json_words proto "${tcp:+tcp}${udp:+ udp}"
	json_text port "$port"
	json_text host "$host"
	json_text hostPort "${host_port:-$port}"
	json_bool inSet "$in_set"
	json_close '}'
}

json_line() {
	json_open line '{'
	json_text interface "$tunlink"
	json_text state "$wan_state"
	json_text device "$wan_device"
	json_maybe link "$carrier"
	json_text address "$line_address"
	json_text prefix "$line_prefix"
	json_text kind "$line_kind"
	json_text service "$line_service"
	json_close '}'
}

json_ports() {
	json_open ports '{'
	json_words set "$ports"
	json_number count "$port_count"
	json_words kept "$BAKED_KEPT"
	json_number pool "$pool_count"
	if [ -n "$used_tcp" ]; then
		json_open inUse '{'
		json_number tcp "$used_tcp"
		json_number udp "$used_udp"
		json_number icmp "$used_icmp"
		json_close '}'
	else
		json_text inUse ''
	fi
	json_close '}'
	json_open forwards '['
	status_each_forward json_forward
	json_close ']'
}

json_tunnel() {
	json_open tunnel '{'
	json_text interface "$MAPE_INTERFACE"
	json_text state "$map_state"
	json_number uptimeSec "$map_uptime"
	json_number rxPackets "$rx_packets"
	json_number rxBytes "$rx_bytes"
	json_number txPackets "$tx_packets"
	json_number txBytes "$tx_bytes"
	json_close '}'
}

json_nat() {
	local leak
	json_open nat '{'
	json_bool loaded "$nat_loaded"
	json_bool firewall "$firewall_running"
	if [ -n "$leaks" ]; then
		json_open leaks '{'
		for leak in $leaks; do json_number "${leak%%=*}" "${leak#*=}"; done
		json_close '}'
	else
		json_text leaks ''
	fi
	json_close '}'
}

json_error() {
	if [ -z "$error_code$error_text" ]; then
		json_text lastError ''
		return 0
	fi
	json_open lastError '{'
	json_text code "$error_code"
	json_text text "$error_text"
	json_close '}'
}

status_json() {
	local indent='' comma='' name gateway code line level line1 line2 line3
	status_name "$BAKED_SERVICE"
	printf '{'
	indent='  '
	json_number format 1
	json_text notice "$say_private"
	json_verdict verdict "${codes%% *}"
	json_open others '['
	case "$codes" in
	*' '*) for code in ${codes#* }; do json_verdict '' "$code"; done ;;
	esac
	json_close ']'
	json_open service '{'
	json_text id "$BAKED_SERVICE"
	json_text name "$name"
	json_text confidence "$BAKED_CONFIDENCE"
	json_close '}'
	json_open rule '{'
	json_text ipv6Prefix "$BAKED_RULE_IPV6"
	json_text ipv4Prefix "$BAKED_RULE_IPV4"
	json_close '}'
	json_pair prefix "$BAKED_PREFIX" "${live_prefix:-$line_prefix}"
	json_pair ceAddress "$BAKED_CE" "$live_ce"
	json_maybe ceOnLink "$ce_on_link"
	json_pair br "$BAKED_BR" "$live_br"
	json_pair ipv4Address "$BAKED_IPV4" "$live_ipv4"
	json_ports
	json_line
	json_tunnel
	json_nat
	json_error
	json_open firstBoot '{'
	json_text plan "$plan"
	json_bool applied "$applied"
	json_number tries "$tries"
	json_text lastLog "$boot_log"
	json_close '}'
	json_open image '{'
	json_text program "$BAKED_PROGRAM"
	json_text series "$BAKED_SERIES"
	json_close '}'
	printf '\n}\n'
}
