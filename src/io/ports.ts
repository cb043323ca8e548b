import type { Readable, Writable } from 'node:stream';
import type { Sha256 } from '../bytes/sha256.ts';
import type { Details, Finding } from '../errors.ts';
import type { FileTree } from '../overlay/file-tree.ts';

/** One program to start: an argument array, an explicit environment, never a shell. */
export interface StartRequest {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** The whole environment; nothing is inherited but what `execEnv` puts in. */
  readonly env: Readonly<Record<string, string>>;
}

/** One program run to its end. */
export interface ExecRequest extends StartRequest {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
  /** Bytes for standard input; absent: none. */
  readonly input?: Uint8Array;
  /**
   * Run in a process group of its own that ends as a whole: on abort, on timeout, when the program ends, and when this
   * process dies in whatever way.
   */
  readonly group?: boolean;
  /** Open file descriptor 8 as a pipe; its text arrives as stream `fd8`. */
  readonly fd8?: boolean;
  /** Every chunk of output as it comes. */
  readonly onOutput?: (stream: OutputStream, text: string) => void;
}

export type OutputStream = 'stdout' | 'stderr' | 'fd8';

export interface ExecResult {
  /** Exit code, or 128 + signal number. */
  readonly exitCode: number;
  /** Output text; of very long output the beginning and the end. */
  readonly stdout: string;
  readonly stderr: string;
  readonly fd8: string;
  readonly durationMs: number;
}

/** A program under way, in a process group of its own, with its streams in the caller's hands. */
export interface RunningProgram {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Settles when the program has ended; never rejects. */
  readonly ended: Promise<{ readonly exitCode: number; readonly stderr: string }>;
  kill(): void;
}

export interface ExecPort {
  /**
   * Run to the end; an exit code other than 0 is a result, not an error. The umask of the program is 022.
   *
   * @throws IoError TOOL_MISSING, TOOL_TIMEOUT; INTERRUPTED or the abort's own reason where a signal fired
   */
  run(request: ExecRequest): Promise<ExecResult>;
  /**
   * Start and return at once; the caller ends it. The only program call that an abort does not end by itself.
   *
   * @throws IoError TOOL_MISSING
   */
  start(request: StartRequest): Promise<RunningProgram>;
  /** Whether a program is on `PATH`. */
  has(program: string): Promise<boolean>;
}

/** Files. Each call but `remove` refuses to begin once the signal has fired. */
export interface FilesPort {
  /** @throws IoError FILE_MISSING, FILE_UNREADABLE */
  readFile(path: string): Promise<Uint8Array>;
  readText(path: string): Promise<string>;
  /** Names in a folder, sorted by code unit. */
  list(path: string): Promise<readonly string[]>;
  /** What stands there, links followed. */
  kind(path: string): Promise<'file' | 'directory' | 'other' | 'missing'>;
  sizeBytes(path: string): Promise<number>;
  realPath(path: string): Promise<string>;
  /** Whether this process may write there. */
  isWritable(path: string): Promise<boolean>;
  /** Whether it is a folder of this user's own in which nobody else may write. */
  isPrivateDir(path: string): Promise<boolean>;
  /** Write a file, mode 0644 (or `mode`) whatever the umask. @throws IoError DISK_FULL, FILE_UNWRITABLE */
  writeFile(path: string, data: Uint8Array | string, mode?: number): Promise<void>;
  /** Make a folder and its parents, mode 0755 whatever the umask. */
  makeDir(path: string): Promise<void>;
  /** Copy a file; mode 0755 where the source has an execute bit, otherwise 0644. */
  copyFile(from: string, to: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Remove a file or a whole folder, after an abort too; nothing there is no error. */
  remove(path: string): Promise<void>;
  sha256(path: string): Promise<string>;
  openRead(path: string): Readable;
  /** A stream into a new or emptied file, mode 0644 (or `mode`) whatever the umask. */
  openWrite(path: string, mode?: number): Writable;
  /** Write a tree below `root` (itself 0755) with exact modes and all times set to `mtimeSec`. */
  writeTree(root: string, tree: FileTree, mtimeSec: number): Promise<void>;
}

/** A request that failed and is made again. */
export interface HttpRetry {
  readonly url: string;
  /** Code of the failure. */
  readonly code: string;
  readonly waitMs: number;
}

export interface HttpGetRequest {
  readonly url: string;
  /** A larger body is refused. */
  readonly limitBytes: number;
  readonly onRetry?: (retry: HttpRetry) => void;
}

export interface HttpDownloadRequest extends HttpGetRequest {
  /** Where the file grows; what an earlier try left there is gone on with. `<path>.json` keeps what that needs. */
  readonly path: string;
  /** Bytes there are, and all there will be where the server says it. */
  readonly onProgress?: (doneBytes: number, totalBytes: number | undefined) => void;
}

export interface HttpDownloaded {
  /** Of the whole file, computed while it came. */
  readonly sha256: Sha256;
  readonly sizeBytes: number;
  /** Bytes that were there before. */
  readonly resumedBytes: number;
}

/** GET over http and https, through the proxy the environment names. An answer is whole or an error. */
export interface HttpPort {
  /**
   * @throws IoError HTTP_*, PROXY_INVALID, INTERRUPTED
   */
  get(request: HttpGetRequest): Promise<Uint8Array>;
  /**
   * @throws IoError HTTP_*, PROXY_INVALID, DISK_FULL, FILE_UNWRITABLE, INTERRUPTED
   */
  download(request: HttpDownloadRequest): Promise<HttpDownloaded>;
}

/** Every step a person is told of; `cli/lang/steps.ts` holds the sentences. */
export type StepId =
  | 'unpacking'
  | 'unpacked'
  | 'pulling-container-image'
  | 'chose-container-image'
  | 'started-container'
  | 'filling-container'
  | 'filled-container'
  | 'waiting-for-tree'
  | 'locked-tree'
  | 'read-make-info'
  | 'planned'
  | 'staged-overlay'
  | 'making-image'
  | 'checking-prerequisites'
  | 'indexing-packages'
  | 'installing-packages'
  | 'configuring-packages'
  | 'finalizing-root'
  | 'building-images'
  | 'computing-checksums'
  | 'made-image'
  | 'checked-image'
  | 'stripped-signature'
  | 'wrote-output'
  | 'already-built'
  | 'chose-release'
  | 'verified-sums'
  | 'waiting-for-download'
  | 'downloading'
  | 'resuming-download'
  | 'retrying'
  | 'checking-cache'
  | 'verified-imagebuilder'
  | 'verified-lock'
  | 'wrote-lock'
  | 'verified-record'
  | 'reused-packages';

export interface Count {
  readonly done: number;
  readonly total: number;
}

/** Where progress goes. A step is named by its id, with the values its sentence speaks of: sentences are made in `cli`. */
export interface Reporter {
  /** A step is done. */
  step(id: StepId, details?: Details): void;
  /** What is under way right now, with a share done where one is known. */
  progress(id: StepId, details?: Details, count?: Count): void;
  warn(finding: Omit<Finding, 'severity'>): void;
  /** Technical detail, shown with `--verbose` only, in English. */
  detail(text: string): void;
}

export interface Ports {
  readonly files: FilesPort;
  readonly http: HttpPort;
  readonly exec: ExecPort;
  readonly reporter: Reporter;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Fires on Ctrl-C and on SIGTERM. */
  readonly signal: AbortSignal;
  nowMs(): number;
}
