# shellcheck shell=dash
# NAT over a MAP-E port set, for `.` in ash. No program is started but nft, mkdir, mv and rm; no loop forks.
#
# Two tables, which the image holds for the planned prefix and mape_nat_text writes for any other. What translates:
#
#   range_N     one range of the set; the kernel finds the free port in it. A SNAT rule whose range is used up drops the
#               packet and never falls through to a next rule, so connections are spread over the ranges beforehand.
#   turns       a new connection takes the next range in turn, each as often as its size asks.
#   spread      turn_0 to turn_31 count these turns for destinations apart, by hash of address and port: one count for all
#               would hand a destination that comes up every third time every third range, and use up those.
#   freed_N     destinations (address, TCP port) towards which a connection of range N has just ended: `ended` sees the FIN
#               or RST go out, and the next connection there takes its place (`again`, `reuse_N`). Turns alone leave
#               ranges uneven where connections live unequally long. `freed` holds all of them, so that one look is
#               enough for any other destination.
#   known_N     inside endpoints (address, UDP port) that range N serves: a UDP socket keeps one outside port whatever it
#               talks to (`keep`), since the kernel maps an endpoint to the same port again within one range. 30 minutes,
#               because NAT chains see only the first packet of a flow. UDP to ports below 1024 (DNS, NTP, QUIC) needs no
#               such thing, which spares ports. `known` holds all of them.
#   tried       UDP flows of the last 30 s. Connection tracking holds a flow for longer, so one that comes here a second
#               time was dropped in a full range: endpoints that are known come to their range out of turn, and it then
#               has one flow more than its share. That flow takes turns; its endpoint stays with the range that knows it.
#   translate   priority 99, one before fw4's srcnat: the first chain that maps a connection wins.
#
# And what guards, apart, so that it stands where somebody deletes the first:
#
#   check       after all NAT, at priority 200: whatever would leave with another source, port or echo id, or over a
#               protocol that has none, is dropped and counted. Ports kept for servers are outside the pool, inside
#               `ports`. By name, so that it holds before the device exists, for every map-* device; `tended` holds those
#               that have tables of their own.
#
# Measured: docs/nat.md. Facts: openwrt/firewall4 root/sbin/fw4 (reload flushes only inet fw4, flush deletes every table);
# linux net/netfilter/nf_nat_core.c (get_unique_tuple, find_appropriate_src, nf_nat_used_tuple_harder).

MAPE_ROOT=${IPKG_INSTROOT-}
MAPE_NFT=$MAPE_ROOT/usr/share/nftables.d/ruleset-post/50-mape-image.nft
MAPE_RUN=$MAPE_ROOT/var/run/mape-image
MAPE_INTERFACE=wan6mape
MAPE_COUNTERS=32

# mape_nat_add FIRST LAST: add a range to `pool`, a single port as such: nft 1.0.2 takes no range of one
mape_nat_add() {
	pool="$pool${pool:+ }$1"
	[ "$1" -eq "$2" ] || pool=$pool-$2
}

