# `jsonfilter [-i FILE | -s TEXT] -e [NAME=]PATH…` for the tests, as `awk -f jsonfilter.awk -- …`: members by name (`.name`,
# `["name"]`), items by number or all (`[0]`, `[*]`), those with a member of some text (`[@.name="text"]`). Each plain value
# found stands on a line of its own; with NAME they are an assignment for a shell, several parted by `\ `. Nothing found: 1.
# Other paths and options end the test with 99. Written from openwrt/jsonpath main.c (print_string, export_value).

BEGIN {
	for (at = 1; at < ARGC; at += 2) {
		if (ARGV[at] == "-i") file = ARGV[at + 1]
		else if (ARGV[at] == "-s") {
			text = ARGV[at + 1]
			given = 1
		}
		else if (ARGV[at] == "-e") WANTED[++wanted] = ARGV[at + 1]
		else unknown("option " ARGV[at])
	}
	if (!given) {
		if (file == "") file = "/dev/stdin"
		while ((getline line <file) > 0) text = text line "\n"
	}
	if (!read_value(++nodes)) exit 1
	for (at = 1; at <= wanted; at++) found += answer(WANTED[at])
	exit found ? 0 : 1
}

function unknown(what) {
	print "stand-in of jsonfilter: " what " is not part of it" >"/dev/stderr"
	exit 99
}

function skip_blanks() { sub(/^[ \t\r\n]+/, "", text) }

# Take one character where it is this one.
function take(mark) {
	skip_blanks()
	if (substr(text, 1, 1) != mark) return 0
	text = substr(text, 2)
	return 1
}

# Take a string; its text in `string`.
function read_string(  raw, mark) {
	if (!match(text, /^"([^"\\]|\\.)*"/)) return 0
	raw = substr(text, 2, RLENGTH - 2)
	text = substr(text, RLENGTH + 1)
	string = ""
	while (match(raw, /\\./)) {
		mark = substr(raw, RSTART + 1, 1)
		string = string substr(raw, 1, RSTART - 1)
		raw = substr(raw, RSTART + 2)
		if (mark == "n") string = string "\n"
		else if (mark == "t") string = string "\t"
		else if (mark == "r") string = string "\r"
		else if (mark == "u" && raw ~ /^00[0-7][0-9a-f]/) {
			string = string sprintf("%c", index("01234567", substr(raw, 3, 1)) * 16 - 17 + index("0123456789abcdef", substr(raw, 4, 1)))
			raw = substr(raw, 5)
		} else if (mark ~ /["\\\/]/) string = string mark
		else unknown("the escape \\" mark)
	}
	string = string raw
	return 1
}

# Take the value in front as a node: its kind, its text, its members as COUNT and CHILD, KEY. 1, or 0 for what is no JSON.
function read_value(node,  child, close_mark) {
	skip_blanks()
	if (take("{")) close_mark = "}"
	else if (take("[")) close_mark = "]"
	if (close_mark != "") {
		KIND[node] = close_mark
		if (take(close_mark)) return 1
		do {
			child = ++nodes
			KEY[child] = COUNT[node] + 0 ""
			if (close_mark == "}") {
				skip_blanks()
				if (!read_string() || !take(":")) return 0
				KEY[child] = string
			}
			CHILD[node, ++COUNT[node]] = child
			if (!read_value(child)) return 0
		} while (take(","))
		return take(close_mark)
	}
	if (read_string()) {
		KIND[node] = "text"
		VALUE[node] = string
		return 1
	}
	if (!match(text, /^(true|false|null|-?[0-9][-+.0-9eE]*)/)) return 0
	KIND[node] = VALUE[node] = substr(text, 1, RLENGTH)
	text = substr(text, RLENGTH + 1)
	return 1
}

# Whether a child is what one step of a path asks for.
function fits(child, step,  n, pair) {
	if (step == "[*]") return 1
	if (step !~ /^\[@/) {
		gsub(/^(\.|\["|\[)|("\]|\])$/, "", step)
		return KEY[child] == step
	}
	split(substr(step, 4, length(step) - 5), pair, "=\"")
	for (n = 1; n <= COUNT[child]; n++)
		if (KEY[CHILD[child, n]] == pair[1]) return VALUE[CHILD[child, n]] == pair[2]
	return 0
}

# Print what is behind a path; how many values that is.
function answer(path,  name, step, here, there, n, m, count, next_count, quoted) {
	if (match(path, /^[A-Za-z_][A-Za-z0-9_]*=/)) {
		name = substr(path, 1, RLENGTH - 1)
		path = substr(path, RLENGTH + 1)
	}
	if (path !~ /^@/) unknown("path " path)
	path = substr(path, 2)
	here[count = 1] = 1
	while (path != "") {
		if (!match(path, /^(\.[A-Za-z0-9_]+|\["[^"]*"\]|\[([0-9]+|\*)\]|\[@\.[a-z_]+="[^"]*"\])/)) unknown("path " path)
		step = substr(path, 1, RLENGTH)
		path = substr(path, RLENGTH + 1)
		next_count = 0
		for (n = 1; n <= count; n++)
			for (m = 1; m <= COUNT[here[n]]; m++)
				if (fits(CHILD[here[n], m], step)) there[++next_count] = CHILD[here[n], m]
		count = next_count
		for (n = 1; n <= count; n++) here[n] = there[n]
	}
	m = 0
	for (n = 1; n <= count; n++) {
		if (KIND[here[n]] ~ /^([]}]|null)$/) continue
		quoted = VALUE[here[n]]
		if (name == "") print quoted
		else {
			if (KIND[here[n]] == "text") {
				gsub(/'/, "'\"'\"'", quoted)
				quoted = "'" quoted "'"
			} else if (quoted ~ /^[tf]/) quoted = quoted == "true"
			printf "%s%s", m ? "\\ " : "export " name "=", quoted
		}
		m++
	}
	if (name != "" && m) printf "; "
	return m
}
