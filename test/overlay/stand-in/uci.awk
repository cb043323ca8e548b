# A small uci for the tests, as `awk -f uci.awk -- [-q] [-X] COMMAND [ARGUMENT]`, for any POSIX awk.
#
# Configurations stand in $IPKG_INSTROOT/etc/config, changes are staged in $IPKG_INSTROOT/tmp/.uci in the lines uci itself
# writes there (a letter for what is not a `set`: + add, - delete, @ rename, | add_list, ~ del_list), and a commit
# replaces the file in one rename. A batch ends with 0 whatever its lines do. What uci knows beside this (import,
# reorder, deletion of one item of a list, other folders) ends the test that asks for it, with 99.
#
# UCI_FULL_FLASH=NAME: a commit of that configuration fails as on a full flash.
# UCI_COMMITTED=PROGRAM: run behind each commit.
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

# --- words -----------------------------------------------------------------------------------------------------------
# One line at a time from the file named `source`; `rest` is what is left of it.

function next_line() {
	rest = ""
	if ((getline rest <source) <= 0) return 0
	lines++
	return 1
}

# Take the next word of the line into `word`: 1, or 0 where none is left; `broken` where quotes have no end.
function next_word(  mark, end, hold) {
	word = ""
	sub(/^[ \t\r\f\v]+/, "", rest)
	if (rest == "") return 0
	# what stands behind a semicolon is lost, with uci, too
	if (substr(rest, 1, 1) == ";") {
		rest = ""
		return 0
	}
	while (rest != "" && rest !~ /^[ \t\r\f\v]/) {
		mark = substr(rest, 1, 1)
		if (mark == "#") {
			rest = ""
		} else if (mark == ";") {
			break
		} else if (mark == "'" || mark == "\"") {
			rest = substr(rest, 2)
			while ((end = match(rest, mark == "'" ? "'" : "[\"\\\\]")) == 0 || substr(rest, end, 1) == "\\") {
				if (end > 0 && end < length(rest)) {
					word = word substr(rest, 1, end - 1) substr(rest, end + 1, 1)
					rest = substr(rest, end + 2)
					continue
				}
				hold = word (end > 0 ? substr(rest, 1, end - 1) : rest "\n")
				if (!next_line()) return broken = 1
				word = hold
			}
			word = word substr(rest, 1, end - 1)
			rest = substr(rest, end + 1)
		} else if (mark == "\\") {
			if (length(rest) == 1) {
				hold = word
				next_line()
				word = hold
				continue
			}
			word = word substr(rest, 2, 1)
			rest = substr(rest, 3)
		} else {
			match(rest, /^[^'"#;\\ \t\r\f\v]+/)
			word = word substr(rest, 1, RLENGTH)
			rest = substr(rest, RLENGTH + 1)
		}
	}
	return word != ""
}

# --- configurations in memory ----------------------------------------------------------------------------------------
# SECTIONS[c] how many were ever made; NAME, TYPE, BARE (unnamed) by c, index; OPTIONS by c, index; OPTION by c, index, i;
# VALUE by c, index, option; LIST: how many ITEMs, -1 for one plain value. What is deleted leaves a hole.

function hash_name(c, type,  hash, i) {
	hash = 5381
	for (i = 1; i <= length(type); i++) hash = (hash * 33 + CODE[substr(type, i, 1)]) % 65536
	return sprintf("cfg%02x%04x", SECTIONS[c], hash)
}

function add_section(c, type, name,  s) {
	s = ++SECTIONS[c]
	BARE[c, s] = name == ""
	TYPE[c, s] = type
	NAME[c, s] = name == "" ? hash_name(c, type) : name
	OPTIONS[c, s] = 0
	return s
}

function find_section(c, name,  s) {
	for (s = SECTIONS[c]; s > 0; s--) if (NAME[c, s] == name) return s
	return 0
}

# A section as `name` or `@type[index]`, counted from the end where the index is negative; -1: not of that form.
function look_up(c, place,  type, wanted, s, seen, where) {
	if (place ~ /^[A-Za-z0-9_]+$/) return find_section(c, place)
	if (place !~ /^@[^[]*\[-?[0-9]+\]$/) return -1
	type = substr(place, 2, index(place, "[") - 2)
	wanted = substr(place, index(place, "[") + 1) + 0
	for (s = 1; s <= SECTIONS[c]; s++)
		if (NAME[c, s] != "" && (type == "" || TYPE[c, s] == type)) where[seen++] = s
	if (wanted < 0) wanted += seen
	return wanted in where ? where[wanted] : 0
}

function has_option(c, s, option) { return (c, s, option) in LIST }

function set_option(c, s, option, value) {
	if (!has_option(c, s, option)) OPTION[c, s, ++OPTIONS[c, s]] = option
	VALUE[c, s, option] = value
	LIST[c, s, option] = -1
}

function add_item(c, s, option, value,  n) {
	if (!has_option(c, s, option)) {
		OPTION[c, s, ++OPTIONS[c, s]] = option
		LIST[c, s, option] = 0
	} else if (LIST[c, s, option] < 0) {
		ITEM[c, s, option, 1] = VALUE[c, s, option]
		LIST[c, s, option] = 1
	}
	n = ++LIST[c, s, option]
	ITEM[c, s, option, n] = value
}

function delete_items(c, s, option, value,  i, kept) {
	kept = 0
	for (i = 1; i <= LIST[c, s, option]; i++)
		if (ITEM[c, s, option, i] != value) ITEM[c, s, option, ++kept] = ITEM[c, s, option, i]
	LIST[c, s, option] = kept
}

function delete_option(c, s, option,  i) {
	for (i = 1; i <= OPTIONS[c, s]; i++) if (OPTION[c, s, i] == option) OPTION[c, s, i] = ""
	delete LIST[c, s, option]
}

function delete_section(c, s,  i) {
	for (i = 1; i <= OPTIONS[c, s]; i++) if (OPTION[c, s, i] != "") delete LIST[c, s, OPTION[c, s, i]]
	NAME[c, s] = ""
}

function rename_option(c, s, option, name,  i) {
	for (i = 1; i <= OPTIONS[c, s]; i++) if (OPTION[c, s, i] == option) OPTION[c, s, i] = name
	LIST[c, s, name] = LIST[c, s, option]
	VALUE[c, s, name] = VALUE[c, s, option]
	for (i = 1; i <= LIST[c, s, name]; i++) ITEM[c, s, name, i] = ITEM[c, s, option, i]
	delete LIST[c, s, option]
}

# --- reading ---------------------------------------------------------------------------------------------------------

function config_path(c) { return root "/etc/config/" c }
function staged_path(c) { return root "/tmp/.uci/" c }

function parse_error(reason) {
	error = "Parse error (" reason ") at line " lines ", byte 0"
	return 0
}

# Read a configuration and what is staged for it: 1, or 0 and `error`. What a batch has read it keeps until a commit.
function load(c) {
	if (c in LOADED) return 1
	error = "Entry not found"
	if (c !~ /^[A-Za-z0-9_-]+$/) return 0
	while (SECTIONS[c] > 0) {
		delete_section(c, SECTIONS[c])
		SECTIONS[c]--
	}
	CHANGES[c] = 0
	if (!read_file(c)) return 0
	read_staged(c)
	LOADED[c] = 1
	return 1
}

function read_file(c,  kept_source, kept_rest, ok) {
	kept_source = source
	kept_rest = rest
	source = config_path(c)
	lines = broken = 0
	ok = (getline rest <source)
	if (ok < 0 || system_is_folder(source, ok)) {
		ok = 0
	} else {
		ok = ok == 0 ? 1 : read_sections(c)
		close(source)
	}
	source = kept_source
	rest = kept_rest
	return ok
}

# a folder opens, and gives no line
function system_is_folder(path, first) { return first == 0 && system("[ -d \"$IPKG_INSTROOT/etc/config/" substr(path, length(root "/etc/config/") + 1) "\" ]") == 0 }

function read_sections(c,  s, verb, option, type, name, known) {
	s = 0
	lines = 1
	do {
		if (!next_word()) continue
		verb = word
		if (verb == "config" || verb == "c") {
			if (!next_word()) return parse_error("insufficient arguments")
			type = word
			if (type !~ /^[!-~]+$/) return parse_error("invalid character in type field")
			next_word()
			name = word
			if (name != "" && name !~ /^[A-Za-z0-9_]+$/) return parse_error("invalid character in name field")
			known = name == "" ? 0 : find_section(c, name)
			if (known && TYPE[c, known] != type)
				return parse_error("section of different type overwrites prior section with same name")
			s = known ? known : add_section(c, type, name)
		} else if (verb == "option" || verb == "o" || verb == "list" || verb == "l") {
			if (!s) return parse_error("option/list command found before the first section")
			if (!next_word()) return parse_error("insufficient arguments")
			option = word
			if (option !~ /^[A-Za-z0-9_]+$/) return parse_error("invalid character in name field")
			next_word()
			if (broken) return parse_error("EOF with unterminated quotes")
			if (verb ~ /^l/) add_item(c, s, option, word)
			else if (word != "") set_option(c, s, option, word)
			else if (has_option(c, s, option)) delete_option(c, s, option)
		} else if (verb == "package" || verb == "p") {
			next_word()
		} else return parse_error("invalid command")
		if (next_word()) return parse_error("too many arguments")
	} while (next_line())
	return 1
}

# Behind it the place that was split is the one before.
function read_staged(c,  kept_source, kept_rest, kept_place, mark) {
	kept_source = source
	kept_rest = rest
	kept_place = place
	source = staged_path(c)
	while (next_line()) {
		if (!next_word()) continue
		mark = substr(word, 1, 1)
		if (index("+-@|~", mark)) word = substr(word, 2)
		else mark = "="
		if (!split_place(word) || place_config != c || place_section == "") continue
		if (change(c, mark, place_section, place_option, place_value)) CHANGE[c, ++CHANGES[c]] = mark SUBSEP place_section SUBSEP place_option SUBSEP place_value
	}
	close(source)
	source = kept_source
	rest = kept_rest
	split_place(kept_place)
}

# --- places ----------------------------------------------------------------------------------------------------------

# `config[.section[.option]][=value]`: 1 and the place_… variables, or 0.
function split_place(text,  at, n, part) {
	place = text
	at = index(text, "=")
	has_value = at > 0
	place_value = at ? substr(text, at + 1) : ""
	n = split(at ? substr(text, 1, at - 1) : text, part, ".")
	place_config = part[1]
	place_section = n > 1 ? part[2] : ""
	place_option = n > 2 ? part[3] : ""
	if (n > 3 || place_config !~ /^[!-~]+$/) return 0
	if (n > 2 && place_option !~ /^[A-Za-z0-9_]+$/) return 0
	return place_value !~ /[\001-\010\013\014\016-\037]/
}

# --- changes ---------------------------------------------------------------------------------------------------------

# Make one change in memory, by its staging letter; 0 where there is nothing to change.
function change(c, mark, section, option, value,  s) {
	s = find_section(c, section)
	if (mark == "+") {
		if (!s) s = add_section(c, value, section)
		BARE[c, s] = 1
	} else if (mark == "=" && option == "") {
		# another type of the same length is written over the old one; for a longer one uci makes a named section anew
		if (s && length(TYPE[c, s]) != length(value)) BARE[c, s] = 0
		if (s) TYPE[c, s] = value
		else add_section(c, value, section)
	} else if (!s || option != "" && mark != "=" && mark != "|" && !has_option(c, s, option)) return 0
	else if (mark == "=") set_option(c, s, option, value)
	else if (mark == "|") add_item(c, s, option, value)
	else if (mark == "~") delete_items(c, s, option, value)
	else if (mark == "-" && option == "") delete_section(c, s)
	else if (mark == "-") delete_option(c, s, option)
	else if (mark == "@" && option == "") {
		NAME[c, s] = value
		BARE[c, s] = 0
	} else rename_option(c, s, option, value)
	return 1
}

function quoted(text,  out, at) {
	while ((at = index(text, "'")) > 0) {
		out = out substr(text, 1, at - 1) QUOTE
		text = substr(text, at + 1)
	}
	return "'" out text "'"
}

function stage(c, mark, section, option, value,  path) {
	change(c, mark, section, option, value)
	CHANGE[c, ++CHANGES[c]] = mark SUBSEP section SUBSEP option SUBSEP value
	if (!staging) system("[ -d \"$IPKG_INSTROOT/tmp/.uci\" ] || mkdir -p \"$IPKG_INSTROOT/tmp/.uci\"")
	staging = 1
	path = staged_path(c)
	printf "%s%s.%s%s%s\n", mark == "=" ? "" : mark, c, section, option == "" ? "" : "." option,
		mark == "-" ? "" : "=" quoted(value) >>path
	close(path)
	return 0
}

# set, delete, add_list, del_list and rename of the place that was split: an exit code.
function run_change(mark,  c, s, whole, old) {
	c = place_config
	s = place_section == "" ? 0 : look_up(c, place_section)
	if (s < 0) return fail("Invalid argument")
	if (mark == "-" && has_value) {
		if (place_value !~ /^[ \t]*[-+]?[0-9]/) return 1
		unknown("deletion of one item")
	}
	whole = place_option == ""
	if (mark == "-" || mark == "@") {
		if (place_section != "" && (!s || !whole && !has_option(c, s, place_option))) return fail("Entry not found")
		if (!s || mark == "@" && !has_value) return fail("Invalid argument")
		return stage(c, mark, NAME[c, s], place_option, place_value)
	}
	if (mark == "|" || mark == "~") {
		if (!s || !has_value) return fail("Invalid argument")
		if (whole) unknown("a list without an option")
		if (mark == "~" && (!has_option(c, s, place_option) || LIST[c, s, place_option] < 0)) return 0
		return stage(c, mark, NAME[c, s], place_option, place_value)
	}
	if (!has_value || !s && (!whole || place_section == "")) return fail("Invalid argument")
	if (whole && place_value != "" && place_value !~ /^[!-~]+$/) return fail("Invalid argument")
	if (place_value == "") {
		if (!s || !whole && !has_option(c, s, place_option)) return 0
		return stage(c, "-", NAME[c, s], place_option, "")
	}
	if (!s && place_section !~ /^[A-Za-z0-9_]+$/) unknown("a new section " place_section)
	old = whole ? (s ? TYPE[c, s] : "") : (has_option(c, s, place_option) && LIST[c, s, place_option] < 0) ? VALUE[c, s, place_option] : ""
	if (old == place_value) return 0
	return stage(c, "=", s ? NAME[c, s] : place_section, place_option, place_value)
}

function run_add(c, type,  s) {
	if (!load(c)) {
		fail(error)
		return error ~ /^Parse/ ? 5 : 3
	}
	# staging makes it in memory; its name is that of the next one
	SECTIONS[c]++
	s = hash_name(c, type)
	SECTIONS[c]--
	stage(c, "+", s, "", type)
	print s
	return 0
}

# Forget what is staged for a place; what is left stays as it was written.
function run_revert(c, section, option,  i, part, path, mark) {
	path = staged_path(c)
	if ((getline word <path) < 0) return 0
	close(path)
	printf "" >path
	for (i = 1; i <= CHANGES[c]; i++) {
		split(CHANGE[c, i], part, SUBSEP)
		if (section == "" || part[2] == section && (option == "" || part[3] == option)) continue
		mark = part[1]
		printf "%s%s.%s%s%s\n", mark == "=" ? "" : mark, c, part[2], part[3] == "" ? "" : "." part[3],
			mark == "-" ? "" : "=" quoted(part[4]) >path
	}
	close(path)
	delete LOADED[c]
	return 0
}

function run_commit(c,  writer, path) {
	if (ENVIRON["UCI_FULL_FLASH"] == c) return fail("I/O error")
	if (CHANGES[c] == 0) return 0
	# the configuration's mode stays
	writer = "cd \"$IPKG_INSTROOT/etc/config\" && cp -p " c " ." c ".uci-new && cat >." c ".uci-new && mv -f ." c ".uci-new " c
	print_config(c, writer)
	if (close(writer) != 0) return fail("I/O error")
	path = staged_path(c)
	printf "" >path
	close(path)
	delete LOADED[c]
	if (ENVIRON["UCI_COMMITTED"] != "") system("\"$UCI_COMMITTED\" " c)
	return 0
}

# --- printing --------------------------------------------------------------------------------------------------------

function print_config(c, to,  s, i, j, option) {
	for (s = 1; s <= SECTIONS[c]; s++) {
		if (NAME[c, s] == "") continue
		printf "\nconfig %s%s\n", TYPE[c, s], BARE[c, s] ? "" : " '" NAME[c, s] "'" | to
		for (i = 1; i <= OPTIONS[c, s]; i++) {
			option = OPTION[c, s, i]
			if (option == "") continue
			if (LIST[c, s, option] < 0) printf "\toption %s %s\n", option, quoted(VALUE[c, s, option]) | to
			for (j = 1; j <= LIST[c, s, option]; j++) printf "\tlist %s %s\n", option, quoted(ITEM[c, s, option, j]) | to
		}
	}
	printf "\n" | to
}

function value_text(c, s, option, quoting,  i, out, item) {
	if (LIST[c, s, option] < 0) return quoting ? quoted(VALUE[c, s, option]) : VALUE[c, s, option]
	for (i = 1; i <= LIST[c, s, option]; i++) {
		item = ITEM[c, s, option, i]
		out = out (i > 1 ? " " : "") (quoting || item ~ /[ \t\r\n]/ ? quoted(item) : item)
	}
	return out
}

function show_section(c, s, name,  i) {
	print c "." name "=" TYPE[c, s]
	for (i = 1; i <= OPTIONS[c, s]; i++)
		if (OPTION[c, s, i] != "") print c "." name "." OPTION[c, s, i] "=" value_text(c, s, OPTION[c, s, i], 1)
}

function show_config(c,  s, seen, type) {
	for (s = 1; s <= SECTIONS[c]; s++) {
		if (NAME[c, s] == "") continue
		type = TYPE[c, s]
		show_section(c, s, BARE[c, s] && extended ? "@" type "[" (seen[type] + 0) "]" : NAME[c, s])
		seen[type]++
	}
}

function show_changes(c,  i, part, mark) {
	for (i = 1; i <= CHANGES[c]; i++) {
		split(CHANGE[c, i], part, SUBSEP)
		mark = part[1]
		printf "%s%s.%s%s%s\n", mark == "-" ? "-" : "", c, part[2], part[3] == "" ? "" : "." part[3],
			mark == "-" ? "" : (mark == "|" ? "+=" : mark == "~" ? "-=" : "=") quoted(part[4])
	}
}

# --- commands --------------------------------------------------------------------------------------------------------

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
