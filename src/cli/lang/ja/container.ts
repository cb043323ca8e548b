import type { ImageErrorCode } from '../../../image/errors.ts';
import { amount, choose, quoted, type Say, shown, spaced, type Value, when } from './text.ts';

/** Codes of the readers of containers and layouts. */
type ContainerCode = Extract<
  ImageErrorCode,
  'IMAGE_GZIP_DAMAGED' | 'IMAGE_MALFORMED' | 'IMAGE_OVERLAP' | 'IMAGE_TOO_MUCH' | 'IMAGE_UNKNOWN'
>;

const MAKE_AGAIN = '途中で切れているか、壊れています。もう一度ビルドするか、ダウンロードしてください';
const DO_NOT_FLASH = '作られた後で壊れています。書き込まずに、もう一度ビルドするか、ダウンロードしてください';
const COMPARE = 'ファイルの sha256 を、公開されている値と比べてください';

/** What `details.found` names in English. */
const FILES: Readonly<Record<string, string>> = {
  'an empty file': '空のファイル',
  'a zip archive': 'zip ファイル',
  'an empty zip archive': '空の zip ファイル',
  'a gzip file': 'gzip ファイル',
  'an xz file': 'xz ファイル',
  'a zstd file': 'zstd ファイル',
  'a bzip2 file': 'bzip2 ファイル',
  'a 7z archive': '7z ファイル',
  'a rar archive': 'rar ファイル',
  'an ELF program': '実行ファイル（ELF）',
  'a Windows or EFI program': '実行ファイル（Windows または EFI）',
  'a script': 'スクリプト',
  'a PDF': 'PDF',
  'a PNG picture': 'PNG 画像',
  'a TRX image without a squashfs': 'squashfs のない TRX イメージ',
  'a SEAMA image without a squashfs': 'squashfs のない SEAMA イメージ',
  'a NETGEAR CHK image without a squashfs': 'squashfs のない NETGEAR CHK イメージ',
  'nothing but zero bytes at its beginning': '先頭が 0 だけのデータ',
  'erased flash (ff) at its beginning': '先頭が消去済みフラッシュ（ff）のデータ',
  'a web page': 'ウェブページ',
  JSON: 'JSON',
  text: 'テキスト',
};

export const container = {
  IMAGE_GZIP_DAMAGED: (d) => ({
    message: `gzip ファイルが壊れています${when(d.reason, (reason) => `: ${reason}`)}`,
    hint: MAKE_AGAIN,
  }),
  IMAGE_MALFORMED: (d) => ({
    message: `イメージの構造が壊れています${atByte(d.what, d.offset)}${when(d.found, (found) => `。値は「${shown(found, '')}」です`)}`,
    hint: '壊れているか、OpenWrt のイメージではありません。もう一度ビルドするか、ダウンロードしてください',
  }),
  IMAGE_OVERLAP: (d) => ({
    message: `イメージの構造が壊れています。${quoted(d.first, '二つの部分')}${when(d.second, (second) => `と${quoted(second, '')}`)}が重なっています${atByte(undefined, d.offset)}`,
    hint: '壊れているか、OpenWrt のイメージではありません。もう一度ビルドするか、ダウンロードしてください',
  }),
  IMAGE_TOO_MUCH: (d) => ({
    message: `イメージの中の数や大きさが多すぎます${when(d.what, (what) => `（${what}）`)}${when(d.limit, (limit) => `。上限は ${limit} です`)}`,
    hint: 'ImageBuilder のイメージではありません。書き込まないでください',
  }),
  IMAGE_UNKNOWN: (d) => ({
    message: `OpenWrt のイメージではありません${when(d.found, (found) => `。見つかったのは${spaced(choose(FILES, found) ?? quoted(d.firstBytes, '未知のデータ'))}です`)}`,
    hint: '名前が sysupgrade.bin、factory.bin、.itb、.tar、.img.gz のどれかで終わるファイルを指定してください',
  }),
} satisfies Record<ContainerCode, Say>;

/** What an image is found to be while it is laid out. */
export const containerFindings = {
  IMAGE_CHECKSUM_WRONG: (d) => ({
    message: `${quoted(d.what, 'イメージの一部')}が壊れています。${spaced(shown(d.algorithm, 'チェックサム')).trimStart()}が${when(d.wanted, (wanted) => `「${wanted}」ではなく`)}${quoted(d.found, '別の値')}です`,
    hint: DO_NOT_FLASH,
  }),
  IMAGE_CHECKSUM_UNKNOWN: (d) => ({
    message: `${quoted(d.what, 'イメージの一部')}の${spaced(shown(d.algorithm, 'チェックサム'))}は確かめられません。知らない方式です`,
    hint: COMPARE,
  }),
  IMAGE_METADATA_INVALID: (d) => ({
    message: `イメージの終わりにあるメタデータを読めません${when(d.reason, (reason) => `: ${reason}`)}`,
    hint: 'ルーターはこのようなイメージを受け付けません。もう一度ビルドするか、ダウンロードしてください',
  }),
  IMAGE_NO_MARKER: (d) => ({
    message: `ルートファイルシステムの後に目印 deadc0de がありません${atByte(undefined, d.offset)}`,
    hint: '書き込んだ後で、フラッシュに残っている古い設定が戻ることがあります',
  }),
  IMAGE_SIGNATURE_UNREADABLE: (d) => ({
    message: `署名が ucert の形式でも usign の形式でもありません${atByte(undefined, d.offset)}`,
    hint: 'ucert の入っていないルーターは署名を調べません',
  }),
  IMAGE_SIZE_DIFFERS: (d) => ({
    message: `長さが${quoted(d.what, 'ヘッダー')}に書かれた値と違います${when(d.wanted, (wanted) => `。${wanted} バイトのはずです`)}${when(d.found, (found) => `が、${found} バイトです`)}`,
    hint: DO_NOT_FLASH,
  }),
  IMAGE_UNKNOWN_BYTES: (d) => ({
    message: `何のものか分からないデータが${amount(d.sizeBytes, 'バイト', '')}あります${atByte(undefined, d.offset)}`,
    hint: COMPARE,
  }),
} satisfies Record<string, Say>;

function atByte(what: Value, offset: Value): string {
  const place = [when(what, (text) => text), when(offset, (bytes) => `先頭から ${bytes} バイト`)];
  const known = place.filter((text) => text !== '');
  return known.length === 0 ? '' : `（${known.join('、')}）`;
}