# mape_nat_pool PORTSETS KEPT: set `pool` to the ranges of PORTSETS less KEPT, all of them words `A-B` or `A`
mape_nat_pool() {
	local range first last start taken
	pool=
	for range in $1; do
		last=${range#*-}
		start=${range%-*}
		# KEPT ascends and nothing in it overlaps
		for taken in $2; do
			first=${taken%-*}
			taken=${taken#*-}
			[ "$taken" -lt "$start" ] || [ "$first" -gt "$last" ] && continue
			[ "$first" -gt "$start" ] && mape_nat_add "$start" $((first - 1))
			start=$((taken + 1))
		done
		[ "$start" -le "$last" ] && mape_nat_add "$start" "$last"
	done
}

# mape_nat_slots POOL: set `slots` to the order in which the ranges take connections, `count` to how many turns it has
mape_nat_slots() {
	local range size largest=0 equal=1 rounds round=0 index turns
	slots=''
	count=0
	for range in $1; do
		size=$((${range#*-} - ${range%-*} + 1))
		[ "$largest" -ne 0 ] && [ "$size" -ne "$largest" ] && equal=0
		[ "$size" -gt "$largest" ] && largest=$size
	done
	rounds=$largest
	[ "$rounds" -gt 16 ] && rounds=16
	[ "$equal" = 1 ] && rounds=1 largest=1
	while [ "$round" -lt "$rounds" ]; do
		index=0
		for range in $1; do
			size=$((${range#*-} - ${range%-*} + 1))
			turns=$(((size * rounds + largest - 1) / largest))
			if [ "$equal" = 1 ] || [ $(((round + 1) * turns / rounds)) -gt $((round * turns / rounds)) ]; then
				slots="$slots $index"
				count=$((count + 1))
			fi
			index=$((index + 1))
		done
		round=$((round + 1))
	done
	slots=${slots# }
}

# mape_nat_memory NAME SIZE TIMEOUT [TYPE]: a set that forgets, of address and port where no TYPE is given
mape_nat_memory() {
	printf '\tset %s {\n\t\ttype %s\n\t\tsize %s\n' "$1" "${4:-ipv4_addr . inet_service}" "$2"
	printf '\t\tflags dynamic,timeout\n\t\ttimeout %s\n\t}\n' "$3"
}

# mape_nat_range INDEX ADDRESS RANGE: memory and chains of one range
mape_nat_range() {
	local proto flow='ip saddr . udp sport . ip daddr . udp dport' endpoint='ip saddr . udp sport'
	mape_nat_memory "freed_$1" 128 2m
	mape_nat_memory "known_$1" 256 30m
	printf '\tchain range_%s {\n\t\tudp dport >= 1024 %s != @tried' "$1" "$flow"
	printf ' update @known_%s { %s } update @known { %s }\n' "$1" "$endpoint" "$endpoint"
	printf '\t\tudp dport >= 1024 update @tried { %s }\n' "$flow"
	for proto in tcp udp icmp; do
		printf '\t\tmeta l4proto %s snat ip to %s:%s\n' $proto "$2" "$3"
	done
	printf '\t}\n\tchain reuse_%s {\n\t\tdelete @freed_%s { ip daddr . tcp dport }\n' "$1" "$1"
	printf '\t\tgoto range_%s\n\t}\n\tchain ended_%s {\n' "$1" "$1"
	printf '\t\tupdate @freed_%s { ip daddr . tcp dport }\n' "$1"
	printf '\t\tupdate @freed { ip daddr . tcp dport }\n\t}\n'
}

# mape_nat_spread COUNT: the chains that count turns of COUNT for destinations apart
mape_nat_spread() {
	local counter=0 text=''
	while [ "$counter" -lt "$MAPE_COUNTERS" ]; do
		printf '\tchain turn_%s {\n\t\tnumgen inc mod %s vmap @turns\n\t}\n' $counter "$1"
		text="$text${text:+, }$counter : goto turn_$counter"
		counter=$((counter + 1))
	done
	printf '\tchain spread {\n\t\tjhash ip daddr . th dport mod %s vmap { %s }\n\t}\n' "$MAPE_COUNTERS" "$text"
}

# mape_nat_shared DEVICE ADDRESS POOL: sets and chains that translate into an address that is shared
mape_nat_shared() {
	local device=$1 address=$2 pool=$3 range index=0 slot elements='' again='' keep='' ended='' slots count
	[ -n "$pool" ] || return 0
	mape_nat_slots "$pool"
	for slot in $slots; do
		elements="$elements${elements:+, }$index : goto range_$slot"
		index=$((index + 1))
	done
	printf '\tmap turns {\n\t\ttypeof numgen inc mod %s : verdict\n\t\telements = { %s }\n\t}\n' "$count" "$elements"
	mape_nat_memory freed 4096 2m
	mape_nat_memory known 4096 30m
	mape_nat_memory tried 4096 30s 'ipv4_addr . inet_service . ipv4_addr . inet_service'
	index=0
	for range in $pool; do
		mape_nat_range $index "$address" "$range"
		again="$again		ip daddr . tcp dport @freed_$index goto reuse_$index
"
		keep="$keep		ip saddr . udp sport @known_$index goto range_$index
"
		ended="$ended${ended:+, }$range : goto ended_$index"
		index=$((index + 1))
	done
	mape_nat_spread "$count"
	printf '\tchain again {\n%s\t\tgoto spread\n\t}\n\tchain keep {\n' "$again"
	printf '\t\tip saddr . udp sport . ip daddr . udp dport @tried goto spread\n%s\t\tgoto spread\n\t}\n' "$keep"
	printf '\tchain translate {\n\t\ttype nat hook postrouting priority 99; policy accept;\n'
	printf '\t\toifname != "%s" return\n\t\tip daddr . tcp dport @freed goto again\n' "$device"
	printf '\t\tudp dport >= 1024 ip saddr . udp sport @known goto keep\n'
	printf '\t\tmeta l4proto { tcp, udp } goto spread\n\t\tnumgen inc mod %s vmap @turns\n\t}\n' "$count"
	printf '\tchain ended {\n\t\ttype filter hook postrouting priority 150; policy accept;\n'
	printf '\t\toifname "%s" tcp flags & (fin | rst) != 0x0 tcp sport vmap { %s }\n\t}\n' "$device" "$ended"
}

# mape_nat_guard TABLE DEVICE GUARDED ADDRESS PORTSETS: what guards; GUARDED is the device or a pattern
mape_nat_guard() {
	local name range type pool elements=''
	printf 'table ip %s {}\ndelete table ip %s\ntable ip %s {\n' "$1" "$1" "$1"
	for name in device source port echo protocol; do printf '\tcounter leak_%s {}\n' $name; done
	printf '\tset tended {\n\t\ttype ifname\n\t}\n'
	mape_nat_pool "$5" ''
	for range in $pool; do elements="$elements${elements:+, }$range"; done
	[ -z "$elements" ] ||
		printf '\tset ports {\n\t\ttype inet_service\n\t\tflags interval\n\t\telements = { %s }\n\t}\n' "$elements"
	printf '\tchain guard {\n\t\ttype filter hook postrouting priority 200; policy accept;\n'
	printf '\t\toifname "%s" goto check\n\t}\n\tchain check {\n\t\toifname @tended return\n' "$3"
	printf '\t\toifname != "%s" counter name leak_device drop\n' "$2"
	printf '\t\tip saddr != %s counter name leak_source drop\n' "$4"
	if [ -n "$elements" ]; then
		printf '\t\ttcp sport @ports accept\n\t\tudp sport @ports accept\n'
		printf '\t\tmeta l4proto { tcp, udp } counter name leak_port drop\n'
		for type in echo-request echo-reply; do
			printf '\t\ticmp type %s icmp id { %s } accept\n' $type "$elements"
		done
		printf '\t\ticmp type { destination-unreachable, time-exceeded, parameter-problem } accept\n'
		printf '\t\tmeta l4proto icmp counter name leak_echo drop\n\t\tcounter name leak_protocol drop\n'
	fi
	printf '\t}\n}\n'
}

# mape_nat_text TABLE GUARD DEVICE GUARDED ADDRESS PORTSETS KEPT: both tables; no PORTSETS: the address is not shared
mape_nat_text() {
	local pool=''
	printf '# NAT and guard of %s, generated by mape-image; /usr/lib/mape-image/nat.sh explains each chain.\n' "$3"
	printf 'table ip %s {}\ndelete table ip %s\ntable ip %s {\n' "$1" "$1" "$1"
	if [ -n "$6" ]; then
		mape_nat_pool "$6" "$7"
		mape_nat_shared "$3" "$5" "$pool"
	else
		printf '\tchain translate {\n\t\ttype nat hook postrouting priority 99; policy accept;\n'
		printf '\t\toifname "%s" snat ip to %s\n\t}\n' "$3" "$5"
	fi
	printf '}\n'
	mape_nat_guard "$2" "$3" "$4" "$5" "$6"
}

# mape_nat_load: put the tables in place, that of the image and behind it what $MAPE_RUN holds, in one transaction
mape_nat_load() {
	nft -f "$MAPE_NFT"
}

# mape_nat_present TABLE: whether it stands; after `/etc/init.d/firewall stop` none does
mape_nat_present() {
	case "
$(nft list tables ip 2>/dev/null)
" in
	*"
table ip $1
"*) return 0 ;;
	esac
	return 1
}

# mape_nat_write FILE TEXT: write a file of $MAPE_RUN so that fw4 never reads half of it
mape_nat_write() {
	# the leading dot keeps the unfinished file out of the *.nft of fw4
	mkdir -p "$MAPE_RUN" && printf '%s\n' "$2" >"$MAPE_RUN/.new" && mv -f "$MAPE_RUN/.new" "$MAPE_RUN/$1"
}

# mape_nat_apply INTERFACE ADDRESS PORTSETS: make NAT and guard fit what the line gives now, before its tunnel comes up
#
# Where that is what the image was built for, its own file is all there is. Else a file in $MAPE_RUN replaces the tables,
# and every reload of fw4 keeps them, since the image's file includes that folder. An interface of another name has
# tables of its own. A failed load changes nothing: what was loaded stays, and so does the old file.
mape_nat_apply() {
	local interface=$1 address=$2 ports='' range file table guard guarded kept='' tended='' text=''
	local BAKED_IPV4='' BAKED_PORTSETS='' BAKED_KEPT=''
	for range in $3; do ports="$ports${ports:+ }$range"; done
	# shellcheck disable=SC1091
	. "$MAPE_ROOT/usr/share/mape-image/baked"
	if [ "$interface" = "$MAPE_INTERFACE" ]; then
		file=10-$interface.nft table=mape_image guard=mape_guard guarded='map-*' kept=$BAKED_KEPT
	else
		# behind 10-, which may make the set anew
		file=20-$interface.nft table=mape_if_$interface guard=mape_guard_$interface guarded=map-$interface
		tended="
add element ip mape_guard tended { \"$guarded\" }"
	fi
	if [ "$table" != mape_image ] || [ "$address $ports" != "$BAKED_IPV4 $BAKED_PORTSETS" ]; then
		text=$(mape_nat_text "$table" "$guard" "map-$interface" "$guarded" "$address" "$ports" "$kept")$tended
	fi
	mape_nat_swap "$file" "$text"
}

# mape_nat_swap FILE TEXT: replace one file of $MAPE_RUN and load; no TEXT: remove it. Put back what was there on failure
mape_nat_swap() {
	local file=$MAPE_RUN/$1 old=''
	if [ -e "$file" ]; then
		old=$MAPE_RUN/.old
		mv -f "$file" "$old" || return 1
	fi
	if { [ -z "$2" ] || mape_nat_write "$1" "$2"; } && mape_nat_load; then
		[ -z "$old" ] || rm -f "$old"
		return 0
	fi
	rm -f "$file"
	[ -z "$old" ] || mv -f "$old" "$file"
	return 1
}
