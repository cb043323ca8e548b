import type { ImageErrorCode } from '../../../image/errors.ts';
import { amount, choose, quoted, quotedWhole, type Say, shown, type Value, when } from './text.ts';

const REBUILD = '書き込まないでください。もう一度ビルドしてください';
const MODES = 'ファイルを用意する場所でモードと所有者を直し、もう一度ビルドしてください';

/** What a text inside an image was taken for, `details.form`. */
const FORMS = {
  'apk-installed': 'apk のパッケージ一覧',
  'opkg-status': 'opkg のパッケージ一覧',
  passwd: '利用者の一覧',
  shadow: 'パスワードの一覧',
  uci: 'UCI の設定',
};

/** Why it is none, `details.problem`. */
const PROBLEMS = {
  characters: '名前に使えない文字があります',
  command: 'config、option、list、package のいずれでもない語があります',
  duplicate: '同じ名前が二度出てきます',
  fields: '項目の数が違います',
  missing: '名前かバージョンがありません',
  'no-section': 'セクションより前にオプションがあります',
  nul: 'NUL 文字があります',
  number: '数であるべきところが数ではありません',
  quotes: '引用符が閉じていません',
  'too-many': '数が多すぎます',
  type: '同じ名前のセクションの種類が違います',
};

/** Files inside an image that cannot be read. */
export const imageFiles = {
  IMAGE_FILE_INVALID: (d) => ({
    message: `${quotedWhole(d.path, 'イメージの中のファイル')}が${when(d.line, (line) => ` ${line} 行目で`)}${choose(FORMS, d.form) === undefined ? '正しい形になっていません' : `正しい${spacedForm(d.form)}になっていません`}${when(choose(PROBLEMS, d.problem), (problem) => `。${problem}`)}${when(d.limit, (limit) => `（上限は ${limit}${when(d.found, (found) => `、見つかったのは ${found}`)}）`)}`,
    hint: '自分のファイルであれば直してください。そうでなければイメージが壊れています。もう一度ビルドするか、ダウンロードしてください',
  }),
  IMAGE_FILE_TOO_LARGE: (d) => ({
    message: `${quotedWhole(d.path, 'イメージの中のファイル')}が大きすぎます${when(d.sizeBytes, (bytes) => `。${bytes} バイトあります`)}${when(d.limitBytes, (bytes) => `（上限は ${bytes} バイト）`)}`,
    hint: 'OpenWrt のイメージのファイルではありません。書き込まないでください',
  }),
} satisfies Partial<Record<ImageErrorCode, Say>>;

