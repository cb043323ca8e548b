import type { ConfigErrorCode } from '../../../config/errors.ts';
import { byReason, field, needs, setting } from './field.ts';
import { malformedHint } from './mape.ts';
import { amount, quoted, type Say, shown, when } from './text.ts';

const MAKE_HASH = 'openssl passwd -6 で作ってください';
const WHOLE_KEY_LINE = '.pub で終わるファイルの 1 行全体をコピーしてください';

/** What single settings need. */
export const configFields = {
  CONFIG_BAD_PREFIX: field('IPv6 プレフィックスまたはアドレス', malformedHint),
  CONFIG_BAD_PROFILE: field(
    '128 文字までのプロファイル名',
    '機種の id、ボード名、または製品名を tplink_archer-c6-v2 のように書いてください',
  ),
  CONFIG_BAD_RELEASE: field(
    '"24.10" や "24.10.4" のような OpenWrt のリリース',
    'シリーズまたはリリースを引用符で囲んで書いてください',
  ),
  CONFIG_BAD_SERVICE: field(
    'v6plus や ocn のようなサービス名、または auto',
    '名前は「mape-image services」で確認できます',
  ),
  CONFIG_BAD_PATH: field(
    'ファイルのパス',
    byReason(
      {
        length: 'ファイルのパスを書いてください',
        tilde: '省略せずに書いてください。「~」を展開するのはシェルだけです',
        folder: 'フォルダーではなく、ファイルを 1 つずつ指定してください',
      },
      'ファイルのパスを書いてください',
    ),
  ),
  CONFIG_BAD_TARGET_PATH: field(
    'ルーター上の絶対パス',
    '/etc/motd のように、英数字と _ . + @ - だけで書いてください',
  ),
  CONFIG_BAD_MODE: field(
    '"0000" から "0777" までの 8 進数のモード',
    '普通のファイルは "0644"、プログラムは "0755"、秘密のファイルは "0600" と書いてください',
  ),
  CONFIG_FILE_CLASH: (d) => ({
    message: `${quoted(d.other, '同じパス')}がファイルにもフォルダーにもなっています${when(d.found, () => `（${quoted(d.found, '')}）`)}`,
    hint: 'どちらか一方のパスを変えてください',
  }),
  CONFIG_BAD_PACKAGE: field(
    'パッケージ名',
    byReason(
      {
        minus: '先頭の「-」を取り、packages.remove に書いてください',
        version: '版の指定を外してください。版は ImageBuilder が決めます',
        characters: 'luci-app-sqm のように、パッケージ一覧のとおりに書いてください',
      },
      'パッケージ一覧のとおりに書いてください',
    ),
  ),
  CONFIG_PACKAGE_CLASH: (d) => ({
    message: `パッケージ${quoted(d.name ?? d.found, '')}が add と remove の両方にあります`,
    hint: 'どちらか一方の行を削除してください',
  }),
  CONFIG_BAD_LAN_ADDRESS: field(
    '192.168.10.1/24 のような、長さ付きの IPv4 アドレス',
    byReason(
      {
        form: '192.168.10.1/24 のように、アドレスに /8 から /30 までの長さを付けてください',
        range: '10.0.0.0/8、172.16.0.0/12、192.168.0.0/16 のいずれかから選んでください',
        host: 'サブネットの最初と最後のアドレスは使えません。別のアドレスにしてください',
      },
      '192.168.10.1/24 のように書いてください',
    ),
  ),
  CONFIG_LAN_PUBLIC: field(
    'プライベートアドレス',
    'このサブネットのアドレスを持つインターネット上の相手と通信できなくなります。192.168.0.0/16 から選んでください',
  ),
  CONFIG_BAD_HOSTNAME: field(
    '63 文字までの英数字とハイフンからなるホスト名',
    '点、空白、下線を使わず、gate や home-router のような名前にしてください',
  ),
  CONFIG_BAD_TIMEZONE: field('IANA のタイムゾーン名', 'Asia/Tokyo のように書いてください'),
  CONFIG_BAD_SERVER: field('ホスト名またはアドレス', 'ntp.nict.jp のように書いてください'),
  CONFIG_BAD_COUNTRY: field('大文字 2 字の国名', '日本なら JP と書いてください'),
  CONFIG_BAD_SSID: (d) => ({
    message: `${needs(d, '1〜32 バイトのネットワーク名')}${when(d.sizeBytes, (bytes) => `（${bytes} バイト）`)}`,
    hint: '名前を短くしてください。日本語は 1 文字が 3 バイトです',
  }),
  CONFIG_BAD_WIFI_KEY: field(
    '8〜63 文字の ASCII 文字、または 64 桁の 16 進数のキー',
    byReason(
      {
        characters: '全角文字などを使わず、ASCII 文字だけのキーにしてください',
        short: '8 文字以上のキーにしてください',
        long: '63 文字までのキーにしてください',
      },
      'その形のキーを選んでください',
    ),
  ),
  CONFIG_WIFI_KEY_MISSING: (d) => ({
    message: `${setting(d)}がありません。暗号化${when(d.encryption, (name) => ` ${name} `)}にはキーが必要です`,
    hint: 'key: { file: … } または key: { env: … } を追加してください。暗号化しないなら encryption: none と書いてください',
  }),
  CONFIG_WIFI_KEY_UNUSED: (d) => ({
    message: `encryption: ${shown(d.encryption, 'none')} では${setting(d)}を使えません`,
    hint: 'キーを削除するか、encryption: sae-mixed と書いてください',
  }),
  CONFIG_WIFI_KEY_SAE: (d) => ({
    message: `${setting(d)}が 64 桁の 16 進数です。暗号化${when(d.encryption, (name) => ` ${name} `)}にはパスフレーズが必要です`,
    hint: 'パスフレーズを指定するか、encryption: psk2 と書いてください',
  }),
  CONFIG_WIFI_6G: (d) => ({
    message: `6 GHz 帯の暗号化は sae か owe でなければなりません${when(d.encryption, (name) => `が、「${name}」が指定されています`)}`,
    hint: 'encryption: sae と書いてください',
  }),
  CONFIG_BAD_SSH_KEY: field(
    'SSH の公開鍵',
    byReason(
      {
        private: 'これは秘密鍵です。.pub で終わるファイルの公開鍵を指定してください',
        long: '公開鍵を 1 つ、.pub で終わるファイルの 1 行を指定してください',
        form: `${WHOLE_KEY_LINE}。「ssh-ed25519 AAAA… me」のような形です`,
        type: 'この種類の鍵は使えません。ssh-keygen -t ed25519 で作ってください',
        blob: `鍵が途中で切れているか、変わっています。${WHOLE_KEY_LINE}`,
        empty: 'ファイルに公開鍵がありません。.pub で終わるファイルを指定してください',
      },
      WHOLE_KEY_LINE,
    ),
  ),
  CONFIG_SSH_NO_KEY: () => ({
    message: 'パスワードでのログインが無効で、SSH の公開鍵もありません。SSH では誰もログインできません',
    hint: 'ssh.authorizedKeys を追加するか、passwordLogin: false を削除してください',
  }),
  CONFIG_ROOT_OPEN: () => ({
    message:
      'パスワードでのログインが有効で、root のパスワードがありません。LAN の誰もが root でログインできます',
    hint: 'root.passwordHash を追加するか、passwordLogin: true を削除してください',
  }),
  CONFIG_BAD_PASSWORD_HASH: field(
    '$6$salt$… のような crypt(3) のパスワードハッシュ',
    byReason(
      {
        yescrypt: `OpenWrt は yescrypt を扱えず、誰もログインできなくなります。${MAKE_HASH}`,
        form: `ハッシュが途中で切れているか、変わっています。${MAKE_HASH}`,
        plain: `ハッシュではありません。パスワードそのものは使えません。${MAKE_HASH}`,
      },
      MAKE_HASH,
    ),
  ),
  CONFIG_BAD_PORTS: field(
    '1〜65535 のポート、または小さい順の範囲',
    '443、または範囲を "5138-5140" のように書いてください',
  ),
  CONFIG_PORTS_MISSING: (d) => ({
    message: `${setting(d)}がありません。${when(d.proto, (proto) => `${proto} で`)}開けるポートが必要です`,
    hint: 'ports: [443] のように書いてください。すべてなら ports: ["1-65535"] です',
  }),
  CONFIG_PORTS_UNUSED: (d) => ({
    message: `icmp では${setting(d)}を使えません`,
    hint: 'ports を削除してください',
  }),
  CONFIG_BAD_NAME: field('32 文字までの英数字、-、_ からなる名前', 'web のような短い名前にしてください'),
  CONFIG_BAD_IPV6_HOST: field(
    'IPv6 アドレスまたはその後半 64 ビット',
    '::1234:56ff:fe78:9abc のように後半を書けば、プレフィックスが変わっても使えます',
  ),
  CONFIG_BAD_IPV4_HOST: field('IPv4 アドレス', '192.168.1.10 のように、LAN の機器のアドレスを書いてください'),
  CONFIG_BAD_FORWARD: field(
    '「tcp 5136 -> 192.168.1.10:443」の形の転送',
    'プロトコル（tcp、udp、tcp+udp）、ポート、->、LAN の機器の順に書いてください。機器側のポートが異なるなら :443 のように続けます',
  ),
  CONFIG_FORWARD_COUNT: (d) => ({
    message: `${setting(d)}のポート数が合いません。外側は${amount(d.count, '個', '別の数')}、機器側は${amount(d.hostCount, '個', '別の数')}です`,
    hint: '両側を同じ長さの範囲にするか、機器側のポートを省いてください',
  }),
  CONFIG_FORWARD_CLASH: (d) => ({
    message: `転送${quoted(d.name, '')}のポート${quoted(d.found, '')}は、転送${quoted(d.other, '')}${when(d.otherPorts, (ports) => `（${ports}）`)}と重なります`,
    hint: 'どちらか一方のポートを変えてください',
  }),
  CONFIG_FORWARD_OUTSIDE_LAN: (d) => ({
    message: `転送${quoted(d.name, '')}の宛先${quoted(d.host, '')}が、LAN${when(d.lan, (lan) => `（${lan}）`) || ' '}の機器のアドレスではありません`,
    hint: 'ルーター以外の機器のアドレスに直すか、lan.address をそのサブネットにしてください',
  }),
  CONFIG_BAD_UCI_NAME: (d) => ({
    message: needs(
      d,
      `英数字と ${d.what === 'config' || d.what === 'type' ? '- と _' : '_'} だけの UCI の${UCI_WORDS[shown(d.what, '')] ?? '名前'}`,
    ),
    hint: byReason(
      {
        anonymous:
          'リリースによって順番が変わるため、セクションは名前でしか指定できません。名前を付けてください',
      },
      '「uci show」に表示されるとおりに書いてください',
    )(d),
  }),
  CONFIG_BAD_UCI_VALUE: (d) => ({
    message: `${needs(d, '1〜1024 文字の UCI の値')}${when(d.characters, (count) => `（${count} 文字）`)}`,
    hint: 'UCI に空の値はありません。不要なら、そのオプションを削除してください',
  }),
} satisfies Partial<Record<ConfigErrorCode, Say>>;

const UCI_WORDS: Readonly<Record<string, string>> = {
  config: '設定名',
  section: 'セクション名',
  option: 'オプション名',
  type: 'セクションの型',
};
