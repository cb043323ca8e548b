import { link, open, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as zlib from 'node:zlib';
import { extract } from 'tar-stream';
import { abortError } from './abort.ts';
import {
  ARCHIVE_LIMITS,
  type ArchiveEntry,
  type ArchiveLimits,
  createArchiveRules,
} from './archive-entry.ts';
import { fileError, IoError, isErrno } from './errors.ts';
import { execEnv } from './exec-env.ts';
import { makeDir } from './make-dir.ts';
import type { Ports } from './ports.ts';

/**
 * Unpack a `.tar.zst`, `.tar.xz` or `.tar` into an existing folder, by its content and not by its name. Modes become
 * 0755 (folders, and files with an execute bit) or 0644 whatever the umask; owners are those of this process; times of
 * files are kept, for make goes by them.
 *
 * @param into a folder that is empty
 * @returns the name of the one folder at the top, and how many entries there are
 * @throws IoError ARCHIVE_REFUSED, ARCHIVE_CORRUPT, FILE_MISSING, DISK_FULL, TOOL_MISSING, INTERRUPTED
 */
export async function unpackArchive(
  ports: Ports,
  archive: string,
  into: string,
  limits: ArchiveLimits = ARCHIVE_LIMITS,
): Promise<{ readonly top: string; readonly entries: number }> {
  const rules = createArchiveRules(archive, limits);
  const parser = extract();
  const decoded = await openDecoded(ports, archive);
  const writing = (async () => {
    for await (const part of parser) {
      const entry = rules.accept(part.header);
      if (entry === undefined) part.resume();
      else await writeEntry(into, entry, part);
    }
  })();
  const failure = await firstFailure([writing, pipeline(decoded.stream, parser), decoded.ended], () => {
    // Without an error of its own the parser would leave the reader of its entries waiting.
    parser.destroy(new Error('stopped'));
    decoded.stream.destroy();
    decoded.kill();
  });
  if (ports.signal.aborted) throw abortError(ports.signal);
  if (failure !== undefined) throw archiveError(failure.cause, archive, into);
  return rules.finish();
}

/** Wait for all; with the first that fails, stop the others. */
async function firstFailure(
  tasks: readonly Promise<unknown>[],
  stop: () => void,
): Promise<{ readonly cause: unknown } | undefined> {
  let first: { readonly cause: unknown } | undefined;
  await Promise.all(
    tasks.map((task) =>
      task.catch((cause: unknown) => {
        first ??= { cause };
        stop();
      }),
    ),
  );
  return first;
}

async function writeEntry(into: string, entry: ArchiveEntry, content: Content): Promise<void> {
  const path = join(into, entry.path);
  await makeDir(dirname(path));
  switch (entry.type) {
    case 'directory':
      await makeDir(path);
      break;
    case 'file': {
      const file = await open(path, 'wx', 0o600);
      try {
        for await (const chunk of content) if (chunk instanceof Uint8Array) await file.writeFile(chunk);
        await file.chmod(entry.executable ? 0o755 : 0o644);
        await file.utimes(entry.mtimeSec, entry.mtimeSec);
      } finally {
        await file.close();
      }
      return;
    }
    case 'symlink':
      await symlink(entry.target, path);
      break;
    case 'hardlink':
      await link(join(into, entry.target), path);
      break;
    default:
      entry satisfies never;
  }
  content.resume();
}

/** The content of one entry; it has to be read or skipped before the next one comes. */
interface Content extends AsyncIterable<unknown> {
  resume(): unknown;
}

interface Decoded {
  readonly stream: Readable;
  /** Rejects where the content is damaged. */
  readonly ended: Promise<void>;
  kill(): void;
}

async function openDecoded(ports: Ports, archive: string): Promise<Decoded> {
  const source = ports.files.openRead(archive);
  const program = await detectProgram(ports, archive);
  if (program === undefined) return { stream: source, ended: Promise.resolve(), kill: () => undefined };
  if (program === 'zstd' && hasZstd(zlib)) {
    const decoder = zlib.createZstdDecompress();
    const stream = decoder.pipe(new PassThrough());
    return { stream, ended: pipeline(source, decoder), kill: () => source.destroy() };
  }
  const running = await ports.exec.start({ file: program, args: ['-dc'], env: execEnv(ports.env) });
  const feeding = pipeline(source, running.stdin).catch((cause: unknown) => {
    // The program stops reading at damaged data and says why on its own; only our side of the pipe is no news.
    if (!isErrno(cause) || cause.code !== 'EPIPE') throw cause;
  });
  const ended = Promise.all([feeding, running.ended]).then(([, { exitCode, stderr }]) => {
    if (exitCode !== 0) throw corruptError(archive, stderr.trim().split('\n')[0] ?? `exit code ${exitCode}`);
  });
  return { stream: running.stdout, ended, kill: running.kill };
}

async function detectProgram(ports: Ports, archive: string): Promise<'zstd' | 'xz' | undefined> {
  const magic = await readStart(archive, 262);
  if (magic.subarray(0, 4).equals(Buffer.from('28b52ffd', 'hex'))) return 'zstd';
  if (magic.subarray(0, 6).equals(Buffer.from('fd377a585a00', 'hex'))) return 'xz';
  if (magic.subarray(257, 262).equals(Buffer.from('ustar'))) return undefined;
  ports.signal.throwIfAborted();
  throw corruptError(archive, 'it is neither tar nor tar.zst nor tar.xz');
}

async function readStart(path: string, sizeBytes: number): Promise<Buffer> {
  try {
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(sizeBytes), 0, sizeBytes, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw fileError(cause, path, 'read');
  }
}

/** Node has zstd from 22.15 on. */
function hasZstd(module: object): module is { createZstdDecompress(): NodeJS.ReadWriteStream } {
  return 'createZstdDecompress' in module;
}

function archiveError(cause: unknown, archive: string, into: string): Error {
  if (cause instanceof IoError) return cause;
  // A system call names the path it failed on only where it was ours to make; all else is the decoder's or tar's.
  if (isErrno(cause) && cause.syscall !== undefined) return fileError(cause, into, 'write');
  return corruptError(archive, cause instanceof Error ? cause.message : String(cause), cause);
}

function corruptError(archive: string, reason: string, cause?: unknown): IoError {
  return new IoError('ARCHIVE_CORRUPT', {
    message: `wanted a whole archive at ${archive}, found it damaged: ${reason}`,
    hint: 'download it again and compare its sha256 with the one that is published',
    details: { archive, reason },
    cause,
  });
}
