# What netifd gives its protocol handlers, as far as those tried here use it. A message is a list of operations, one a
# line with its words parted by \037, which netifd.mjs reads; options arrive as OPTION_<name> in the environment.
# @see openwrt/netifd scripts/netifd-proto.sh, openwrt/libubox sh/jshn.sh

lab_say() {
	local word line=''
	for word in "$@"; do line="$line${line:+$LAB_US}$word"; done
	LAB_MESSAGE="$LAB_MESSAGE$line
"
}
LAB_US=$(printf '\037')

json_init() { LAB_MESSAGE=''; }
json_dump() { printf '%s' "$LAB_MESSAGE"; }
json_add_object() { lab_say object "$1"; }
json_close_object() { lab_say close; }
json_add_array() { lab_say array "$1"; }
json_close_array() { lab_say close; }
json_add_string() { lab_say string "$1" "$2"; }
json_add_int() { lab_say int "$1" "$2"; }
json_add_boolean() { lab_say boolean "$1" "$2"; }
json_get_vars() {
	local name
	for name in "$@"; do eval "$name=\$OPTION_$name"; done
}

lab_notify() { ubus call network.interface notify_proto "$(printf 'interface\037%s\n' "$1"; json_dump)"; }

proto_init_update() {
	json_init
	lab_say action update "$1" "$2"
}
proto_add_tunnel() { json_add_object tunnel; }
proto_close_tunnel() { json_close_object; }
proto_add_data() { json_add_object data; }
proto_close_data() { json_close_object; }
proto_add_ipv4_address() { lab_say address "$1/${2:-32}"; }
proto_add_ipv6_address() { lab_say address "$1/${2:-128}"; }
proto_add_ipv4_route() { lab_say route "$1/$2" "$3"; }
proto_add_ipv6_route() { lab_say route "$1/$2" "$3"; }
proto_send_update() { lab_notify "$1"; }
proto_notify_error() {
	json_init
	local interface=$1
	shift
	lab_say action error "$@"
	lab_notify "$interface"
}
proto_block_restart() {
	json_init
	lab_say action block
	lab_notify "$1"
}
proto_add_host_dependency() (
	json_init
	lab_say action depend "$2" "$3"
	lab_notify "$1"
)
proto_config_add_string() { lab_say string "$1" ''; }
proto_config_add_int() { lab_say int "$1" ''; }
proto_config_add_boolean() { lab_say boolean "$1" ''; }

# init_proto NAME dump|setup|teardown INTERFACE: what `add_protocol` at the end of the handler will do
init_proto() {
	lab_command=$2
	lab_interface=$3
}
add_protocol() {
	case "$lab_command" in
	dump)
		no_device=0 available=0 no_proto_task=0
		json_init
		"proto_$1_init_config"
		printf 'name\037%s\nno_device\037%s\navailable\037%s\nno_proto_task\037%s\n' \
			"$1" "$no_device" "$available" "$no_proto_task"
		json_dump
		;;
	setup | teardown) "proto_$1_$lab_command" "$lab_interface" '' ;;
	esac
}