/** What an image is found to hold, and what of its plan it does not. */
export const imageChecks = {
  IMAGE_CLOSED_DIRECTORY: (d) => ({
    message: `root しか通れないディレクトリの下に、ほかから読まれるファイルがあります${pathList(d)}`,
    hint: MODES,
  }),
  IMAGE_OTHER_OWNER: (d) => ({ message: `root のものではないファイルがあります${pathList(d)}`, hint: MODES }),
  IMAGE_SECOND_ROOT: (d) => ({
    message: `利用者${quoted(d.name, '')}は root と同じ権限を持っています`,
    hint: '自分で加えたのでなければ、/etc/passwd から取り除いてください',
  }),
  IMAGE_SETID_FILE: (d) => ({
    message: `所有者の権限で動くプログラムがあります${pathList(d)}`,
    hint: MODES,
  }),
  IMAGE_WORLD_WRITABLE: (d) => ({
    message: `誰でも書き換えられるファイルがあります${pathList(d)}`,
    hint: MODES,
  }),
  VERIFY_CLOSED_DIRECTORY: (d) => ({
    message: `${quotedWhole(d.path, 'ディレクトリ')}は誰でも通れなければなりません${when(d.found, (mode) => `が、モードが ${mode} です`)}`,
    hint: 'umask 022 でもう一度ビルドしてください。自分で加えたフォルダーのモードは 0755 にしてください',
  }),
  VERIFY_DIGEST_DIFFERS: (d) => ({
    message: `イメージの sha256 が記録と違います${wantedFound(d)}`,
    hint: '記録されたイメージではありません。もう一度コピーするか、ビルドしてください',
  }),
  VERIFY_FILE_DIFFERS: (d) => ({
    message: `${quotedWhole(d.path, 'ファイル')}の内容が計画と違います${wantedFound(d)}${when(d.wantedBytes, (bytes) => `。計画では ${bytes} バイトです`)}${when(d.foundBytes, (bytes) => `が、${bytes} バイトあります`)}`,
    hint: REBUILD,
  }),
  VERIFY_FILE_MISSING: (d) => ({
    message: `計画にある${quotedWhole(d.path, 'ファイル')}がイメージにありません`,
    hint: REBUILD,
  }),
  VERIFY_FILE_UNPLANNED: (d) => ({
    message: `計画にない${quotedWhole(d.path, 'ファイル')}がイメージにあります`,
    hint: '書き込まないでください。新しい ImageBuilder でもう一度ビルドしてください',
  }),
  VERIFY_LINK_DIFFERS: (d) => ({
    message: `リンク${quotedWhole(d.path, '')}の先が計画と違います${wantedFound(d)}`,
    hint: REBUILD,
  }),
  VERIFY_MODE_DIFFERS: (d) => ({
    message: `${quotedWhole(d.path, 'ファイル')}のモードが計画と違います${wantedFound(d)}`,
    hint: REBUILD,
  }),
  VERIFY_MODULE_MISSING: (d) => ({
    message: `カーネルモジュール${quoted(d.module, '')}がイメージになく、MAP-E が動きません`,
    hint: `書き込まないでください。${quoted(d.package, '必要なパッケージ')}を加えて、もう一度ビルドしてください`,
  }),
  VERIFY_MODULE_UNSEEN: (d) => ({
    message: `カーネルモジュール${quoted(d.module, '')}のファイルがありません${when(d.package, (name) => `。パッケージ「${name}」は入っています`)}。カーネルに組み込まれているかもしれません`,
    hint: 'ルーターの /sys/module の下を確かめてください',
  }),
  VERIFY_NO_METADATA: () => ({
    message: 'イメージにメタデータがないため、ルーターは自分用のイメージかどうかを確かめられません',
    hint: 'factory ではなく、sysupgrade のイメージを使ってください',
  }),
  VERIFY_NO_PACKAGE_LIST: () => ({
    message: 'イメージにパッケージの一覧がないため、確かめられません',
    hint: 'イメージと一緒に作られた manifest を見てください',
  }),
  VERIFY_OTHER_PLAN: (d) => ({
    message: `イメージは別の計画から作られています${wantedFound(d)}${when(d.path, (path) => `（${path}）`)}`,
    hint: 'イメージと一緒に作られた plan.json を使うか、もう一度ビルドしてください',
  }),
  VERIFY_OWNER_DIFFERS: (d) => ({
    message: `${quotedWhole(d.path, 'ファイル')}の所有者が計画と違います${wantedFound(d)}`,
    hint: REBUILD,
  }),
  VERIFY_PLAN_CHANGED: (d) => ({
    message: `計画の内容が ID と合いません${wantedFound(d)}`,
    hint: '作られた後で書き換えられています。元のものを使うか、もう一度ビルドしてください',
  }),
  VERIFY_RELEASE_DIFFERS: (d) => ({
    message: `イメージの OpenWrt の${choose(RELEASE_WORDS, d.what) ?? 'リリース'}が計画と違います${wantedFound(d)}`,
    hint: REBUILD,
  }),
  VERIFY_SECRET_DIFFERS: (d) => ({
    message: `${quotedWhole(d.path, 'ファイル')}にあるパスワードや鍵が、計画のものと違います`,
    hint: REBUILD,
  }),
  VERIFY_SERVICE_OFF: (d) => ({
    message: `サービス${quoted(d.service, '')}が起動時に始まらないイメージです`,
    hint: '書き込まないでください。DISABLED_SERVICES を指定せずに、もう一度ビルドしてください',
  }),
  VERIFY_TYPE_DIFFERS: (d) => ({
    message: `${quotedWhole(d.path, 'ファイル')}の種類が計画と違います${wantedFound(d)}`,
    hint: REBUILD,
  }),
} satisfies Record<string, Say>;

const RELEASE_WORDS = { version: 'バージョン', revision: 'リビジョン', target: 'ターゲット' };

function spacedForm(form: Value): string {
  const words = choose(FORMS, form) ?? '';
  return /^[a-z]/i.test(words) ? ` ${words}` : words;
}

function wantedFound({ wanted, found }: Readonly<Record<string, Value>>): string {
  return `${when(wanted, (text) => `。計画では「${text}」です`)}${when(found, (text) => `${wanted === undefined || wanted === '' ? '。' : 'が、'}見つかったのは「${text}」です`)}`;
}

function pathList({ paths, more }: Readonly<Record<string, Value>>): string {
  const others = typeof more === 'number' && more > 0 ? `、ほか${amount(more, '個', '')}` : '';
  return when(paths, () => `: ${shown(paths, '')}${others}`);
}
