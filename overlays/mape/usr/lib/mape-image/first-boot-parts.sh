# shellcheck shell=dash
# What a router is beside its line: names, LAN, access, settings of the person's own. Part of first-boot.sh.

# mape_is_done FILE NAME: whether the last plan asked for the same
mape_is_done() {
	cmp -s "$1" "$MAPE_STATE/last/$2"
}

# mape_done FILE NAME: remember what was asked for, unreadable to others since it may hold secrets
mape_done() {
	(umask 077 && cp "$1" "$MAPE_STATE/last/$2.new") && sync && mv -f "$MAPE_STATE/last/$2.new" "$MAPE_STATE/last/$2"
}

# mape_part_uci FILE: stage, commit
mape_part_uci() {
	local configs
	configs=$(mape_configs "$1")
	# names without blanks, by their form
	# shellcheck disable=SC2086
	{
		mape_prepare $configs
		if ! mape_stage "$1"; then
			mape_revert $configs
			return 1
		fi
		mape_commit $configs
	}
}

# mape_part_root FILE: root's password hash into /etc/shadow, in place of what stands there
mape_part_root() {
	local ROOT_HASH='' shadow=$MAPE_ROOT/etc/shadow line found=''
	# shellcheck disable=SC1090
	. "$1"
	[ -n "$ROOT_HASH" ] && [ -r "$shadow" ] || return 1
	(
		umask 077
		while IFS= read -r line || [ -n "$line" ]; do
			case "$line" in
			root:*:*)
				line=${line#root:}
				printf 'root:%s:%s\n' "$ROOT_HASH" "${line#*:}"
				;;
			*) printf '%s\n' "$line" ;;
			esac
		done <"$shadow" >"$shadow.new"
	) || return 1
	while IFS= read -r line; do
		case "$line" in
		"root:$ROOT_HASH:"*) found=1 ;;
		esac
	done <"$shadow.new"
	[ -n "$found" ] && [ "$(wc -l <"$shadow.new")" -ge "$(wc -l <"$shadow")" ] && sync && mv -f "$shadow.new" "$shadow"
}

# mape_part_keys: keys of the image that a restored backup has replaced
mape_part_keys() {
	local from=$MAPE_ROOT/rom/etc/dropbear/authorized_keys to=$MAPE_ROOT/etc/dropbear/authorized_keys key
	[ -r "$from" ] || return 0
	mkdir -p "$MAPE_ROOT/etc/dropbear" || return 1
	(
		umask 077
		: >"$to.new" || exit 1
		# grep ends the last line where its end is missing
		[ ! -s "$to" ] || grep '' "$to" >"$to.new" || exit 1
		while IFS= read -r key; do
			grep -qxF -- "$key" "$to.new" || printf '%s\n' "$key" >>"$to.new" || exit 1
		done <"$from"
	) && sync && mv -f "$to.new" "$to"
}

# mape_part FILE: run one part unless the last plan asked for the same; add its name to `failed` where it fails
mape_part() {
	local name=${1##*/} run=mape_part_uci
	[ -r "$1" ] || return 0
	mape_is_done "$1" "$name" && return 0
	complaint=''
	case "$name" in
	root) run=mape_part_root ;;
	wifi) run=mape_part_wifi ;;
	esac
	if "$run" "$1" && mape_done "$1" "$name"; then
		mape_log "written: $name"
	else
		failed="$failed $name"
		# the first line alone: it names the place, and values may be secret
		mape_log "failed: $name: $(printf %s "${complaint:-see the files it is about}" | head -n 1)"
	fi
}

# mape_parts: everything beside the line; keys come before the login by password is closed
mape_parts() {
	local file
	mape_part_keys || failed="$failed keys"
	for file in "$MAPE_SHARE"/parts/*.uci "$MAPE_SHARE/secret/root" "$MAPE_SHARE/secret/wifi" \
		"$MAPE_SHARE/secret/own.uci"; do
		mape_part "$file"
	done
}
