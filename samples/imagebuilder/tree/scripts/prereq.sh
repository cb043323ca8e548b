#!/usr/bin/env bash
# Check what a build needs, once a tree. usage: prereq.sh HOST_BIN
host_bin=$1
failures=()

check() { # NAME MESSAGE COMMAND...
	local name=$1 message=$2
	shift 2
	printf "Checking '%s'... " "$name"
	if "$@" >/dev/null 2>&1; then echo ok.; else echo failed.; failures+=("$message"); fi
}

have() { command -v "$1"; }
recent_make() { make --version | head -n1 | grep -qE 'GNU Make (4\.[1-9]|[5-9])'; }
case_sensitive() { local probe; probe=$(mktemp -d) && touch "$probe/a" && [ ! -e "$probe/A" ]; local status=$?; rm -rf "$probe"; return $status; }
good_umask() { [ "$(umask)" = 0022 ]; }

check true "Please install GNU 'coreutils'" true
check false "Please install GNU 'coreutils'" have false
check working-make 'Please install GNU make v4.1 or later' recent_make
check case-sensitive-fs 'OpenWrt can only be built on a case-sensitive filesystem' case_sensitive
check proper-umask 'Please build with umask 022 - other values produce broken packages' good_umask
for tool in tar find bash xargs cp dd tr truncate awk grep stat sed mksquashfs node; do
	check "$tool" "Please install '$tool'" have "$tool"
done

if [ ${#failures[@]} -gt 0 ]; then
	echo
	for message in "${failures[@]}"; do echo "Build dependency: $message"; done
	echo
	echo 'Prerequisite check failed. Use FORCE=1 to override.'
	exit 1
fi

# Later runs use these, even when the caller's PATH has changed.
mkdir -p "$host_bin"
for tool in bash mksquashfs; do ln -sf "$(PATH=${PATH#"$host_bin:"} command -v "$tool")" "$host_bin/$tool"; done
