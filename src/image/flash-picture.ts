/** What a piece of the flash is taken by. */
export type FlashUse = 'kernel' | 'rootfs' | 'padding' | 'writable';

/** A piece of the firmware's partition, in order. */
export interface FlashPiece {
  readonly use: FlashUse;
  readonly sizeBytes: number;
}

/** The partition of the flash that holds the firmware. */
export interface FlashPlace {
  /** From the beginning of the flash: erase blocks are counted from there. */
  readonly offsetBytes: number;
  readonly sizeBytes: number;
  readonly eraseBlockBytes: number;
}

/** Words of the picture, in the user's language. */
export interface FlashLabels {
  readonly title: string;
  readonly use: Readonly<Record<FlashUse, string>>;
}

const KIB = 1024;
/** Signs of each use: telling them apart takes no colour. */
const MARKS: Readonly<Record<'unicode' | 'ascii', Readonly<Record<FlashUse, string>>>> = {
  unicode: { kernel: '█', rootfs: '▓', padding: '░', writable: '·' },
  ascii: { kernel: '#', rootfs: '=', padding: '-', writable: '.' },
};

/**
 * How kernel and root file system take up the firmware's partition: the writable part begins at the next erase block.
 * What does not fit leaves none.
 *
 * @param image `kernelBytes` up to where the root file system begins, `rootfsBytes` of it alone
 * @see OpenWrt fstools libfstools/mtd.c (deadc0de); linux drivers/mtd/mtdsplit
 */
export function computeFlashPieces(
  image: { readonly kernelBytes: number; readonly rootfsBytes: number },
  { offsetBytes, sizeBytes, eraseBlockBytes }: FlashPlace,
): readonly FlashPiece[] {
  const usedBytes = image.kernelBytes + image.rootfsBytes;
  const writableAt = Math.ceil((offsetBytes + usedBytes) / eraseBlockBytes) * eraseBlockBytes - offsetBytes;
  const end = Math.max(sizeBytes, usedBytes);
  const pieces: FlashPiece[] = [
    { use: 'kernel', sizeBytes: image.kernelBytes },
    { use: 'rootfs', sizeBytes: image.rootfsBytes },
    { use: 'padding', sizeBytes: Math.min(writableAt, end) - usedBytes },
    { use: 'writable', sizeBytes: Math.max(0, sizeBytes - writableAt) },
  ];
  return pieces.filter((piece) => piece.sizeBytes > 0);
}

/**
 * Draw the pieces as one bar and a line for each: sign, name, size.
 *
 * @param columns the width of the bar, and with its legend of the picture; every piece has a column at least
 */
export function renderFlashText(
  pieces: readonly FlashPiece[],
  labels: FlashLabels,
  looks: { readonly columns: number; readonly unicode: boolean },
): string[] {
  const marks = looks.unicode ? MARKS.unicode : MARKS.ascii;
  const [open, close] = looks.unicode ? ['▕', '▏'] : ['[', ']'];
  const widths = shareOut(
    pieces.map(({ sizeBytes }) => sizeBytes),
    Math.max(pieces.length, looks.columns - 2),
  );
  const bar = pieces.map(({ use }, index) => marks[use].repeat(widths[index] ?? 0)).join('');
  return [
    labels.title,
    `${open}${bar}${close}`,
    ...pieces.map(({ use, sizeBytes }) => ` ${marks[use]} ${labels.use[use]} ${formatKib(sizeBytes)}`),
  ];
}

/** Whole numbers in proportion to sizes, each 1 at least, that add up to a total: the largest gives what the others lack. */
export function shareOut(sizes: readonly number[], total: number): number[] {
  const sum = sizes.reduce((all, size) => all + size, 0);
  if (sum === 0) return sizes.map(() => 0);
  const shares = sizes.map((size) => Math.max(1, Math.floor((size / sum) * total)));
  const largest = sizes.indexOf(Math.max(...sizes));
  const rest = total - shares.reduce((all, share) => all + share, 0);
  return shares.map((share, index) => (index === largest ? Math.max(1, share + rest) : share));
}

/** `320 KiB`, `7.0 KiB` where it is no whole number. */
export function formatKib(sizeBytes: number): string {
  const kib = sizeBytes / KIB;
  return `${Number.isInteger(kib) ? kib : kib.toFixed(1)} KiB`;
}
