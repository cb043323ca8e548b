import type { Sha256 } from '../../bytes/sha256.ts';
import { ImageError } from '../errors.ts';
import type { RootFilesystem } from '../root-filesystem.ts';
import type { CompressionName } from './compression.ts';
import { type ContentSource, readContent } from './content.ts';
import { openFragments } from './fragments.ts';
import { hashContents } from './hash-files.ts';
import { type IndexedTable, openIndexedTable } from './indexed-table.ts';
import type { FileContent } from './inode.ts';
import { makeTableBudget, SQUASHFS_LIMITS, type SquashfsLimits } from './limits.ts';
import { loadMetadata } from './metadata.ts';
import { measureContents } from './stored-sizes.ts';
import { parseSuperblock } from './superblock.ts';
import { walkTree } from './walk.ts';

const ID_BYTES = 4;

/** A squashfs whose tables were read; its data blocks are unpacked only when a content is asked for. */
export interface Squashfs extends RootFilesystem {
  readonly compression: CompressionName;
  readonly blockSizeBytes: number;
  /** From its first byte to its last, without what pads it. */
  readonly usedBytes: number;
  /** When it was made, in seconds since 1970. */
  readonly madeAtSec: number;
  /**
   * The SHA-256 of every file, or of those named, by path in the order of `entries`.
   *
   * @throws ImageError ROOTFS_NO_SUCH_FILE, and what reading a content throws
   */
  hashFiles(paths?: Iterable<string>): Promise<ReadonlyMap<string, Sha256>>;
  /**
   * Bytes that each file takes as it is stored, compressed.
   *
   * @throws ImageError what reading metadata throws
   */
  measureStored(): Promise<ReadonlyMap<string, number>>;
}

/**
 * Open a squashfs 4.0 and list what is in it. Bytes behind its end are no error: images pad it to an erase block.
 *
 * @param bytes of the file system from its superblock on; they must not change while it is used
 * @throws ImageError SQUASHFS_*, CODEC_*, IMAGE_TRUNCATED
 * @see Linux Documentation/filesystems/squashfs.rst
 */
export async function openSquashfs(
  bytes: Uint8Array,
  limits: Partial<SquashfsLimits> = {},
): Promise<Squashfs> {
  const superblock = parseSuperblock(bytes);
  const { compression, blockSizeBytes, usedBytes, madeAtSec } = superblock;
  const image = bytes.subarray(0, usedBytes);
  const allLimits = { ...SQUASHFS_LIMITS, ...limits };
  const budget = makeTableBudget(allLimits);
  const codec = await compression.load();
  const tables = { image, codec, budget };
  const ids = readIds(openIndexedTable(tables, superblock.idIndex, ID_BYTES, 'id'));
  const inodes = loadMetadata(tables, 'inode', superblock.inodeTable);
  const directories = loadMetadata(tables, 'directory', superblock.directoryTable);
  const root = superblock.rootInode;
  const { entries, files } = walkTree({ root, inodes, directories, ids, limits: allLimits, budget });
  const { maxContentBytes } = allLimits;
  const fragments = openFragments({ ...tables, blockSizeBytes, maxContentBytes }, superblock.fragmentIndex);
  const source: ContentSource = { image, codec, blockSizeBytes, inodes: inodes.bytes, fragments };
  const find = (path: string): FileContent => files.get(path) ?? noSuchFile(path);

  return {
    compression: compression.name,
    blockSizeBytes,
    usedBytes,
    madeAtSec,
    entries,
    readFile: async (path) => readContent(source, find(path)),
    measureStored: async () => measureContents(source, files),
    async hashFiles(paths = files.keys()) {
      const wanted = [...new Set(paths)].sort();
      const digests = await hashContents(source, wanted.map(find));
      return new Map(
        wanted.flatMap((path) => {
          const digest = digests.get(find(path));
          return digest === undefined ? [] : [[path, digest]];
        }),
      );
    },
  };
}

function readIds(table: IndexedTable): readonly number[] {
  const ids: number[] = [];
  for (let item = 0; item < table.count; item++) ids.push(table.read(item).u32le(0));
  return ids;
}

function noSuchFile(path: string): never {
  throw new ImageError('ROOTFS_NO_SUCH_FILE', {
    message: `wanted a file ${path} in the image, found none`,
    hint: 'inspect IMAGE --files lists what is in it',
    details: { path },
  });
}
