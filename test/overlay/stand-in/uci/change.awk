# Changes: made in memory, staged, taken back, committed.

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
	return 0
}
