# shellcheck shell=dash disable=SC2034,SC2154
# English texts of mape-status. Labels are 16 columns wide; a sentence has up to three lines of 78.

say_usage='usage: mape-status [--json] [-l ja|en] [--help]'
say_help='Say whether IPv4 works over MAP-E, and if not, why and what to do.

  --json      print one JSON document
  -l ja|en    language of the sentences (default: LC_ALL or LANG, else English)

Ends with 0: IPv4 works, 1: it works, but see the warning, 2: it does not work,
3: unknown option.'
say_not_ours='mape-status: /usr/share/mape-image/baked is missing: flash an image of mape-image'
say_private='This output identifies your line: do not post it in public.'
say_image=image say_line=line
say_on_link='on the link' say_off_link='not on the link'
say_packets=packets say_up=up say_off='switched off' say_not_up='not up' say_hours=h say_minutes=min
say_outside='outside the port set'
say_whole='all (the address is not shared)'
say_predicted='rule predicted, not verified'
say_own_rule='a rule of your own'
say_applied='settings written' say_not_applied='settings not written yet'
say_ok='IPv4 works' say_warning=warning say_down='IPv4 does not work'

label_service='Service         '
label_rule='Rule            '
label_prefix='Prefix          '
label_ce='CE address      '
label_br='Relay (BR)      '
label_ipv4='IPv4 address    '
label_ports='Ports           '
label_used='In use          '
label_set='Port set        '
label_kept='Kept            '
label_forwards='Forwards        '
label_tunnel='Tunnel          '
label_rx='Received        '
label_tx='Sent            '
label_leaks='Leaks stopped   '
label_boot='First boot      '
label_log='Its log         '
label_error='Last error      '
label_verdict='Verdict: '
label_also='Also: '

# status_sentence CODE: set `line1` to `line3` to its one sentence
status_sentence() {
	local name gateway here=${live_prefix:-${line_prefix:-$line_address}} mape=$MAPE_INTERFACE
	line1='' line2='' line3=''
	case "$1" in
	OK) line1='IPv4 works over MAP-E, and there is nothing to do.' ;;
	FIREWALL_STOPPED)
		line1='The firewall is stopped, which opens your home to the IPv6 internet: run'
		line2='/etc/init.d/firewall start'
		;;
	IDLE)
		line1='The tunnel is up, but nothing has come back through it so far: open a few web'
		line2='pages, then run mape-status again.'
		;;
	PORTS_EXHAUSTED)
		line1="Nearly all of $pool_count ports are in use ($full), so new connections"
		line2='may fail: close what opens many of them, file sharing first.'
		;;
	PREFIX_CHANGED)
		line1='The line has another prefix than the image was built for; the router follows'
		line2='it, but kept ports and forwards may not fit: build a new image with'
		line3="--prefix $here"
		;;
	FIRST_BOOT_INCOMPLETE)
		line1='A part of the settings is not written yet: reboot, and if this stays, read'
		line2='/etc/mape-image/first-boot.log'
		;;
	BOOTING) line1='The line is still being set up: run mape-status again in two minutes.' ;;
	NO_CABLE)
		line1='The WAN port has no link: plug in the cable of the ONU, and see that the ONU'
		line2='is switched on.'
		;;
	NO_IPV6)
		line1='The WAN port has a link, but nobody speaks IPv6 there: switch the ONU off and'
		line2='on, and if this stays, ask your provider whether IPoE is active.'
		;;
	DHCPV6_SILENT)
		case "$wan_duid" in
		00030001*)
			line1='The line has a router, but it gives neither address nor prefix: switch the ONU'
			line2="off, wait ten minutes, switch it on again, then run ifup $tunlink"
			;;
		*)
			line1='The line has a router, but it leaves DHCPv6 unanswered, as NTT does for a'
			line2="DUID of another form: set clientid of network.$tunlink to 00030001 and the 12"
			line3="digits of the MAC address of the WAN port, then run ifup $tunlink"
			;;
		esac
		;;
	NGN_ONLY)
		line1="The prefix $here leads only into NTT's own"
		line2='network: ask your provider to activate IPoE with MAP-E, then build an image'
		line3='with the prefix that you get.'
		;;
	OTHER_SERVICE)
		status_name "$line_service"
		case "$line_kind" in
		ds-lite)
			line1="The line is $name, which is DS-Lite and not MAP-E: use OpenWrt's package"
			line2="ds-lite with the gateway $gateway"
			;;
		ipip)
			line1="The line is $name, whose tunnel has no public settings: keep its own"
			line2='gateway for IPv4.'
			;;
		*)
			line1="The line is $name, which the image was not built for: build a"
			line2="new image with --prefix $here"
			;;
		esac
		;;
	PREFIX_NOT_DELEGATED)
		line1='The line gives an address but delegates no prefix: run'
		line2="uci set network.$tunlink.extendprefix=1; uci commit network; ifup $tunlink"
		;;
	NO_MATCHING_PD)
		line1="The rule of the image does not cover the prefix of the line: build a new image"
		line2="with --prefix $here"
		;;
	INVALID_MAP_RULE)
		line1="The rule in network.$mape is not valid: undo what was changed there, or"
		line2='reset the router (firstboot), which brings back the settings of the image.'
		;;
	UNSUPPORTED_TYPE)
		line1="network.$mape asks for a kind of MAP that the router does not have: run"
		line2="uci set network.$mape.maptype=map-e; uci commit network; ifup $mape"
		;;
	PREFIX_TOO_SHORT)
		line1="The prefix $here is shorter than the rule"
		line2='needs, so address and ports are unknown: ask your provider which prefix is'
		line3='yours, and build a new image with it.'
		;;
	PREFIX_IS_PART)
		line1='The prefix here is only a part of the line: another gateway stands before this'
		line2='router and gets the answers, so connect this router in its place.'
		;;
	NAT_MISSING)
		line1='The NAT table is not loaded, and without it nothing may leave: run'
		line2="/etc/init.d/firewall restart; ifup $mape"
		line3='and if this stays, read logread -e map'
		;;
	TUNNEL_DOWN)
		line1="The device of the tunnel is down: run ifup $mape"
		line2='and if this stays, read logread -e map'
		;;
	CE_MISSING)
		line1="The tunnel's own address (CE) is not usable on the link: run ifup $mape"
		line2='and if this stays, look for another gateway on the same line.'
		;;
	NO_REPLY)
		line1='Packets go out but none comes back: either another gateway holds MAP-E on this'
		line2='line, so switch it off there or take that gateway away, or the relay (BR) is'
		line3="not yours, so compare it with your provider's; then run ifup $mape"
		;;
	INTERFACE_DISABLED)
		line1="The interface $subject is switched off: run"
		line2="uci -q delete network.$subject.disabled; uci commit network;"
		line3="/etc/init.d/network reload; ifup $subject"
		;;
	INTERFACE_MISSING)
		line1="The interface $subject is not there: run /etc/init.d/network restart"
		line2='and if this stays, reset the router (firstboot), which brings back the'
		line3='settings of the image.'
		;;
	FIRST_BOOT_FAILED)
		line1='The settings of the image could not be written: reboot, and if this stays,'
		line2='read /etc/mape-image/first-boot.log'
		;;
	esac
}
