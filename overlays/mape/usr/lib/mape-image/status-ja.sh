# shellcheck shell=dash disable=SC2034,SC2154
# Japanese texts of mape-status. A kanji takes two columns: labels are 16 columns wide, a sentence has up to three lines of 78.

say_usage='使い方: mape-status [--json] [-l ja|en] [--help]'
say_help='MAP-E で IPv4 が使えるか、使えないなら原因と次にすることを表示します。

  --json      JSON で出力
  -l ja|en    文の言語 (指定がなければ LC_ALL か LANG、どちらもなければ英語)

終了コード 0: IPv4 は使える、1: 使えるが注意がある、2: 使えない、
3: 不明なオプション'
say_not_ours='mape-status: /usr/share/mape-image/baked がないので、mape-image のイメージを書き込んでください'
say_private='この出力からは回線が特定できます。公開の場に貼らないでください。'
say_image='イメージ' say_line='回線'
say_on_link='リンク上にあり' say_off_link='リンク上になし'
say_packets='パケット' say_up='稼働' say_off='無効' say_not_up='停止' say_hours='時間' say_minutes='分'
say_outside='割り当て外のポート'
say_whole='すべて (アドレスは専有)'
say_predicted='ルールは推定、未検証'
say_own_rule='利用者のルール'
say_applied='設定済み' say_not_applied='設定は未完了'
say_ok='IPv4 は使えます' say_warning='注意' say_down='IPv4 は使えません'

label_service='サービス        '
label_rule='ルール          '
label_prefix='プレフィックス  '
label_ce='CE アドレス     '
label_br='中継装置 (BR)   '
label_ipv4='IPv4 アドレス   '
label_ports='ポート数        '
label_used='使用中          '
label_set='ポート範囲      '
label_kept='予約ポート      '
label_forwards='ポート転送      '
label_tunnel='トンネル        '
label_rx='受信            '
label_tx='送信            '
label_leaks='漏れを防いだ数  '
label_boot='初回起動        '
label_log='その記録        '
label_error='直近のエラー    '
label_verdict='判定: '
label_also='ほかに: '

