# shellcheck shell=dash disable=SC2034,SC2154
# Text that strangers had a hand in (a log line, a name of a forward) made harmless. Part of /usr/sbin/mape-status.

# status_clean FORM TEXT: print TEXT as the inside of a JSON string (`json`), or for a terminal, folded to columns 17 to 80
# with the first line begun (`text`)
#
# Control characters, those of Unicode too, become escapes, bytes that are no UTF-8 a replacement.
status_clean() {
	# the environment, since awk takes backslashes in assignments for escapes; LC_ALL, so that it counts bytes
	FORM=$1 TEXT=$2 LC_ALL=C awk '
		BEGIN {
			for (i = 1; i < 256; i++) code[sprintf("%c", i)] = i
			json = ENVIRON["FORM"] == "json"
			text = ENVIRON["TEXT"]
			for (at = 1; at <= length(text); at += size) {
				piece()
				if (!json && used + width > 64) fold()
				line = line shown
				used += width
			}
			printf "%s", line
		}
		# set size in bytes, width in columns, and what is shown of the character at `at`; RFC 3629 section 4
		function piece(   first, low, high, i, next_byte) {
			size = width = 1
			shown = substr(text, at, 1)
			first = code[shown]
			if (first >= 128) {
				size = first < 194 ? 1 : first < 224 ? 2 : first < 240 ? 3 : first < 245 ? 4 : 1
				low = first == 224 ? 160 : first == 240 ? 144 : 128
				high = first == 237 ? 159 : first == 244 ? 143 : 191
				for (i = 1; i < size; i++) {
					next_byte = code[substr(text, at + i, 1)] + 0
					if (next_byte < low || next_byte > high) size = 1
					low = 128
					high = 191
				}
				if (size == 1) {
					shown = json ? "\\ufffd" : "?"
					return
				}
				shown = substr(text, at, size)
				width = size > 2 ? 2 : 1
				next_byte = code[substr(text, at + 1, 1)]
				if (first == 194 && next_byte < 160) escape(next_byte)
			} else if (first < 32 || first == 127) {
				escape(first)
			} else if (json && (shown == "\"" || shown == "\\")) {
				shown = "\\" shown
			}
		}
		function escape(number) {
			shown = sprintf(json ? "\\u%04x" : "\\x%02x", number)
			width = length(shown)
		}
		# at the last blank, where there is one in the line
		function fold(   end) {
			for (end = length(line); end > 0 && substr(line, end, 1) != " "; end--);
			if (end == 0) end = length(line)
			else end--
			printf "%s\n%16s", substr(line, 1, end), ""
			line = substr(line, end + 1)
			sub(/^ /, "", line)
			used = length(line)
		}
	'
}

# status_plain TEXT: whether TEXT is of signs that mean nothing to a terminal, to printf or in JSON
status_plain() {
	case "$1" in
	*[!A-Za-z0-9\ .,:/_\(\)@\<\>=+-]*) return 1 ;;
	esac
}

# status_shown TEXT: print TEXT behind a label of 16 columns, and end the line
status_shown() {
	if status_plain "$1" && [ "${#1}" -le 64 ]; then
		printf '%s\n' "$1"
	else
		printf '%s\n' "$(status_clean text "$1")"
	fi
}

# status_quoted TEXT: set `quoted` to TEXT as a JSON string
status_quoted() {
	if status_plain "$1"; then quoted=\"$1\"; else quoted=\"$(status_clean json "$1")\"; fi
}

# status_unquote VALUE: set `value` to a value of UCI's listing without its quotes
status_unquote() {
	local rest=${1#\'} inner="'\\''"
	rest=${rest%\'}
	value=''
	while [ "${rest#*"$inner"}" != "$rest" ]; do
		value="$value${rest%%"$inner"*}'"
		rest=${rest#*"$inner"}
	done
	value=$value$rest
}

# status_in_set PORTS: whether a port or range lies in the port set; without a set every port does
status_in_set() {
	local range first=${1%%[-:]*} last=${1##*[-:]}
	[ -n "$ports" ] || return 0
	for range in $ports; do
		[ "$first" -ge "${range%-*}" ] 2>/dev/null && [ "$last" -le "${range#*-}" ] 2>/dev/null && return 0
	done
	return 1
}

# status_each_forward COMMAND: run COMMAND for every forward of the firewall, with the variables of status_forward
status_each_forward() {
	local line value open='' name='' tcp='' udp='' port='' host='' host_port='' in_set
	while IFS= read -r line; do
		status_unquote "${line#*=}"
		case "${line%%=*}" in
		firewall.*.name) name=$value ;;
		firewall.*.proto) status_protocols "$value" ;;
		firewall.*.src_dport) port=$value ;;
		firewall.*.dest_ip) host=$value ;;
		firewall.*.dest_port) host_port=$value ;;
		firewall.*.target) [ "$value" = DNAT ] || open='' ;;
		firewall.*.enabled) [ "$value" != 0 ] || open='' ;;
		firewall.*.*) ;;
		firewall.*)
			status_forward "$1"
			open='' name='' tcp=1 udp=1 port='' host='' host_port=''
			[ "$value" != redirect ] || open=1
			;;
		esac
	done <<STATUS_END
$(uci -q show firewall)
STATUS_END
	status_forward "$1"
}

# status_protocols LIST: set `tcp` and `udp`; what names neither is both, as fw4 has it
status_protocols() {
	tcp='' udp=''
	case "$1" in *tcp*) tcp=1 ;; esac
	case "$1" in *udp*) udp=1 ;; esac
	[ -n "$tcp$udp" ] || tcp=1 udp=1
}

# status_forward COMMAND: run COMMAND where the section just read is a forward
status_forward() {
	[ -n "$open" ] && [ -n "$port" ] || return 0
	in_set=''
	status_in_set "$port" && in_set=1
	"$1"
}
