# A small uci for the tests, for any POSIX awk: `awk -f main.awk -f words.awk -f sections.awk -f read.awk -f change.awk
# -f print.awk -- [-q] [-X] COMMAND [ARGUMENT]`.
#
# Configurations stand in $IPKG_INSTROOT/etc/config, changes are staged in $IPKG_INSTROOT/tmp/.uci in the lines uci itself
# writes there (a letter for what is not a `set`: + add, - delete, @ rename, | add_list, ~ del_list), and a commit
# replaces the file in one rename. A batch ends with 0 whatever its lines do. What uci knows beside this (import,
# reorder, deletion of one item of a list, other folders) ends the test that asks for it, with 99.
#
# UCI_FULL_FLASH=NAME: a commit of that configuration fails as on a full flash.
#
# Facts: openwrt/uci cli.c (batch, exit codes), file.c (words, commit), list.c (set, delete, names of unnamed sections),
# delta.c (staging), util.c (names).

BEGIN {
	root = ENVIRON["IPKG_INSTROOT"]
	QUOTE = "'\\''"
	for (code = 33; code < 127; code++) CODE[sprintf("%c", code)] = code
	extended = 1
	for (at = 1; at < ARGC && ARGV[at] ~ /^-/; at++) {
		if (ARGV[at] == "-q") quiet = 1
		else if (ARGV[at] == "-X") extended = 0
		else unknown("option " ARGV[at])
	}
	count = 0
	for (; at < ARGC; at++) arg[++count] = ARGV[at]
	if (count == 0) exit 0
	status = arg[1] == "batch" ? run_batch() : run_command()
	if (status == 255) print "Usage: uci [<options>] <command> [<arguments>]" >"/dev/stderr"
	exit status
}

function unknown(what) {
	print "stand-in of uci: " what " is not part of it" >"/dev/stderr"
	exit 99
}

function complain(text) {
	if (!quiet) print text >"/dev/stderr"
	return 1
}

function fail(error) { return complain("uci: " error) }

# show, get, export, changes, commit of the place that was split: an exit code.
function run_reading(verb,  c, s) {
	c = place_config
	s = place_section == "" ? 0 : look_up(c, place_section)
	if (s < 0) return fail("Invalid argument")
	if (verb == "commit") return run_commit(c)
	if (verb == "changes") {
		show_changes(c)
		return 0
	}
	if (verb == "export") {
		print "package " c
		print_config(c, "cat")
		close("cat")
		return 0
	}
	if (place_section != "" && (!s || place_option != "" && !has_option(c, s, place_option))) return fail("Entry not found")
	if (verb == "get") {
		if (place_option != "") print value_text(c, s, place_option, 0)
		else if (s) print TYPE[c, s]
	} else if (place_option != "") print c "." NAME[c, s] "." place_option "=" value_text(c, s, place_option, 1)
	else if (s) show_section(c, s, NAME[c, s])
	else show_config(c)
	return 0
}

# Every configuration that has a name uci takes.
function run_everywhere(verb,  list, c, n, all, i) {
	list = "cd \"$IPKG_INSTROOT/etc/config\" && for name in *; do [ -f \"$name\" ] && echo \"$name\"; done"
	while ((list | getline c) > 0) if (c ~ /^[A-Za-z0-9_-]+$/) all[++n] = c
	close(list)
	for (i = 1; i <= n; i++) {
		split_place(all[i])
		if (load(all[i])) run_reading(verb)
		else fail(error)
	}
	return 0
}

function run_command(  verb, mark, found) {
	verb = arg[1]
	if (verb == "del") verb = "delete"
	if (verb == "ren") verb = "rename"
	if (verb == "import" || verb == "reorder") unknown(verb)
	mark = verb == "set" ? "=" : verb == "delete" ? "-" : verb == "add_list" ? "|" : verb == "del_list" ? "~" : verb == "rename" ? "@" : ""
	if (verb == "add") return count == 3 ? run_add(arg[2], arg[3]) : 255
	if (verb ~ /^(show|export|changes|commit)$/) {
		if (count == 1) return run_everywhere(verb)
	} else if (mark == "" && verb != "get" && verb != "revert") return 255
	if (count != 2) return 255
	if (!split_place(arg[2])) return fail("Parse error")
	if (!load(place_config)) return fail(error)
	if (verb == "revert") {
		found = place_section == "" ? 0 : look_up(place_config, place_section)
		if (found < 0) return fail("Invalid argument")
		if (found) place_section = NAME[place_config, found]
		return has_value ? 1 : run_revert(place_config, place_section, place_option)
	}
	if (mark != "") return run_change(mark)
	if (has_value && verb == "get") return 1
	return run_reading(verb)
}

function run_batch() {
	source = "/dev/stdin"
	while (next_line()) {
		count = broken = 0
		while (count < 4 && next_word()) arg[++count] = word
		if (broken) {
			fail("Parse error (EOF with unterminated quotes)")
		} else if (count == 4) complain("Too many arguments")
		else if (count > 0 && arg[1] == "exit") return 0
		else if (count > 0 && (arg[1] == "batch" || run_command() == 255)) complain("Unknown command")
	}
	return 0
}
