import type { ConfigErrorCode } from '../../../config/errors.ts';
import type { Details } from '../../../errors.ts';
import { byReason, field, needs, setting } from './field.ts';
import {
  amount,
  choose,
  quoted,
  quotedWhole,
  type Say,
  shown,
  spaced,
  suggest,
  type Value,
  when,
} from './text.ts';

/** What the settings hold as a whole, wherever they stand: form, keys, types, sources. */
export const config = {
  CONFIG_INVALID: (d) => ({
    message: `設定に${amount(d.count, '件', '複数')}の誤りがあります`,
    hint: '示された箇所をすべて直してから、もう一度実行してください',
  }),
  CONFIG_TOO_LARGE: (d) => ({
    message: `設定ファイルは${sizeLimit(d)}`,
    hint: '組み込むファイルは設定に書き込まず、別に置いて files で指定してください',
  }),
  CONFIG_TOO_DEEP: (d) => ({
    message: `設定の入れ子は${amount(d.limit, '段', '決められた深さ')}までです`,
    hint: '余分な括弧やハイフンがないか確認してください',
  }),
  CONFIG_SYNTAX: (d) => {
    const [wanted, hint] = choose(SYNTAX, d.problem) ?? OTHER_SYNTAX;
    return {
      message: `YAML として読めません。${wanted}${when(d.found, () => `（${quoted(d.found, '')}）`)}`,
      hint,
    };
  },
  CONFIG_TAB: () => ({
    message: '行頭にタブがあります。字下げには空白が必要です',
    hint: 'タブを空白 2 つに置き換えてください',
  }),
  CONFIG_DUPLICATE_KEY: (d) => ({
    message: `キー${quoted(d.key ?? d.found, 'の 1 つ')}が同じ場所に 2 回書かれています`,
    hint: '1 つにまとめるか、片方を削除してください',
  }),
  CONFIG_UNKNOWN_KEY: (d) => ({
    message: `${setting(d)}というキーはありません`,
    hint: suggest(d.suggestion) ?? `削除するか、次のいずれかにしてください: ${shown(d.known, '既知のキー')}`,
  }),
  CONFIG_MISSING_KEY: (d) => ({
    message: `${setting(d)}の値がありません`,
    hint: `${quoted(d.key, 'この項目')}の行を追加してください`,
  }),
  CONFIG_EMPTY: (d) => ({
    message: `${setting(d)}の値が空です`,
    hint: '値を書くか、その行を削除してください',
  }),
  CONFIG_WRONG_TYPE: (d) => {
    const wanted = spaced(wordsOf(TYPES, d.types)).trimStart();
    return {
      message: `${setting(d)}は${spaced(wordsOf(TYPES, d.types))}で書く必要がありますが、${foundInstead(d)}`,
      hint: `${wanted}で書いてください`,
    };
  },
  CONFIG_UNQUOTED: (d) => ({
    message: `${setting(d)}の値には引用符が必要です${when(d.readAs, (readAs) => `。このままでは${quoted(d.found, '値')}が「${readAs}」と読まれます`)}`,
    hint:
      d.found === undefined
        ? '値を引用符で囲んでください'
        : `"${shown(d.found, '')}" のように引用符で囲んでください`,
  }),
  CONFIG_LOOKS_BOOLEAN: (d) => ({
    message: `${setting(d)}の値${quoted(d.found, '')}は、古い YAML では真偽値と読まれます`,
    hint: `${d.found === undefined ? '値を' : `"${shown(d.found, '')}" のように`}引用符で囲んでください`,
  }),
  CONFIG_BAD_TEXT: (d) => ({
    message: `${setting(d)}には、制御文字や改行を含まない 1 行の文字列が必要です`,
    hint: '改行やタブを取り除いてください。「|」や「>」で始めた文字列は「>-」で始めるか、コロンの後ろに 1 行で書いてください',
  }),
  CONFIG_BAD_CHOICE: (d) => ({
    message: needs(d, when(d.choices, (choices) => `${choices} のいずれか`) || '決められた値'),
    hint: suggest(d.suggestion) ?? `次のいずれかを書いてください: ${shown(d.choices, '決められた値')}`,
  }),
  CONFIG_TOO_MANY: (d) => ({
    message: `${setting(d)}の値は${amount(d.limit, '個', '決められた数')}までです${when(d.count, (count) => `が、${count} 個あります`)}`,
    hint:
      d.count === undefined ? 'エイリアスを入れ子にせず、値を直接書いてください' : 'リストを短くしてください',
  }),
  CONFIG_DUPLICATE_VALUE: (d) => ({
    message: `${setting(d)}の値${quoted(d.found ?? d.value, '')}が重複しています`,
    hint: '片方を削除するか、別の名前にしてください',
  }),
  CONFIG_SOURCE_MISSING: (d) => ({
    message:
      d.kind === 'env'
        ? `${quotedWhole(d.path, '設定')}の環境変数${quoted(d.source, '')}が設定されていません`
        : `${quotedWhole(d.path, '設定')}のファイル${quotedWhole(d.source, '')}がありません`,
    hint:
      d.kind === 'env'
        ? '今回の実行のために設定するか、代わりにファイルを指定してください'
        : 'ファイルを用意するか、パスを直してください',
  }),
  CONFIG_SOURCE_ENCODING: (d) => ({
    message: `${quotedWhole(d.file, 'ファイル')}は UTF-8 の文字列ではありません`,
    hint: 'ファイルを UTF-8 で保存してください',
  }),
  CONFIG_SOURCE_TOO_LARGE: (d) => ({
    message: `${quotedWhole(d.file, 'ファイル')}は${sizeLimit(d)}`,
    hint: 'イメージには入れず、後でルーターにコピーしてください',
  }),
  CONFIG_SET_SYNTAX: (d) => ({
    message: `${shown(d.origin, '--set')} は「パス=値」の形で書く必要があります`,
    hint: byReason(SET_HINTS, SET_HINTS.path)(d),
  }),
  CONFIG_SECRET_IN_FLAG: (d) => ({
    message: `${setting(d)}は秘密の値なので、フラグではなくファイルか専用の環境変数で渡す必要があります`,
    hint: /^uci\./.test(shown(d.path, ''))
      ? '設定ファイルに書いてください'
      : `--set ${shown(d.path, 'PATH')}.env=NAME と書くか、設定ファイルでファイルを指定してください`,
  }),
  CONFIG_LITERAL_SECRET: (d) => ({
    message: `${setting(d)}の秘密の値が、設定に直接書かれています`,
    hint: '{ file: secrets/name } または { env: NAME } と書き、そちらを人に見せないでください',
  }),
  CONFIG_UCI_SECRET: (d) => ({
    message: `${setting(d)}の秘密の値が、設定に直接書かれています`,
    hint: 'このファイルを共有したり、コミットしたりしないでください',
  }),
  CONFIG_BAD_SECRET: field(
    'file と env のどちらか一方',
    '{ file: secrets/name } または { env: NAME } と書いてください',
  ),
  CONFIG_BAD_ENV_NAME: field('環境変数の名前', 'MAPE_ROOT_HASH のように、$ を付けずに名前を書いてください'),
} satisfies Partial<Record<ConfigErrorCode, Say>>;

