# Configurations as text: as a file, for `show`, for `changes`.

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
