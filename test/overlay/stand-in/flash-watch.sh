# shellcheck shell=dash
# For `.` in ash before a script runs: a copy of /etc is put aside in $WATCH/COUNT before and after each command that can
# change flash, as it is at that moment. An output file is made before its command starts, so a copy has it empty, too.

watch_point() {
	local code=$? count=0
	[ ! -e "$WATCH/count" ] || read -r count <"$WATCH/count"
	count=$((count + 1))
	echo "$count" >"$WATCH/count"
	# a loop without an end must not fill this host's disk
	[ "$count" -le 2000 ] || exit 97
	# since a file may still be open for writing, links would not do
	busybox cp -a "$IPKG_INSTROOT/etc" "$WATCH/$count"
	return "$code"
}

watch_command() {
	watch_point
	command "$@"
	watch_point
}

cp() { watch_command cp "$@"; }
mv() { watch_command mv "$@"; }
rm() { watch_command rm "$@"; }
cat() { watch_command cat "$@"; }
tail() { watch_command tail "$@"; }
mkdir() { watch_command mkdir "$@"; }
chmod() { watch_command chmod "$@"; }
wifi() { watch_command wifi "$@"; }

sync() {
	watch_point
	: >"$WATCH/$(busybox cat "$WATCH/count").synced"
}

uci() {
	case "$* " in
	*'commit '*) watch_command uci "$@" ;;
	*) command uci "$@" ;;
	esac
}

# what is no file is a pipe to another command
printf() {
	[ ! -f /dev/stdout ] || watch_point
	command printf "$@"
}

grep() {
	[ ! -f /dev/stdout ] || watch_point
	command grep "$@"
}