# status_sentence CODE: set `line1` to `line3` to its one sentence
status_sentence() {
	local name gateway here=${live_prefix:-${line_prefix:-$line_address}} mape=$MAPE_INTERFACE
	line1='' line2='' line3=''
	case "$1" in
	OK) line1='MAP-E で IPv4 が使えており、何もする必要はありません。' ;;
	FIREWALL_STOPPED)
		line1='ファイアウォールが止まり、家の中が IPv6 のインターネットに開いているので、'
		line2='次を実行してください: /etc/init.d/firewall start'
		;;
	IDLE)
		line1='トンネルは動いていますが、まだ何も返ってきていないので、'
		line2='ウェブページをいくつか開いてから、もう一度 mape-status を実行してください。'
		;;
	PORTS_EXHAUSTED)
		line1="$pool_count 個のポートがほぼ使用中 ($full) で、新しい接続が失敗しうるので、"
		line2='ファイル共有など、接続の多いものを終了してください。'
		;;
	PREFIX_CHANGED)
		line1='回線のプレフィックスがイメージ作成時と違い、ルーターは回線に従っていますが、'
		line2='予約ポートや転送が合わないことがあるので、次を指定して作り直してください:'
		line3="--prefix $here"
		;;
	FIRST_BOOT_INCOMPLETE)
		line1='設定の一部がまだ書き込まれていないので、再起動し、それでも直らなければ'
		line2='/etc/mape-image/first-boot.log を見てください。'
		;;
	BOOTING) line1='回線の準備中なので、2 分後にもう一度 mape-status を実行してください。' ;;
	NO_CABLE)
		line1='WAN ポートがリンクしていないので、ONU からのケーブルを挿し、'
		line2='ONU の電源が入っていることを確かめてください。'
		;;
	NO_IPV6)
		line1='WAN ポートはリンクしていますが、IPv6 の応答がないので、ONU の電源を入れ直し、'
		line2='それでも直らなければ IPoE が開通しているかをプロバイダーに確かめてください。'
		;;
	DHCPV6_SILENT)
		case "$wan_duid" in
		00030001*)
			line1='回線にルーターはいますが、アドレスもプレフィックスも届かないので、'
			line2='ONU の電源を切り、10 分待って入れ直してから、次を実行してください:'
			line3="ifup $tunlink"
			;;
		*)
			line1='回線が DHCPv6 に答えず、NTT は形式の違う DUID には答えないので、'
			line2="network.$tunlink の clientid を 00030001 に WAN の MAC アドレス 12 桁を続けた値"
			line3="にして、次を実行してください: ifup $tunlink"
			;;
		esac
		;;
	NGN_ONLY)
		line1="$here は NTT の閉域網だけのプレフィックスなので、"
		line2='MAP-E の IPoE を開通するようプロバイダーに頼み、'
		line3='新しいプレフィックスでイメージを作り直してください。'
		;;
	OTHER_SERVICE)
		status_name "$line_service"
		case "$line_kind" in
		ds-lite)
			line1="この回線は $name で、MAP-E ではなく DS-Lite なので、"
			line2="OpenWrt のパッケージ ds-lite をゲートウェイ $gateway で"
			line3='使ってください。'
			;;
		ipip)
			line1="この回線は $name で、トンネルの設定が公開されていないので、"
			line2='IPv4 には専用のゲートウェイを使ってください。'
			;;
		*)
			line1="この回線は $name で、イメージの対象と違うので、"
			line2='次を指定してイメージを作り直してください:'
			line3="--prefix $here"
			;;
		esac
		;;
	PREFIX_NOT_DELEGATED)
		line1='回線からアドレスは届き、プレフィックスは届かないので、次を実行してください:'
		line2="uci set network.$tunlink.extendprefix=1; uci commit network; ifup $tunlink"
		;;
	NO_MATCHING_PD)
		line1='回線のプレフィックスがイメージのルールに合わないので、'
		line2='次を指定してイメージを作り直してください:'
		line3="--prefix $here"
		;;
	INVALID_MAP_RULE)
		line1="network.$mape のルールが正しくないので、そこでの変更を元に戻すか、"
		line2='ルーターを初期化 (firstboot) してイメージの設定に戻してください。'
		;;
	UNSUPPORTED_TYPE)
		line1="network.$mape がルーターにない種類の MAP なので、次を実行してください:"
		line2="uci set network.$mape.maptype=map-e; uci commit network; ifup $mape"
		;;
	PREFIX_TOO_SHORT)
		line1="$here はルールに必要な長さがなく、"
		line2='アドレスもポートも決まらないので、自分のプレフィックスをプロバイダーに確かめ、'
		line3='それでイメージを作り直してください。'
		;;
	PREFIX_IS_PART)
		line1='ここにあるのは回線のプレフィックスの一部だけで、応答は手前の別のゲートウェイに'
		line2='届くので、このルーターをそのゲートウェイと置き換えてください。'
		;;
	NAT_MISSING)
		line1='NAT の表が読み込まれておらず、何も送れないので、次を実行し、'
		line2='それでも直らなければ logread -e map を見てください:'
		line3="/etc/init.d/firewall restart; ifup $mape"
		;;
	TUNNEL_DOWN)
		line1='トンネルのデバイスが止まっているので、次を実行し、'
		line2="それでも直らなければ logread -e map を見てください: ifup $mape"
		;;
	CE_MISSING)
		line1='トンネルのアドレス (CE) がリンク上で使えないので、次を実行し、'
		line2="それでも直らなければ同じ回線の別のゲートウェイを探してください: ifup $mape"
		;;
	NO_REPLY)
		line1='送信しても何も返らず、回線の別のゲートウェイが MAP-E を使っているか、'
		line2='中継装置 (BR) が違うので、そのゲートウェイの MAP-E を止めるか取り外し、'
		line3="BR をプロバイダーの値と比べてから、次を実行してください: ifup $mape"
		;;
	INTERFACE_DISABLED)
		line1="インターフェース $subject が無効になっているので、次を実行してください:"
		line2="uci -q delete network.$subject.disabled; uci commit network;"
		line3="/etc/init.d/network reload; ifup $subject"
		;;
	INTERFACE_MISSING)
		line1="インターフェース $subject がないので、次を実行し、それでも直らなければ"
		line2='ルーターを初期化 (firstboot) してイメージの設定に戻してください:'
		line3='/etc/init.d/network restart'
		;;
	FIRST_BOOT_FAILED)
		line1='イメージの設定を書き込めなかったので、再起動し、それでも直らなければ'
		line2='/etc/mape-image/first-boot.log を見てください。'
		;;
	esac
}
