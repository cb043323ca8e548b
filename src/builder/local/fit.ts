/** Sizes found in the tree after a build, in bytes. */
export interface BuiltSizes {
  readonly kernelBytes: number | undefined;
  readonly rootfsBytes: number | undefined;
}

/** One image that was not made because it is too big. */
export interface Misfit {
  /** `sysupgrade`, `factory`, or what the file name says in their place. */
  readonly image: string;
  readonly limitBytes: number;
  /** What was held against the limit; unknown where the message has no number and no file was found. */
  readonly sizeBytes: number | undefined;
  readonly overBytes: number | undefined;
}

/** tplink-safeloader pads to the erase block of these devices. */
const BLOCK_BYTES = 64 * 1024;

/**
 * Every image that a build gave up because it does not fit, read from its messages; `make image` returns 0 all the same.
 *
 * @param stderr also holds the text of descriptor 8 where 21.02 wrote it
 * @param fd8 text of file descriptor 8, where check-size speaks from 22.03 on
 * @see OpenWrt include/image-commands.mk (check-size); firmware-utils tplink-safeloader.c
 */
export function computeMisfits(stderr: string, fd8: string, sizes: BuiltSizes): readonly Misfit[] {
  const rootfsBytes = sizes.rootfsBytes ?? readCopiedBytes(stderr);
  return [...readSafeloader(stderr, { ...sizes, rootfsBytes }), ...readCheckSize(`${fd8}\n${stderr}`)];
}

function readSafeloader(stderr: string, { kernelBytes, rootfsBytes }: BuiltSizes): Misfit[] {
  const [, ...parts] = stderr.split(/^file-system partition too big \(more than (?=\d+ bytes\))/m);
  return parts.map((part) => {
    const maxFileSystem = Number.parseInt(part, 10);
    // The message names no image; the complaints about its missing file that follow do.
    const image = /-(sysupgrade|factory)\.\w+'/.exec(part)?.[1] ?? 'sysupgrade';
    if (rootfsBytes === undefined)
      return { image, limitBytes: maxFileSystem, sizeBytes: undefined, overBytes: undefined };
    if (image === 'factory' || kernelBytes === undefined) {
      // factory: the file system begins on a block, so only its own end is rounded up.
      const limitBytes = image === 'factory' ? floorToBlock(maxFileSystem) : maxFileSystem;
      return { image, limitBytes, sizeBytes: rootfsBytes, overBytes: Math.max(0, rootfsBytes - limitBytes) };
    }
    // sysupgrade: the end of kernel and file system together is rounded up to a block before it is compared.
    const limitBytes = floorToBlock(maxFileSystem + kernelBytes);
    const sizeBytes = kernelBytes + rootfsBytes;
    return { image, limitBytes, sizeBytes, overBytes: Math.max(0, sizeBytes - limitBytes) };
  });
}

function readCheckSize(text: string): Misfit[] {
  const found = text.matchAll(/WARNING: Image file (\S+) is too big: (\d*) > (\d+)/g);
  return [...found].flatMap(([, path = '', size = '', limit]) => {
    // No number: the file was not even made, and the tool before has said why.
    if (size === '') return [];
    const image = /-([a-z0-9]+)\.[a-z0-9.]+$/i.exec(path)?.[1] ?? 'sysupgrade';
    const [sizeBytes, limitBytes] = [Number(size), Number(limit)];
    return [{ image, limitBytes, sizeBytes, overBytes: sizeBytes - limitBytes }];
  });
}

/** dd says how big the root file system was that it copied. */
function readCopiedBytes(stderr: string): number | undefined {
  const last = [...stderr.matchAll(/^(\d+) bytes \([^)]*\) copied/gm)].at(-1)?.[1];
  return last === undefined ? undefined : Number(last);
}

function floorToBlock(bytes: number): number {
  return Math.floor(bytes / BLOCK_BYTES) * BLOCK_BYTES;
}
