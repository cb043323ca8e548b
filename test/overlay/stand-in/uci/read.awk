# Configurations and what is staged for them, from files.

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
	if (ok < 0 || ok == 0 && is_folder(c)) {
		ok = 0
	} else {
		ok = ok == 0 ? 1 : read_sections(c)
		close(source)
	}
	source = kept_source
	rest = kept_rest
	return ok
}

# A folder opens, and gives no line.
function is_folder(c) { return system("[ -d \"$IPKG_INSTROOT/etc/config/" c "\" ]") == 0 }

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
