# shellcheck shell=dash
# NAT over a MAP-E port set, for `.` in ash. No program is started but nft, mkdir, mv and rm; no loop forks.
#
# The table, which the image holds for the planned prefix and mape_nat_text writes for any other:
#
#   range_N     one range of the set; the kernel finds the free port in it. A SNAT rule whose range is used up drops the
#               packet and never falls through to a next rule, so connections are spread over the ranges beforehand.
#   rotate      a new connection takes the next range in turn, each as often as its size asks.
#   pinned_N    inside endpoints (address, UDP port) that range N serves: a UDP socket keeps one outside port whatever it
#               talks to, since the kernel maps an endpoint to the same port again within one range. 30 minutes, because
#               NAT chains see only the first packet of a flow. UDP to ports below 1024 (DNS, NTP, QUIC) needs no such
#               thing and rotates, which spares ports.
#   translate   priority 99, one before fw4's srcnat: the first chain that maps a connection wins.
#   check       after all NAT, at priority 200: whatever would leave with another source, port or echo id, or over a
#               protocol that has none, is dropped and counted. Ports kept for servers are outside the pool, inside
#               `ports`. By name, so that it holds before the device exists, for every map-* device; `tended` holds those
#               that have a table of their own.
#
# Facts: openwrt/firewall4 root/sbin/fw4 (reload flushes only inet fw4, flush deletes every table); linux
# net/netfilter/nf_nat_core.c (get_unique_tuple, find_appropriate_src).

MAPE_ROOT=${IPKG_INSTROOT-}
MAPE_NFT=$MAPE_ROOT/usr/share/nftables.d/ruleset-post/50-mape-image.nft
MAPE_RUN=$MAPE_ROOT/var/run/mape-image
MAPE_INTERFACE=wan6mape

