# shellcheck shell=dash disable=SC2034,SC2154
# What nft and the table of connections hold, as variables. Part of /usr/sbin/mape-status.
#
# Facts: linux net/netfilter/nf_conntrack_standalone.c (ct_seq_show).

# status_ranges WORDS: set `value` to those of WORDS that are ranges of ports; of a rule that lacks figures mapcalc makes
# others
status_ranges() {
	local range
	value=''
	for range in $1; do
		case "$range" in
		*[!0-9-]* | *-*-* | ??????*-* | *-??????* | -* | *-) continue ;;
		*-*) [ "${range#*-}" -le 65535 ] && value="$value${value:+ }$range" ;;
		esac
	done
}

# status_nft: which tables stand, and what the guard stopped
status_nft() {
	local tables line name=''
	nat_loaded='' firewall_running='' leaks=''
	tables="$(nft list tables 2>/dev/null)
"
	case "$tables" in
	*'table inet fw4
'*) firewall_running=1 ;;
	esac
	case "$tables" in
	*'table ip mape_guard
'*) ;;
	*) return 0 ;;
	esac
	case "$tables" in
	*'table ip mape_image
'*) nat_loaded=1 ;;
	esac
	while read -r line; do
		case "$line" in
		'counter leak_'*)
			name=${line#counter leak_}
			name=${name%% *}
			;;
		'packets '*)
			line=${line#packets }
			line=${line%% *}
			case "$name-$line" in
			*[!a-z]*-* | *-*[!0-9]*) ;;
			*) leaks="$leaks${leaks:+ }$name=$line" ;;
			esac
			;;
		esac
	done <<STATUS_END
$(nft list counters table ip mape_guard 2>/dev/null)
STATUS_END
}

# status_ports: the pool, its size, and how many of its ports connections hold, each counted once a protocol
status_ports() {
	local pool='' range counted
	ports=${live_ports:-$BAKED_PORTSETS} port_count=0 pool_count=0 used_tcp='' used_udp='' used_icmp=''
	[ -z "$live_ipv4" ] || ports=$live_ports
	if [ -z "$ports" ]; then
		port_count=$BAKED_PORT_COUNT pool_count=''
		return 0
	fi
	mape_nat_pool "$ports" "$BAKED_KEPT"
	for range in $ports; do port_count=$((port_count + ${range#*-} - ${range%-*} + 1)); done
	for range in $pool; do pool_count=$((pool_count + ${range#*-} - ${range%-*} + 1)); done
	if [ -z "$live_ipv4" ] || [ "$pool_count" = 0 ] || [ ! -r "$MAPE_ROOT/proc/net/nf_conntrack" ]; then return 0; fi
	# Where we translate, the last tuple of a line, that of the answers, goes to our address; its port is the outside one.
	counted=$(POOL="$pool" ADDRESS="dst=$live_ipv4" awk '
		BEGIN {
			address = ENVIRON["ADDRESS"]
			n = split(ENVIRON["POOL"], ranges, " ")
			for (i = 1; i <= n; i++) {
				last = split(ranges[i], ends, "-")
				for (port = ends[1] + 0; port <= ends[last] + 0; port++) ours[port] = 1
			}
			count["tcp"] = count["udp"] = count["icmp"] = 0
		}
		index($0, address " ") && ($3 in count) {
			port = ""
			for (i = NF; i > 3; i--) {
				if (port == "" && (index($i, "dport=") == 1 || index($i, "id=") == 1))
					port = substr($i, index($i, "=") + 1) + 0
				if (index($i, "dst=") == 1) {
					if ($i == address && (port in ours) && !(($3, port) in seen)) {
						seen[$3, port] = 1
						count[$3]++
					}
					break
				}
			}
		}
		END { print count["tcp"], count["udp"], count["icmp"] }
	' "$MAPE_ROOT/proc/net/nf_conntrack" 2>/dev/null)
	used_tcp=${counted%% *}
	used_icmp=${counted##* }
	used_udp=${counted#* }
	used_udp=${used_udp% *}
}
