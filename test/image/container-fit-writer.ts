import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { u32 } from './container-writers.ts';

/** A node of a device tree to write. */
export interface NodeToWrite {
  readonly properties?: Readonly<Record<string, string | number | Uint8Array>>;
  readonly children?: Readonly<Record<string, NodeToWrite>>;
}

const pad4 = (bytes: Uint8Array): Buffer =>
  Buffer.concat([bytes, Buffer.alloc((4 - (bytes.byteLength % 4)) % 4)]);

/** A flattened device tree, version 17, as dtc lays it out. */
export function deviceTree(root: NodeToWrite): Buffer {
  let strings = '';
  const tokens: Buffer[] = [];
  const nameAt = (name: string): number => {
    const at = strings.indexOf(`${name}\0`);
    if (at !== -1) return at;
    strings += `${name}\0`;
    return strings.length - name.length - 1;
  };
  const write = (name: string, { properties = {}, children = {} }: NodeToWrite): void => {
    tokens.push(u32(1), pad4(Buffer.from(`${name}\0`)));
    for (const [key, value] of Object.entries(properties)) {
      const bytes =
        typeof value === 'string'
          ? Buffer.from(`${value}\0`)
          : typeof value === 'number'
            ? u32(value)
            : value;
      tokens.push(u32(3, bytes.byteLength, nameAt(key)), pad4(bytes));
    }
    for (const [child, node] of Object.entries(children)) write(child, node);
    tokens.push(u32(2));
  };
  write('', root);
  tokens.push(u32(9));
  const struct = Buffer.concat(tokens);
  const stringsAt = 56 + struct.length;
  const total = stringsAt + strings.length;
  return Buffer.concat([
    u32(0xd00dfeed, total, 56, stringsAt, 40, 17, 16, 0, strings.length, struct.length),
    Buffer.alloc(16),
    struct,
    Buffer.from(strings),
  ]);
}

export interface FitImageToWrite {
  readonly type: string;
  readonly data: Uint8Array;
  readonly description?: string;
  readonly external?: 'offset' | 'position';
  /** Written in place of the right values. */
  readonly hashes?: Readonly<Record<string, Uint8Array>>;
}

export const rightHashes = (data: Uint8Array): Record<string, Uint8Array> => ({
  crc32: u32(crc32(data)),
  sha1: createHash('sha1').update(data).digest(),
  sha256: createHash('sha256').update(data).digest(),
});

/** A FIT image; external data begin 4 KiB after the beginning, in the order given. */
export function fitImage(images: Readonly<Record<string, FitImageToWrite>>, alignBytes = 4096): Buffer {
  const placed = new Map<string, number>();
  let end = alignBytes;
  for (const [name, { external, data }] of Object.entries(images)) {
    if (external === undefined) continue;
    placed.set(name, end);
    end = Math.ceil((end + data.byteLength) / 16) * 16;
  }
  const tree = (treeBytes: number): Buffer =>
    deviceTree({
      properties: { description: 'ARM64 OpenWrt FIT (Flattened Image Tree)', timestamp: 1_700_000_000 },
      children: {
        images: {
          children: Object.fromEntries(
            Object.entries(images).map(([name, image]) => [
              name,
              nodeOf(image, placed.get(name) ?? 0, treeBytes),
            ]),
          ),
        },
        configurations: {
          properties: { default: 'config-1' },
          children: { 'config-1': { properties: { kernel: 'kernel-1' } } },
        },
      },
    });
  // The tree's size does not depend on the numbers in it.
  const blob = tree(Math.ceil(tree(0).length / 4) * 4);
  if (placed.size === 0) return blob;
  const file = Buffer.alloc(end);
  file.set(blob, 0);
  for (const [name, offset] of placed) file.set(images[name]?.data ?? [], offset);
  return file;
}

function nodeOf(image: FitImageToWrite, offset: number, treeBytes: number): NodeToWrite {
  const { type, data, description, external } = image;
  const place: Record<string, number | Uint8Array> =
    external === undefined
      ? { data }
      : external === 'position'
        ? { 'data-position': offset, 'data-size': data.byteLength }
        : { 'data-offset': (offset - treeBytes) >>> 0, 'data-size': data.byteLength };
  const hashes = Object.entries(image.hashes ?? rightHashes(data));
  return {
    properties: {
      ...(description === undefined ? {} : { description }),
      ...place,
      type,
      arch: 'arm64',
      os: 'linux',
      compression: type === 'kernel' ? 'gzip' : 'none',
      load: 0x44000000,
      entry: 0x44000000,
    },
    children: Object.fromEntries(
      hashes.map(([algo, value], index) => [`hash-${index + 1}`, { properties: { algo, value } }]),
    ),
  };
}