# mape_nat_pool PORTSETS KEPT: set `pool` to the ranges of PORTSETS less KEPT, both words `A-B` or `A`
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
			[ "$first" -gt "$start" ] && pool="$pool $start-$((first - 1))"
			start=$((taken + 1))
		done
		[ "$start" -le "$last" ] && pool="$pool $start-$last"
	done
	pool=${pool# }
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

# mape_nat_rotate CHAIN TARGET: the chain that hands connections round, from `slots` and `count`
mape_nat_rotate() {
	local slot turn=0 text=''
	for slot in $slots; do
		text="$text${text:+, }$turn : goto $2_$slot"
		turn=$((turn + 1))
	done
	printf '\tchain %s {\n\t\tnumgen inc mod %s vmap { %s }\n\t}\n' "$1" "$count" "$text"
}

# mape_nat_shared DEVICE ADDRESS PORTSETS KEPT: sets and chains up to `translate` of an address that is shared
mape_nat_shared() {
	local device=$1 address=$2 range index=0 proto elements='' pool slots count
	for range in $3; do elements="$elements${elements:+, }$range"; done
	printf '\tset ports {\n\t\ttype inet_service\n\t\tflags interval\n\t\telements = { %s }\n\t}\n' "$elements"
	mape_nat_pool "$3" "$4"
	[ -n "$pool" ] || return 0
	for range in $pool; do
		printf '\tset pinned_%s {\n\t\ttype ipv4_addr . inet_service\n\t\tsize 256\n' $index
		printf '\t\tflags dynamic,timeout\n\t\ttimeout 30m\n\t}\n\tchain range_%s {\n' $index
		for proto in tcp udp icmp; do
			printf '\t\tmeta l4proto %s snat ip to %s:%s\n' $proto "$address" "$range"
		done
		printf '\t}\n\tchain pin_%s {\n\t\tupdate @pinned_%s { ip saddr . udp sport }\n' $index $index
		printf '\t\tmeta l4proto udp snat ip to %s:%s\n\t}\n' "$address" "$range"
		index=$((index + 1))
	done
	mape_nat_slots "$pool"
	mape_nat_rotate rotate range
	mape_nat_rotate rotate_pin pin
	printf '\tchain translate {\n\t\ttype nat hook postrouting priority 99; policy accept;\n'
	printf '\t\toifname != "%s" return\n\t\tmeta l4proto != udp goto rotate\n' "$device"
	printf '\t\tudp dport < 1024 goto rotate\n'
	index=0
	for range in $pool; do
		printf '\t\tip saddr . udp sport @pinned_%s goto pin_%s\n' $index $index
		index=$((index + 1))
	done
	printf '\t\tgoto rotate_pin\n\t}\n'
}

# mape_nat_check DEVICE GUARDED ADDRESS PORTSETS: the guard; GUARDED is the device or a pattern
mape_nat_check() {
	local range type elements=''
	printf '\tchain guard {\n\t\ttype filter hook postrouting priority 200; policy accept;\n'
	printf '\t\toifname "%s" goto check\n\t}\n\tchain check {\n\t\toifname @tended return\n' "$2"
	printf '\t\toifname != "%s" counter name leak_device drop\n' "$1"
	printf '\t\tip saddr != %s counter name leak_source drop\n' "$3"
	if [ -n "$4" ]; then
		for range in $4; do elements="$elements${elements:+, }$range"; done
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

# mape_nat_text TABLE DEVICE GUARDED ADDRESS PORTSETS KEPT: the table; no PORTSETS: the address is not shared
mape_nat_text() {
	local name
	printf '# NAT and guard of %s, generated by mape-image; /usr/lib/mape-image/nat.sh explains each chain.\n' "$2"
	printf 'table ip %s {}\ndelete table ip %s\ntable ip %s {\n' "$1" "$1" "$1"
	for name in device source port echo protocol; do printf '\tcounter leak_%s {}\n' $name; done
	printf '\tset tended {\n\t\ttype ifname\n\t}\n'
	if [ -n "$5" ]; then
		mape_nat_shared "$2" "$4" "$5" "$6"
	else
		printf '\tchain translate {\n\t\ttype nat hook postrouting priority 99; policy accept;\n'
		printf '\t\toifname "%s" snat ip to %s\n\t}\n' "$2" "$4"
	fi
	mape_nat_check "$2" "$3" "$4" "$5"
}

# mape_nat_load: put the table in place, that of the image and behind it what $MAPE_RUN holds, in one transaction
mape_nat_load() {
	nft -f "$MAPE_NFT"
}

# mape_nat_present: whether the table stands; after `/etc/init.d/firewall stop` it does not
mape_nat_present() {
	case "$(nft list tables ip 2>/dev/null)" in
	*'table ip mape_image'*) return 0 ;;
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
# Where that is what the image was built for, its own file is all there is. Else a file in $MAPE_RUN replaces the table,
# and every reload of fw4 keeps it, since the image's file includes that folder. An interface of another name has a
# table of its own. A failed load changes nothing: what was loaded stays, and so does the old file.
mape_nat_apply() {
	local interface=$1 address=$2 ports='' range file table guarded kept='' tended='' text=''
	local BAKED_IPV4='' BAKED_PORTSETS='' BAKED_KEPT=''
	for range in $3; do ports="$ports${ports:+ }$range"; done
	# shellcheck disable=SC1091
	. "$MAPE_ROOT/usr/share/mape-image/baked"
	if [ "$interface" = "$MAPE_INTERFACE" ]; then
		file=10-$interface.nft table=mape_image guarded='map-*' kept=$BAKED_KEPT
	else
		# behind 10-, which may make the set anew
		file=20-$interface.nft table=mape_if_$interface guarded=map-$interface
		tended="
add element ip mape_image tended { \"$guarded\" }"
	fi
	if [ "$table" != mape_image ] || [ "$address $ports" != "$BAKED_IPV4 $BAKED_PORTSETS" ]; then
		text=$(mape_nat_text "$table" "map-$interface" "$guarded" "$address" "$ports" "$kept")$tended
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
