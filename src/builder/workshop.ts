import type { ExecResult, OutputStream } from '../io/ports.ts';
import type { FileTree } from '../overlay/file-tree.ts';

/** Where make runs: in a tree on this machine, or in one inside a container. */
export interface Workshop {
  /** Path of the tree as make sees it. */
  readonly dir: string;
  /**
   * Run make in the tree, umask 022; the exit code is a result.
   *
   * @throws IoError TOOL_TIMEOUT, INTERRUPTED
   */
  runMake(args: readonly string[], options: MakeOptions): Promise<ExecResult>;
  /** Lay the overlay out where make can read it, beside an empty folder for what it makes; both go after `use`. */
  withStage<T>(overlay: FileTree, mtimeSec: number, use: (stage: Stage) => Promise<T>): Promise<T>;
}

export interface MakeOptions {
  readonly timeoutMs: number;
  readonly onOutput?: (stream: OutputStream, text: string) => void;
}

/** Absolute paths as make sees them. */
export interface Stage {
  readonly filesDir: string;
  readonly binDir: string;
  /** After make: a folder of this machine with what it left in `binDir`; what it left in the tree can then be read, too. */
  collect(profile: string): Promise<string>;
}
