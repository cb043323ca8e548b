export interface CpioEntry {
  readonly path: string;
  readonly type: 'directory' | 'file' | 'link';
  /** Permission bits; of no meaning for a link. */
  readonly mode: number;
  /** Content of a file, target of a link. */
  readonly bytes: Uint8Array;
}

const TYPE_BITS = { directory: 0o040000, file: 0o100000, link: 0o120000 } as const;
const LAST = 'TRAILER!!!';

/**
 * Pack entries as a cpio archive in the form the kernel unpacks at start: `newc`, fourteen fields of eight hex digits,
 * name and content each filled up to four bytes.
 *
 * @see linux Documentation/driver-api/early-userspace/buffer-format.rst
 */
export function packCpio(entries: readonly CpioEntry[]): Buffer {
  const last: CpioEntry = { path: LAST, type: 'file', mode: 0, bytes: new Uint8Array() };
  return Buffer.concat([...entries, last].flatMap((entry, index) => packEntry(entry, index)));
}

function packEntry(entry: CpioEntry, index: number): readonly Uint8Array[] {
  const name = Buffer.from(`${entry.path.replace(/^\//, '')}\0`);
  const isLast = entry.path === LAST;
  const fields = [
    isLast ? 0 : index + 1, // inode
    isLast ? 0 : TYPE_BITS[entry.type] | entry.mode,
    0, // owner
    0, // group
    1, // links
    0, // time
    entry.bytes.length,
    0, // device, major and minor
    0,
    0,
    0,
    name.length,
    0, // checksum, of another variant
  ];
  const header = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`);
  return [header, name, fill(header.length + name.length), entry.bytes, fill(entry.bytes.length)];
}

function fill(length: number): Uint8Array {
  return new Uint8Array((4 - (length % 4)) % 4);
}
