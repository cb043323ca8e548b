import type { ImageErrorCode } from '../../../image/errors.ts';
import { type Say, shown, type Value, when } from './text.ts';

const NOT_AN_IMAGE = 'ImageBuilder のイメージではありません。書き込まないでください';

export const image = {
  FWTOOL_BAD_CRC: (d) => ({
    message: `イメージが壊れています。fwtool の crc32 が${when(d.wanted, (wanted) => `「${wanted}」ではなく`)}「${shown(d.found, '別の値')}」です${atByte(d.offset)}`,
    hint: '作られた後で変わっています。もう一度ビルドするか、ダウンロードしてください',
  }),
  FWTOOL_BAD_SIZE: (d) => ({
    message: `イメージが壊れています。fwtool の長さ${when(d.size, (size) => ` ${size} バイト`)}が${when(d.available, (available) => ` ${shown(d.trailerBytes, '0')}〜${available} バイトの`) || '正しい'}範囲にありません${atByte(d.offset)}`,
    hint: '途中で切れているか、壊れています。もう一度ビルドするか、ダウンロードしてください',
  }),
  FWTOOL_BAD_TYPE: (d) => ({
    message: `fwtool の種類は 0（署名）か 1（メタデータ）でなければなりません${when(d.type, (type) => `が、「${type}」です`)}${atByte(d.offset)}`,
    hint: NOT_AN_IMAGE,
  }),
  FWTOOL_TOO_MANY: (d) => ({
    message: `fwtool の部分が多すぎます${when(d.limit, (limit) => `。${limit} 個までです`)}`,
    hint: NOT_AN_IMAGE,
  }),
  IMAGE_TRUNCATED: (d) => ({
    message: `イメージが途中で切れています${when(d.what, (what) => `（${what}）`)}${when(d.wanted, (wanted) => `。${wanted} バイト必要です`)}${when(d.found, (found) => `が、全体で ${found} バイトしかありません`)}${atByte(d.offset)}`,
    hint: '途中で切れているか、壊れています。もう一度ビルドするか、ダウンロードしてください',
  }),
  ROOTFS_NO_SUCH_FILE: (d) => ({
    message: `イメージの中にファイル${when(d.path, (path) => `「${path}」`)}がありません`,
    hint: 'inspect IMAGE --files で、入っているファイルの一覧を確かめてください',
  }),
} satisfies Partial<Record<ImageErrorCode, Say>>;

function atByte(offset: Value): string {
  return when(offset, (bytes) => `（先頭から ${bytes} バイト）`);
}
