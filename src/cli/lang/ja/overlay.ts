import type { Details } from '../../../errors.ts';
import type { OverlayErrorCode, OverlayFindingCode } from '../../../overlay/errors.ts';
import { amount, choose, quoted, quotedWhole, REPORT, type Say, shown, when } from './text.ts';

const FEWER_PORTS = '転送や予約に使うポートを減らしてください';

export const overlay = {
  FILE_COLLIDES: (d) => ({
    message: `${quotedWhole(d.path, 'そのパス')}は${choose(COLLISIONS, d.reason) ?? 'ほかのファイルと重なっています'}`,
    hint: 'このファイルを別のパスに置いてください',
  }),
  FILE_MODE_REFUSED: (d) => ({
    message: `${quotedWhole(d.path, 'そのファイル')}のモード${quoted(d.mode, '')}は使えません。0000 から 0777 までです`,
    hint: 'setuid、setgid、sticky のビットを外してください',
  }),
  FILE_NAME_REFUSED: (d) => ({
    message: `${quotedWhole(d.path, 'そのパス')}は使えません。${choose(NAME_REASONS, d.reason) ?? '名前に使えない部分があります'}`,
    hint: 'このファイルの名前を変えてください',
  }),
  FILE_PATH_REFUSED: (d) => ({
    message: `${quotedWhole(d.path, 'そのパス')}には置けません。${choose(PATH_REASONS, d.reason) ?? 'ルーターが使う場所です'}`,
    hint: 'このファイルを別のパスに置いてください',
  }),
  FILE_REPLACES_CONFIG: (d) =>
    d.reason === 'network'
      ? {
          message: `${quotedWhole(d.path, 'ネットワーク設定')}をファイルごと置き換えると、機種のポートやスイッチの設定が失われます`,
          hint: '代わりに uci で設定してください',
        }
      : {
          message: `${quotedWhole(d.path, '設定')}をファイルごと置き換えます`,
          hint: '機種と MAP-E に必要な設定がすべて入っているか確認してください。uci で 1 つずつ設定するほうが安全です',
        },
  FORWARD_COUNT_DIFFERS: (d) => ({
    message: `転送${quoted(d.name, '')}のポート数が合いません。外側は${amount(d.count, '個', '別の数')}、機器側は${amount(d.hostCount, '個', '別の数')}です`,
    hint: '両側を同じ長さの範囲にしてください',
  }),
  FORWARD_HOST_OUTSIDE_LAN: (d) => ({
    message: `転送${quoted(d.name, '')}の宛先${quoted(d.host, '')}が LAN${when(d.subnet, (subnet) => `（${subnet}）`) || ' '}の外にあります`,
    hint: 'アドレスを確認するか、lan.address をそのサブネットにしてください',
  }),
  FORWARD_OVERLAPS: (d) => ({
    message: `転送${quoted(d.first, '')}と転送${quoted(d.second, '')}が同じ外側のポートを使っています`,
    hint: 'どちらか一方を、割り当てられた別のポートにしてください',
  }),
  FORWARD_PORT_NOT_OURS: (d) => ({
    message: `転送${quoted(d.name, '')}のポート${quoted(d.port, '')}は、この回線に割り当てられていません`,
    hint: usablePorts(d),
  }),
  PORT_POOL_EMPTY: (d) => ({
    message: `LAN からの接続に使えるポートが残りません${poolWanted(d)}`,
    hint: FEWER_PORTS,
  }),
  PORT_POOL_SMALL: (d) => ({
    message: `LAN からの接続に使えるポートが${amount(d.left, '個', 'わずか')}しか残りません${poolWanted(d)}`,
    hint: FEWER_PORTS,
  }),
  RESERVED_PORT_NOT_OURS: (d) => ({
    message: `予約ポート${quoted(d.port, '')}は、この回線に割り当てられていません`,
    hint: usablePorts(d),
  }),
  TIMEZONE_UNKNOWN: (d) => ({
    message: `タイムゾーン${quoted(d.zone, '')}は、内蔵の表にありません`,
    hint: '表にあるものを選ぶか、uci で system の zonename と timezone（POSIX 形式）を設定してください',
  }),
  UCI_OVERRIDES_OURS: (d) => ({
    message: `${quoted(d.section, '設定')}は MAP-E 自体の設定ですが、uci で上書きされます`,
    hint: '計算した値より優先されます。MAP-E が動くことを確かめてください',
  }),
  WIFI_KEY_MISSING: (d) => ({
    message: `無線 LAN${quoted(d.ssid, ' ')}のキーがありません${when(d.encryption, (name) => `（暗号化 ${name}）`)}`,
    hint: 'キーを指定するか、encryption: none と書いてください',
  }),
  OVERLAY_REFUSED: (d) => ({
    message: `この回線やルーターに合わない設定が${amount(d.count, '件', '複数')}あります`,
    hint: '示された設定を直してください',
  }),
  OVERLAY_TEMPLATE_INVALID: (d) => ({
    message: `テンプレート${quotedWhole(d.path, '')}を展開できません${when(d.reason, (reason) => `（${reason}）`)}`,
    hint: 'mape-image を入れ直してください。それでも直らなければ、ご報告ください',
  }),
  OVERLAY_UNSAFE_VALUE: (d) => ({
    message: `ルーター上のファイルに書けない値があります${when(d.place, (place) => `（${place}）`)}。${choose(VALUE_REASONS, d.reason) ?? '決められた形ではありません'}`,
    hint: '改行や制御文字を含まない、普通の 1 行の文字列にしてください',
  }),
  OVERLAY_VIEW_INVALID: (d) => ({
    message: `計画の id には 64 桁の 16 進数が必要です${when(d.characters, (count) => `が、${count} 文字です`)}`,
    hint: REPORT,
  }),
} satisfies Record<OverlayErrorCode | OverlayFindingCode, Say>;

const COLLISIONS: Readonly<Record<string, string>> = {
  ours: 'mape-image が作るファイルと重なっています',
  twice: '2 回指定されています',
  nested: 'フォルダーとしても使われています',
};

const NAME_REASONS: Readonly<Record<string, string>> = {
  characters: '制御文字とバックスラッシュは名前に使えません',
  'uci-defaults': '初回起動のスクリプトの名前に使えるのは、英数字と . - _ だけです',
  vanishes: 'ImageBuilder が取り除く名前です',
};

const PATH_REASONS: Readonly<Record<string, string>> = {
  form: '空の部分、「.」、「..」のない絶対パスが必要です',
  link: 'システムが動かすリンクです',
  vital: '元のファイルがないと、ルーターが起動しないかログインできなくなります',
  root: '使えるのは /etc、/usr、/root、/www、/opt、/srv、/lib/firmware、/lib/upgrade の下だけです',
};

const VALUE_REASONS: Readonly<Record<string, string>> = {
  empty: '値が空です',
  missing: '値がありません',
  characters: '使えない文字が含まれています',
  'control-character': '制御文字が含まれています',
  'not-unicode': 'Unicode の文字列ではありません',
  number: '0 以上の整数が必要です',
};

function poolWanted({ wanted }: Details): string {
  return when(wanted, (count) => `。${count} 個以上が必要です`);
}

function usablePorts(d: Details): string {
  return `次の中から選んでください。ほかのポートはこの回線に届きません: ${shown(d.usable, '「mape-image calc」に表示されるポート')}`;
}
