import type { FlowErrorCode } from '../../../flow/errors.ts';
import { amount, quoted, quotedWhole, type Say, shown, when } from './text.ts';

export type InspectCode = Extract<FlowErrorCode, `DIFF_${string}` | `INSPECT_${string}` | `VERIFY_${string}`>;

/** Codes of reading an image back, of comparing and of verifying. */
export const inspect = {
  DIFF_KINDS_DIFFER: (d) => ({
    message: `同じ種類のものを二つ指定してください${when(d.first, (first) => `。「${first}」と「${shown(d.second, '別のもの')}」が指定されています`)}`,
    hint: 'イメージ、plan.json、lock.json のいずれかを二つ指定してください',
  }),
  DIFF_UNKNOWN: (d) => ({
    message: `${quotedWhole(d.path, 'このファイル')}はイメージでも計画でもロックでもありません`,
    hint: 'イメージ、plan.json、lock.json か、build が作ったフォルダーを指定してください',
  }),
  INSPECT_NO_FILE: (d) => ({
    message: `${quotedWhole(d.path, '指定の場所')}にイメージがありません`,
    hint: 'イメージのパスか、標準入力なら - を指定してください',
  }),
  INSPECT_NO_PICTURE: () => ({
    message: 'この機種のフラッシュ情報がないため、図を描けません',
    hint: '--svg を外してください。フラッシュ情報がある機種は mape-image profiles で確かめられます',
  }),
  INSPECT_NO_ROOT: (d) => ({
    message: `${quotedWhole(d.name, 'イメージ')}${when(d.container, (kind) => `（${kind}）`)}のルートファイルシステムは squashfs でなければなりません${when(d.found, (found) => `が、「${found}」です`)}`,
    hint: '機種の squashfs イメージを指定してください。sysupgrade に使うのはそれです',
  }),
  INSPECT_TOO_LARGE: (d) => ({
    message: `${quotedWhole(d.path, 'ファイル')}は大きすぎます${when(d.limitBytes, (limit) => `。${limit} バイトまでです`)}`,
    hint: 'この大きさのイメージを使うルーターはありません。別のファイルを指定してください',
  }),
  VERIFY_FAILED: (d) => ({
    message: `${quotedWhole(d.path, 'このイメージ')}は書き込まないでください。エラーが${amount(d.count, '件', '')}あります`,
    hint: '上に挙げた点を直して、もう一度ビルドしてください',
  }),
  VERIFY_NO_PLAN: (d) => ({
    message: `${quotedWhole(d.path, '指定の場所')}に計画がありません`,
    hint: '--plan で plan.json を指定するか、build が作ったフォルダーを指定してください',
  }),
} satisfies Record<InspectCode, Say>;

/** What programs say of the scripts of an image. */
export const scriptFindings = {
  VERIFY_SCRIPT_BROKEN: (d) => ({
    message: `${quoted(d.path, 'スクリプト')}は${quoted(d.program, 'シェル')}で読めません${when(d.words, (words) => `: ${words}`)}`,
    hint: '書き込まないでください。ご自身のファイルなら直し、そうでなければもう一度ビルドしてください',
  }),
  VERIFY_RULES_REFUSED: (d) => ({
    message: `${quoted(d.path, 'ルール')}は${quoted(d.program, '確認用のプログラム')}に拒否されました${when(d.words, (words) => `: ${words}`)}`,
    hint: '書き込まないでください。ご自身のファイルなら直し、そうでなければもう一度ビルドしてください',
  }),
  VERIFY_RULES_UNCHECKED: (d) => ({
    message: `nftables のルール${amount(d.count, '個', '')}は確認していません。ここでは nft を使えません${when(d.paths, (paths) => `（${paths}）`)}`,
    hint: 'ご自身のルールがあるなら、nftables をインストールするか、別のマシンで確認してください',
  }),
  VERIFY_ROOT_UNREADABLE: (d) => ({
    message: `ルートファイルシステム${when(d.found, (found) => `（${found}）`)}は読めないため、中身は確認していません`,
    hint: '可能なら機種の squashfs イメージを使ってください',
  }),
  IMAGE_FORGETS_SETTINGS: (d) => ({
    message: `イメージが${when(d.overBytes, (bytes) => ` ${bytes} バイト`)}大きすぎ、ルーターは再起動のたびに設定を失います${when(d.writableKiB, (size) => `（残り ${size} KiB、必要なのは 320 KiB）`)}`,
    hint: 'パッケージを取り除いて、もう一度ビルドしてください',
  }),
  IMAGE_LIKELY_FORGETS: (d) => ({
    message: `ImageBuilder の数値によると、設定用の領域は${amount(d.writableKiB, 'KiB ほど', 'わずか')}しか残りません。必要なのは 320 KiB で、ルーターは再起動のたびに設定を失うかもしれません`,
    hint: 'luci などのパッケージを取り除いて、もう一度ビルドしてください',
  }),
  IMAGE_COULD_DROP: (d) => ({
    message: `--remove ${shown(d.package, 'PKG')} で${when(d.freesBytes, (bytes) => ` ${bytes} バイト`)}空きます${when(d.alone, (alone) => `（一緒に外れるもの: ${alone}）`)}`,
  }),
  IMAGE_COULD_PACK: (d) => ({
    message: `squashfs のブロックを${when(d.blockKiB, (size) => ` ${size} KiB `) || '大きく'}にすると、およそ${when(d.freesBytes, (bytes) => ` ${bytes} バイト`)}空きます`,
    hint: 'ImageBuilder の .config に CONFIG_TARGET_SQUASHFS_BLOCK_SIZE=1024 を書いてください',
  }),
} satisfies Record<string, Say>;
