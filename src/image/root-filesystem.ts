/** What an entry of a root file system is. */
export type RootEntryType =
  | 'file'
  | 'directory'
  | 'symlink'
  | 'block-device'
  | 'char-device'
  | 'fifo'
  | 'socket';

/** One entry, with everything its inode says. */
export interface RootEntry {
  /** Absolute, `/etc/config/network`; the root itself is `/`. */
  readonly path: string;
  readonly type: RootEntryType;
  /** Permission bits with setuid, setgid and sticky (0 to 0o7777). */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970. */
  readonly mtimeSec: number;
  /** Bytes of a file's content; 0 for all others. */
  readonly sizeBytes: number;
  /** Of a symlink, as it stands. */
  readonly target?: string;
  /** Of a device. */
  readonly device?: { readonly major: number; readonly minor: number };
}

/** A root file system that can be read, whatever holds it. */
export interface RootFilesystem {
  /** All entries, the root among them, sorted by path in code units. */
  readonly entries: readonly RootEntry[];
  /**
   * The content of one file; no link is followed.
   *
   * @throws ImageError ROOTFS_NO_SUCH_FILE, and what the format's own reader throws
   */
  readFile(path: string): Promise<Uint8Array>;
}
