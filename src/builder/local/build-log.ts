import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { fileError } from '../../io/errors.ts';
import type { Ports } from '../../io/ports.ts';

/** The full output of a build, on disk as it comes. */
export interface BuildLog {
  readonly path: string;
  write(text: string): void;
  /** @throws IoError DISK_FULL, FILE_UNWRITABLE where a part of the log could not be written */
  close(): Promise<void>;
}

/** Begin a log; its name says when and by which process, and nothing of what is built. */
export async function openBuildLog(ports: Ports, folder: string, name: string): Promise<BuildLog> {
  await ports.files.makeDir(folder);
  const path = join(folder, name);
  const stream = ports.files.openWrite(path);
  let failure: Error | undefined;
  stream.on('error', (cause) => {
    failure ??= fileError(cause, path, 'write');
  });
  return {
    path,
    write: (text) => {
      if (failure === undefined) stream.write(text);
    },
    async close() {
      if (failure === undefined) {
        stream.end();
        await finished(stream).catch(() => undefined);
      }
      if (failure !== undefined) throw failure;
    },
  };
}

/** `build-20260823T101500Z-4711.log` */
export function buildLogName(nowMs: number, pid: number): string {
  return `build-${new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${pid}.log`;
}
