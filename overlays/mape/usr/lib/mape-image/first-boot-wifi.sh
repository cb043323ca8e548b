# shellcheck shell=dash
# Wi-Fi, which comes late: /etc/config/wireless is written when a radio appears, and that may be after the first boot
# scripts (up to 23.05 by hotplug, from 25.12 before the drivers). Part of first-boot.sh.
#
# secret/wifi holds blocks: `country XX`, then for each network `network N BAND...` and its options as `option='value'`,
# quoted for UCI.

# mape_radio_band RADIO: print 2g, 5g, 6g or 60g
mape_radio_band() {
	local band
	band=$(uci -q get "wireless.$1.band")
	[ -n "$band" ] || case "$(uci -q get "wireless.$1.hwmode")" in
	11a | 11na | 11ac) band=5g ;;
	11*) band=2g ;;
	esac
	printf %s "$band"
}

# mape_wifi_open SECTION: print the line that takes the key from a network that has none any more. Only there: an option
# that is deleted and set comes to stand behind the others, and a second run would not leave what the first one left.
mape_wifi_open() {
	[ -z "$1" ] || printf 'delete wireless.%s.key\n' "$1"
}

# mape_wifi_lines FILE RADIO BAND: print the lines for one radio; none where no network is for its band
mape_wifi_lines() {
	local line section='' country='' rest used='' open=''
	while IFS= read -r line; do
		case "$line" in
		'country '*) country=${line#* } ;;
		'network '*)
			mape_wifi_open "$open"
			open=''
			rest=${line#network }
			section=''
			case " ${rest#* } " in
			*" $3 "*)
				section=mape_${rest%% *}_$2
				if [ -z "$used" ]; then
					used=1
					printf 'set wireless.%s.country=%s\nset wireless.%s.disabled='\''0'\''\n' "$2" "$country" "$2"
				fi
				printf 'set wireless.%s='\''wifi-iface'\''\nset wireless.%s.device='\''%s'\''\n' "$section" "$section" "$2"
				open=$section
				;;
			esac
			;;
		*)
			case "$line" in 'key='*) open='' ;; esac
			[ -z "$section" ] || printf 'set wireless.%s.%s\n' "$section" "$line"
			;;
		esac
	done <"$1"
	mape_wifi_open "$open"
}

# mape_wifi_default RADIO: print the line that keeps OpenWrt's own open network off the air, where nobody has touched it
mape_wifi_default() {
	[ "$(uci -q get "wireless.default_$1.ssid")" = OpenWrt ] &&
		[ "$(uci -q get "wireless.default_$1.encryption")" = none ] &&
		echo "set wireless.default_$1.disabled='1'"
	return 0
}

mape_radios() {
	uci -q show wireless | sed -n "s/^wireless\.\([A-Za-z0-9_]*\)=wifi-device$/\1/p"
}

# mape_wifi_stale LINES: print deletions of networks that an earlier plan made and LINES do not
mape_wifi_stale() {
	local section
	for section in $(uci -q show wireless | sed -n 's/^wireless\.\(mape_[0-9]*_[A-Za-z0-9_]*\)=.*/\1/p'); do
		grep -q "^set wireless\.$section=" "$1" || echo "delete wireless.$section"
	done
}

# mape_wifi_missing FILE: whether a radio is still to come: fewer than the kernel knows, or none of a band asked for
mape_wifi_missing() {
	local radio radios=0 phys=0 bands='' phy line band
	for radio in $(mape_radios); do
		radios=$((radios + 1))
		bands="$bands $(mape_radio_band "$radio") "
	done
	for phy in "$MAPE_ROOT"/sys/class/ieee80211/*; do
		[ -e "$phy" ] && phys=$((phys + 1))
	done
	[ "$radios" -gt 0 ] && [ "$radios" -ge "$phys" ] || return 0
	while read -r line; do
		case "$line" in
		'network '*' '*' '*) ;;
		'network '*)
			band=${line##* }
			case "$bands" in
			*" $band "*) ;;
			*) return 0 ;;
			esac
			;;
		esac
	done <"$1"
	return 1
}

# mape_wifi_apply FILE NEW_ONLY: write the networks to every radio there is; NEW_ONLY: leave radios that have ours alone
mape_wifi_apply() {
	local radio lines=$MAPE_TMP/wifi.uci
	: >"$lines" && chmod 0600 "$lines" || return 1
	for radio in $(mape_radios); do
		[ -n "$2" ] && uci -q show wireless | grep -q "^wireless\.mape_[0-9]*_$radio=" && continue
		mape_wifi_lines "$1" "$radio" "$(mape_radio_band "$radio")" >"$lines.radio"
		[ -s "$lines.radio" ] || continue
		cat "$lines.radio" >>"$lines"
		mape_wifi_default "$radio" >>"$lines"
	done
	[ -n "$2" ] || mape_wifi_stale "$lines" >"$lines.radio"
	[ -n "$2" ] || cat "$lines.radio" >>"$lines"
	rm -f "$lines.radio"
	[ -s "$lines" ] || return 0
	mape_part_uci "$lines"
}

# mape_part_wifi FILE: now where there are radios, later (hotplug) for those to come
mape_part_wifi() {
	[ -s "$MAPE_ROOT/etc/config/wireless" ] || wifi config >/dev/null 2>&1
	mape_wifi_apply "$1" '' || return 1
	# radios that appear later in this very boot
	: >"$MAPE_TMP/wifi-wait"
	mape_wifi_missing "$1" || return 0
	mape_log 'Wi-Fi: a radio is still to come; written when it appears'
	mape_write "$MAPE_STATE/wifi-wait" 0
}

# mape_wifi_later: a radio appeared; give up after ten of them, so that a band this device lacks is not waited for forever
mape_wifi_later() {
	local file=$MAPE_SHARE/secret/wifi complaint='' count
	[ -e "$MAPE_TMP/wifi-wait" ] || [ -e "$MAPE_STATE/wifi-wait" ] || return 0
	[ -r "$file" ] && mkdir -p "$MAPE_TMP" || return 0
	# for the radios behind this one
	: >"$MAPE_TMP/wifi-wait"
	mape_wifi_apply "$file" 1 || mape_log "Wi-Fi: not written: $(printf %s "$complaint" | head -n 1)"
	[ -e "$MAPE_STATE/wifi-wait" ] || return 0
	count=$(mape_read "$MAPE_STATE/wifi-wait")
	case "$count" in '' | *[!0-9]*) count=0 ;; esac
	if ! mape_wifi_missing "$file"; then
		rm -f "$MAPE_STATE/wifi-wait"
		mape_log 'Wi-Fi: written to every radio'
	elif [ "$count" -ge 9 ]; then
		rm -f "$MAPE_STATE/wifi-wait"
		mape_log 'Wi-Fi: given up waiting for a radio of a band that was asked for'
	else
		mape_write "$MAPE_STATE/wifi-wait" $((count + 1))
	fi
}
