import type { BytesAt } from '../bytes-at.ts';
import { ImageError } from '../errors.ts';
import { undoArm, undoArm64, undoThumb } from './bcj/arm.ts';
import { undoDelta } from './bcj/delta.ts';
import { undoIa64, undoPowerPc, undoSparc } from './bcj/risc.ts';
import { undoX86 } from './bcj/x86.ts';
import type { Packed } from './codec.ts';
import { damaged } from './failure.ts';

/** A filter between LZMA2 and the data; it works in place. */
export type UndoFilter = (bytes: Uint8Array) => void;

/** Branch filters by the id of the format, and what the address of their first byte must be a multiple of. */
const BRANCH: Readonly<Record<number, { undo: (bytes: Uint8Array, start: number) => void; align: number }>> =
  {
    4: { undo: undoX86, align: 1 },
    5: { undo: undoPowerPc, align: 4 },
    6: { undo: undoIa64, align: 16 },
    7: { undo: undoArm, align: 4 },
    8: { undo: undoThumb, align: 2 },
    9: { undo: undoSparc, align: 4 },
    10: { undo: undoArm64, align: 4 },
  };
const DELTA = 3;
const LZMA2 = 0x21;

/**
 * Read one filter of a block header that is not the last.
 *
 * @param properties the filter's own: for a branch filter nothing or the address of the first byte, for delta the distance
 * @throws ImageError CODEC_UNSUPPORTED, CODEC_DAMAGED
 * @see The .xz File Format §5.3 (filter ids and properties)
 */
export function parseFilter(packed: Packed, id: number, properties: BytesAt): UndoFilter {
  if (id === DELTA) {
    if (properties.lengthBytes !== 1) throw damaged('xz', packed, 'header');
    const distance = properties.u8(0) + 1;
    return (bytes) => undoDelta(bytes, distance);
  }
  const branch = BRANCH[id];
  if (branch === undefined) throw unsupported(packed, 'filter', id);
  if (properties.lengthBytes !== 0 && properties.lengthBytes !== 4) throw damaged('xz', packed, 'header');
  const start = properties.lengthBytes === 0 ? 0 : properties.u32le(0);
  if (start % branch.align !== 0) throw damaged('xz', packed, 'header');
  return (bytes) => branch.undo(bytes, start);
}

/**
 * Accept the last filter of a block header, which has to be LZMA2.
 *
 * @throws ImageError CODEC_UNSUPPORTED, CODEC_DAMAGED
 */
export function checkLastFilter(packed: Packed, id: number, properties: BytesAt): void {
  if (id !== LZMA2) throw unsupported(packed, 'filter', id);
  // The one byte is the size of the dictionary, from 0 (4 KiB) to 40 (4 GiB); it is never filled further than the data reach.
  if (properties.lengthBytes !== 1 || properties.u8(0) > 40) throw damaged('xz', packed, 'header');
}

/** CODEC_UNSUPPORTED: whole data that need something this reader does not have. */
export function unsupported(packed: Packed, part: 'filter' | 'check', id: number): ImageError {
  return new ImageError('CODEC_UNSUPPORTED', {
    message: `wanted a ${part} that mape-image knows in the xz data at byte ${packed.offset}, found number ${id}`,
    hint: 'this is no image of an ImageBuilder, or of one that is newer than mape-image',
    details: { codec: 'xz', offset: packed.offset, part, found: id },
  });
}