const TYPES: Readonly<Record<string, string>> = {
  string: '文字列',
  number: '数値',
  int: '整数',
  boolean: 'true または false',
  array: 'リスト',
  object: '「名前: 値」の組',
  record: '「名前: 値」の組',
};

const FOUND_TYPES: Readonly<Record<string, string>> = {
  list: 'リスト',
  mapping: '「名前: 値」の組',
  text: '文字列',
  number: '数値',
  boolean: '真偽値',
};

const SYNTAX: Readonly<Record<string, readonly [wanted: string, hint: string]>> = {
  indent: [
    '同じ段の行は字下げをそろえ、括弧を閉じる必要があります',
    '前後の行と字下げをそろえ、[ と { を閉じてください',
  ],
  colon: [
    '「名前: 値」を 1 行に 1 つ書く必要があります',
    'コロンを補い、コロンと空白を含む値は引用符で囲んでください',
  ],
  missing: [
    '引用符と括弧を閉じ、名前の後ろにコロンを置く必要があります',
    '開いたままのものを閉じ、「名前: 値」の形で書いてください',
  ],
  escape: [
    '"…" の中で使えるのは YAML のエスケープだけです',
    "'…' で囲めば、バックスラッシュはそのままの文字になります",
  ],
  start: ['YAML の記号で始まる値があります', '値を引用符で囲んでください'],
  documents: ['文書は 1 つだけ書けます', '「---」の行を削除してください'],
  tag: ['値の前に「!」で始まる語があります', 'その語を取り除くか、値を引用符で囲んでください'],
  alias: [
    '「*」や「&」の後ろには、前に定義した名前が必要です',
    '値を直接書くか、「*」や「&」で始まる値を引用符で囲んでください',
  ],
  unexpected: ['「名前: 値」の形が必要です', 'この箇所の記号を確認し、値を引用符で囲んでください'],
  key: ['キーには名前が必要です', '「名前: 値」の形で書いてください'],
};
const OTHER_SYNTAX = ['書き方に誤りがあります', 'この行とその前の行を確認してください'] as const;

const SET_HINTS = {
  path: '--set lan.address=192.168.10.1/24 のように、点で区切ったパスと値を書いてください',
  value: '等号の後ろに値を書いてください',
  brackets: 'リストは [a, b] と書き、0 で終わる小数や記号を含む文字列は引用符で囲んでください',
} as const;

function sizeLimit({ limitBytes, found }: Details): string {
  return `${amount(limitBytes, 'バイト', '決められた大きさ')}までです${when(found, (bytes) => `が、${bytes} バイトあります`)}`;
}

/** A number or a truth value is shown; a text may be a secret that was put one level too high. */
function foundInstead({ found, foundType }: Details): string {
  return typeof found === 'number' || typeof found === 'boolean'
    ? `「${found}」と書かれています`
    : `${choose(FOUND_TYPES, foundType) ?? '別の型'}になっています`;
}

function wordsOf(words: Readonly<Record<string, string>>, types: Value): string {
  const names = typeof types === 'object' ? types : [];
  const unique = [...new Set(names.map((type) => choose(words, type) ?? type))];
  return unique.length === 0 ? '決められた型' : unique.join('または');
}
