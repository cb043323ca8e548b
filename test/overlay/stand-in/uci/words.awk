# Words of UCI's text, for batches, configurations and staged changes.
#
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
