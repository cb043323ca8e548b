# Configurations in memory, and places in them.
#
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
