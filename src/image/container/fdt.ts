import { bytesAt } from '../bytes-at.ts';
import { READ_LIMITS } from '../read-limits.ts';
import { malformed, tooMuch } from './refuse.ts';
import { textAt } from './text-at.ts';

export const FDT_MAGIC = 0xd00dfeed;
const HEADER_BYTES = 40;
/** A name of a property has 31 characters at most; U-Boot's own are shorter. */
const MAX_NAME_BYTES = 128;
const TOKEN = { beginNode: 1, endNode: 2, property: 3, nop: 4, end: 9 } as const;

export interface TreeProperty {
  /** Of the value, from the beginning of the blob. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

export interface TreeNode {
  readonly name: string;
  readonly properties: Map<string, TreeProperty>;
  readonly children: TreeNode[];
}

/** A device tree, and how long the blob says it is. */
export interface DeviceTree {
  readonly root: TreeNode;
  readonly totalBytes: number;
}

/**
 * Read a flattened device tree. A property that stands twice is taken as it stands first.
 *
 *    0 u32 magic 0xd00dfeed     8 u32 offset of the structure    20 u32 version        36 u32 size of the structure
 *    4 u32 total size          12 u32 offset of the strings      32 u32 size of the strings
 *
 *    structure  tokens of 4 bytes, each aligned to 4: 1 begin node (name, 00), 2 end node, 3 property (u32 size, u32 offset of
 *               its name in the strings, value), 4 nothing, 9 end
 *
 * All big-endian.
 *
 * @throws ImageError IMAGE_TRUNCATED, IMAGE_MALFORMED, IMAGE_TOO_MUCH
 * @see Devicetree Specification v0.4 §5 (flattened devicetree format)
 */
export function parseDeviceTree(bytes: Uint8Array): DeviceTree {
  const head = bytesAt(bytes, 'device tree');
  const totalBytes = head.u32be(4);
  const version = head.u32be(20);
  if (version < 17) throw malformed('device tree', 20, 'version 17 or later', version);
  if (totalBytes < HEADER_BYTES)
    throw malformed('device tree', 4, `at least ${HEADER_BYTES} bytes`, totalBytes);
  const blob = bytesAt(head.slice(0, totalBytes), 'device tree');
  const structAt = blob.u32be(8);
  const struct = bytesAt(blob.slice(structAt, blob.u32be(36)), 'device tree structure');
  const strings = blob.slice(blob.u32be(12), blob.u32be(32));

  const top: TreeNode = { name: '', properties: new Map(), children: [] };
  const open: TreeNode[] = [top];
  let at = 0;
  for (let items = 0; ; ) {
    const tokenAt = at;
    const token = struct.u32be(at);
    at += 4;
    const node = open.at(-1) ?? top;
    if (token === TOKEN.end) break;
    if (token === TOKEN.nop) continue;
    items += 1;
    if (items > READ_LIMITS.maxTreeItems)
      throw tooMuch('nodes and properties in a device tree', READ_LIMITS.maxTreeItems);
    if (token === TOKEN.beginNode) {
      const name = textAt(
        struct.slice(at, Math.min(MAX_NAME_BYTES, struct.lengthBytes - at)),
        0,
        MAX_NAME_BYTES,
      );
      at = align4(at + name.length + 1);
      if (open.length > READ_LIMITS.maxTreeDepth)
        throw tooMuch('levels in a device tree', READ_LIMITS.maxTreeDepth);
      const child: TreeNode = { name, properties: new Map(), children: [] };
      node.children.push(child);
      open.push(child);
    } else if (token === TOKEN.endNode) {
      if (open.length === 1) throw malformed('device tree', structAt + tokenAt, 'a node to end', 'none open');
      open.pop();
    } else if (token === TOKEN.property) {
      const sizeBytes = struct.u32be(at);
      const name = textAt(strings, struct.u32be(at + 4), MAX_NAME_BYTES);
      const value = struct.slice(at + 8, sizeBytes);
      if (!node.properties.has(name)) node.properties.set(name, { offset: structAt + at + 8, bytes: value });
      at = align4(at + 8 + sizeBytes);
    } else throw malformed('device tree', structAt + tokenAt, 'a token of 1, 2, 3, 4 or 9', token);
  }
  const [root] = top.children;
  if (root === undefined || open.length !== 1)
    throw malformed('device tree', structAt, 'one whole root node', `${open.length - 1} nodes left open`);
  return { root, totalBytes };
}

function align4(offset: number): number {
  return Math.ceil(offset / 4) * 4;
}
