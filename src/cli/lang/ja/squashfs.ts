import type { ImageErrorCode } from '../../../image/errors.ts';
import { amount, choose, quoted, quotedWhole, type Say, shown, spaced, type Value, when } from './text.ts';

const DAMAGED = '作られた後で壊れています。もう一度ビルドするか、ダウンロードしてください';
const NOT_AN_IMAGE = 'ImageBuilder のイメージではありません。書き込まないでください';

const CODEC_PROBLEM = {
  cut: 'データが途中で切れています',
  data: '展開できません',
  header: 'ヘッダーが壊れています',
  size: 'データの長さがヘッダーと違います',
};

const INODE_PROBLEM = {
  fragment: 'ないフラグメントを指しています',
  number: '番号がディレクトリの記録と違います',
  owner: 'ない所有者を指しています',
  size: '大きさが正しくありません',
  type: '種類が正しくありません',
};

const DIRECTORY_PROBLEM = {
  count: '項目の数が正しくありません',
  duplicate: '同じ名前が二度出てきます',
  size: '大きさが正しくありません',
};

const TOO_LARGE = {
  content: (limit: string) => `ファイルの中身が大きすぎます${limit && `。全部で ${limit} バイトまでです`}`,
  depth: (limit: string) => `ディレクトリが深すぎます${limit && `。${limit} 段までです`}`,
  entries: (limit: string) => `ファイルの数が多すぎます${limit && `。${limit} 個までです`}`,
  tables: (limit: string) => `管理情報が大きすぎます${limit && `。${limit} バイトまでです`}`,
};

export const squashfs = {
  CODEC_BAD_CHECK: (d) => ({
    message: `${codecData(d.codec)}が壊れています。${spaced(shown(d.check, 'チェックサム'))}が${when(d.wanted, (wanted) => `「${wanted}」ではなく`)}${quotedWhole(d.found, '別の値')}です${atByte(d.offset)}`,
    hint: DAMAGED,
  }),
  CODEC_DAMAGED: (d) => ({
    message: `${codecData(d.codec)}が壊れています。${choose(CODEC_PROBLEM, d.problem) ?? CODEC_PROBLEM.data}${atByte(d.offset)}`,
    hint: DAMAGED,
  }),
  CODEC_TOO_LARGE: (d) => ({
    message: `${codecData(d.codec)}が大きすぎます${when(d.limit, (limit) => `。展開して ${limit} バイトまでです`)}${atByte(d.offset)}`,
    hint: NOT_AN_IMAGE,
  }),
  CODEC_UNSUPPORTED: (d) => ({
    message: `${codecData(d.codec)}の${d.part === 'check' ? 'チェックサム' : 'フィルター'}${when(d.found, (found) => `の ${found} 番`)}は、mape-image では読めません${atByte(d.offset)}`,
    hint: 'ImageBuilder のイメージではないか、mape-image より新しいものです',
  }),
  SQUASHFS_BAD_BLOCK: (d) => ({
    message: `squashfs のブロックの大きさは${when(d.wanted, (wanted) => ` ${wanted} バイト`) || '決まった値'}までか、ちょうどでなければなりません${when(d.found, (found) => `が、${found} バイトです`)}${atByte(d.offset)}`,
    hint: DAMAGED,
  }),
  SQUASHFS_BAD_DIRECTORY: (d) => ({
    message: `squashfs のディレクトリ${when(d.path, (path) => `「${path}」`)}が壊れています。${choose(DIRECTORY_PROBLEM, d.problem) ?? '読み取れません'}`,
    hint: DAMAGED,
  }),
  SQUASHFS_BAD_INODE: (d) => ({
    message: `squashfs の inode${when(d.path, (path) => `（${path}）`) || ' '}が壊れています。${choose(INODE_PROBLEM, d.problem) ?? '読み取れません'}`,
    hint: DAMAGED,
  }),
  SQUASHFS_BAD_NAME: (d) => ({
    message: `squashfs のディレクトリ${when(d.path, (path) => `「${path}」`)}に、ファイル名にできない名前${quoted(d.name, '')}があります`,
    hint: NOT_AN_IMAGE,
  }),
  SQUASHFS_BAD_SUPERBLOCK: (d) => ({
    message: `squashfs の先頭が壊れています${when(d.field, (field) => `。${field} が正しくありません`)}${when(d.found, (found) => `。値は「${found}」です`)}${when(d.wanted, (wanted) => `（正しくは ${wanted}）`)}`,
    hint: DAMAGED,
  }),
  SQUASHFS_BAD_TABLE: (d) => ({
    message: `squashfs の表${when(d.table, (table) => `「${table}」`)}が${when(d.end, (end) => ` ${end} バイト目の`)}終わりを越えています${atByte(d.offset)}`,
    hint: DAMAGED,
  }),
  SQUASHFS_LOOP: (d) => ({
    message: `squashfs のディレクトリ${when(d.path, (path) => `「${path}」`)}は、別の場所にもあるディレクトリです`,
    hint: NOT_AN_IMAGE,
  }),
  SQUASHFS_NO_MAGIC: (d) => ({
    message: `squashfs は hsqs という文字で始まらなければなりません${when(d.found, (found) => `が、「${found}」で始まっています`)}`,
    hint: 'squashfs のイメージかどうか、確かめてください',
  }),
  SQUASHFS_OLD_FORMAT: (d) => ({
    message: `squashfs 4.0（リトルエンディアン）でなければなりません${when(d.format, (format) => `が、${spaced(FORMAT[format] ?? format)}です`)}`,
    hint: '新しい OpenWrt の ImageBuilder で作ったイメージを使ってください',
  }),
  SQUASHFS_TOO_LARGE: (d) => ({
    message: `squashfs の${(choose(TOO_LARGE, d.part) ?? TOO_LARGE.tables)(when(d.limit, (limit) => limit))}`,
    hint: NOT_AN_IMAGE,
  }),
  SQUASHFS_UNKNOWN_COMPRESSION: (d) => ({
    message: `squashfs の圧縮方式${amount(d.found, '番', '')}は、mape-image では読めません${when(d.known, (known) => `。読めるのは ${known} です`)}`,
    hint: 'ImageBuilder のイメージではないか、mape-image より新しいものです',
  }),
} satisfies Record<Extract<ImageErrorCode, `CODEC_${string}` | `SQUASHFS_${string}`>, Say>;

const FORMAT: Readonly<Record<string, string>> = {
  'big-endian': 'ビッグエンディアン',
  lzma: '古い OpenWrt の LZMA 版',
};

function codecData(codec: Value): string {
  return `${when(codec, (name) => `${name} の`)}圧縮データ`;
}

function atByte(offset: Value): string {
  return when(offset, (bytes) => `（先頭から ${bytes} バイト）`);
}
