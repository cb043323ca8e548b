# shellcheck shell=dash
# Write the planned settings into the router's configuration, once a plan, for `.` in ash.
#
# Power may fail between any two lines. UCI stages in RAM (/tmp/.uci) and a commit replaces a file in one rename, so what
# is on flash is always whole files; /etc/mape-image/applied, written last, says that all of them are there. Without it
# everything runs again at the next boot, before the network starts, and comes to the same end: sections are named, values
# are set, never added to.
#
# The MAP-E line itself (uci/line.uci) is all or nothing. Each other part stands in a file of its own, is committed on
# its own, and is left alone where the last plan already asked for the very same: what a person changed since then stays.
# A part that fails is tried at three boots, then given up, and the log says why.
#
# Facts: openwrt/uci file.c (uci_file_commit), cli.c (batch ends with 0 whatever its lines do; errors go to stderr).

MAPE_ROOT=${IPKG_INSTROOT-}
MAPE_SHARE=$MAPE_ROOT/usr/share/mape-image
MAPE_STATE=$MAPE_ROOT/etc/mape-image
MAPE_TMP=$MAPE_ROOT/tmp/mape-image
MAPE_TRIES=3

# shellcheck disable=SC1091
. "$MAPE_ROOT/usr/lib/mape-image/first-boot-line.sh"
# shellcheck disable=SC1091
. "$MAPE_ROOT/usr/lib/mape-image/first-boot-parts.sh"
# shellcheck disable=SC1091
. "$MAPE_ROOT/usr/lib/mape-image/first-boot-wifi.sh"

# mape_log TEXT: add a line to the log, which keeps its last 100 beyond 16 KiB, and to the system log where there is one
mape_log() {
	local log=$MAPE_STATE/first-boot.log
	if [ -f "$log" ] && [ "$(wc -c <"$log")" -gt 16384 ]; then
		tail -n 100 "$log" >"$log.new" && mv -f "$log.new" "$log"
	fi
	printf '%s\n' "$1" >>"$log"
	command -v logger >/dev/null && logger -t mape-image "$1"
	return 0
}

# mape_write FILE TEXT: replace a file as a whole, on flash before it has its name
mape_write() {
	printf '%s\n' "$2" >"$1.new" && sync && mv -f "$1.new" "$1" && sync
}

# mape_read FILE: print the first line of a file; nothing where there is none
mape_read() {
	local line=''
	[ -r "$1" ] && read -r line <"$1"
	printf '%s' "$line"
}

# mape_configs FILE: print the configurations a file of UCI lines speaks of
mape_configs() {
	sed -n 's/^[a-z_]* \([A-Za-z0-9_-]*\)\..*/\1/p' "$1" | sort -u
}

# mape_prepare CONFIG...: make what is missing, and commit what earlier scripts staged, so that a revert takes only ours
mape_prepare() {
	local config
	for config in "$@"; do
		[ -e "$MAPE_ROOT/etc/config/$config" ] || : >"$MAPE_ROOT/etc/config/$config"
		uci -q commit "$config"
	done
}

mape_revert() {
	local config
	for config in "$@"; do uci -q revert "$config"; done
}

# mape_stage FILE: stage UCI lines; `complaint` has what UCI said
#
# Deletions come first: most delete nothing and may fail. Lists come last: what was deleted is added again behind what is
# there already, so that in any other order a second run would leave the options of a section in another order.
mape_stage() {
	grep '^delete ' "$1" | uci -q batch
	complaint=$({ grep '^set ' "$1"; grep '^add_list ' "$1"; } | uci batch 2>&1 >/dev/null)
	[ -z "$complaint" ] && return 0
	complaint=$(mape_blame "$1")
	return 1
}

# mape_blame FILE: print the first place of staged lines that UCI refuses, without its value, and what UCI says of it
mape_blame() {
	local line said
	grep -v '^delete ' "$1" | while IFS= read -r line; do
		said=$(printf '%s\n' "$line" | uci batch 2>&1 >/dev/null)
		[ -n "$said" ] && printf '%s: %s' "${line%%=*}" "$said" && break
	done
}

# mape_commit CONFIG...
mape_commit() {
	local config
	for config in "$@"; do
		uci commit "$config" 2>/dev/null || return 1
	done
	sync
}

# mape_first_boot: 0 where there is nothing more to do, 1 to be run again at the next boot
mape_first_boot() {
	local plan applied tries complaint='' failed=''
	mkdir -p "$MAPE_STATE/last" "$MAPE_TMP" && chmod 0700 "$MAPE_STATE" "$MAPE_STATE/last" "$MAPE_TMP" || return 1
	plan=$(mape_read "$MAPE_SHARE/plan-id")
	applied=$(mape_read "$MAPE_STATE/applied")
	[ -n "$plan" ] && [ "$plan" = "$applied" ] && return 0

	tries=$(mape_read "$MAPE_STATE/tries")
	case "$tries" in
	"$plan "*[!0-9]* | "$plan ") tries=1 ;;
	"$plan "*) tries=$((${tries#* } + 1)) ;;
	*) tries=1 ;;
	esac
	mape_write "$MAPE_STATE/tries" "$plan $tries"
	mape_log "plan $plan, try $tries, before: ${applied:-none}"

	if ! mape_line; then
		mape_log "MAP-E settings not written, nothing changed: $complaint; tried again at the next boot"
		return 1
	fi
	mape_parts
	if [ -n "$failed" ] && [ "$tries" -lt "$MAPE_TRIES" ]; then
		mape_log "not done:$failed; tried again at the next boot"
		return 1
	fi
	[ -z "$failed" ] || mape_log "given up after $tries tries:$failed; MAP-E itself is set up"
	mape_write "$MAPE_STATE/applied" "$plan" || return 1
	rm -f "$MAPE_STATE/tries"
	mape_log "plan $plan applied"
}
