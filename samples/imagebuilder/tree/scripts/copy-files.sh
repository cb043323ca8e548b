#!/usr/bin/env bash
# Lay the user's FILES over the root. usage: copy-files.sh ROOT [FILES]
# FILES comes unquoted: a path with a blank falls apart here, as it does in the real ImageBuilder. A missing folder is no error.
root=$1 files=$2
if [ $# -gt 2 ]; then
	cp -r "${@:2}" "$root/"
	exit
fi
[ -d "$files" ] || exit 0
# A symlink that stands where FILES has a file or a folder goes first, or cp would write through it.
while IFS= read -r -d '' path; do
	[ -L "$root/$path" ] || continue
	echo "Removing symlink $root/$path"
	rm "$root/$path"
done < <(find "$files" -mindepth 1 -type d,f -printf '%P\0')
cp --force --recursive --no-dereference --preserve=mode,timestamps "$files/." "$root"
