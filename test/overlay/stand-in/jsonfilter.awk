# `jsonfilter [-i FILE] -e PATH` for the tests, as `awk -f jsonfilter.awk -- …`: members by name (`.name`, `["name"]`), items
# by number or all (`[0]`, `[*]`). Each plain value found stands on a line of its own; none: 1. Other paths, and escapes
# beyond the quoted character itself, end the test with 99.

BEGIN {
	for (at = 1; at < ARGC; at += 2) {
		if (ARGV[at] == "-i") file = ARGV[at + 1]
		else if (ARGV[at] == "-e") wanted = ARGV[at + 1]
		else unknown("option " ARGV[at])
	}
	if (file == "") file = "/dev/stdin"
	while ((getline line <file) > 0) text = text line "\n"
	steps = read_path(wanted)
	exit read_value(0, 1) && found ? 0 : 1
}

function unknown(what) {
	print "stand-in of jsonfilter: " what " is not part of it" >"/dev/stderr"
	exit 99
}

# Split a path into STEP[1…]: names and numbers, `*` for all; their count.
function read_path(path,  n) {
	if (path !~ /^@/) unknown("path " path)
	path = substr(path, 2)
	while (path != "") {
		if (!match(path, /^(\.[A-Za-z0-9_]+|\["[^"]*"\]|\[([0-9]+|\*)\])/)) unknown("path " path)
		STEP[++n] = substr(path, 1, RLENGTH)
		gsub(/^(\.|\["|\[)|("\]|\])$/, "", STEP[n])
		path = substr(path, RLENGTH + 1)
	}
	return n
}

function skip_blanks() { sub(/^[ \t\r\n]+/, "", text) }

# Take one character where it is this one.
function take(mark) {
	skip_blanks()
	if (substr(text, 1, 1) != mark) return 0
	text = substr(text, 2)
	return 1
}

function read_string() {
	if (!match(text, /^"([^"\\]|\\.)*"/)) return 0
	string = substr(text, 2, RLENGTH - 2)
	text = substr(text, RLENGTH + 1)
	if (string ~ /\\[^"\\\/]/) unknown("an escape in " string)
	gsub(/\\/, "", string)
	return 1
}

# Read the value in front, `depth` steps deep; `matched`: all of them were of the path. 1, or 0 for what is no JSON.
function read_value(depth, matched,  n, word) {
	skip_blanks()
	if (take("{")) {
		if (take("}")) return 1
		do {
			skip_blanks()
			if (!read_string()) return 0
			word = string
			if (!take(":") || !read_value(depth + 1, matched && STEP[depth + 1] == word)) return 0
		} while (take(","))
		return take("}")
	}
	if (take("[")) {
		if (take("]")) return 1
		n = 0
		do {
			if (!read_value(depth + 1, matched && (STEP[depth + 1] == n "" || STEP[depth + 1] == "*"))) return 0
			n++
		} while (take(","))
		return take("]")
	}
	if (!read_string()) {
		if (!match(text, /^(true|false|null|-?[0-9][-+.0-9eE]*)/)) return 0
		string = substr(text, 1, RLENGTH)
		text = substr(text, RLENGTH + 1)
		if (string == "null") matched = 0
	}
	if (matched && depth == steps) {
		print string
		found++
	}
	return 1
}
