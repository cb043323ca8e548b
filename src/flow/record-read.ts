import { dirname, join, resolve } from 'node:path';
import { AttestError } from '../attest/errors.ts';
import { type Lock, parseLock } from '../attest/lock.ts';
import { parseRecordedBuild, type RecordedBuild } from '../attest/recorded-build.ts';
import { parseRecordedOverlay } from '../attest/recorded-overlay.ts';
import { parseRecordedPlan, type RecordedPlan } from '../attest/recorded-plan.ts';
import type { Ports } from '../io/ports.ts';
import type { FileTree } from '../overlay/file-tree.ts';
import { readSums } from './output-dir.ts';

/** The record of a build, read back and unharmed. */
export interface ReadRecord {
  readonly dir: string;
  readonly plan: RecordedPlan;
  readonly lock: Lock;
  readonly build: RecordedBuild;
  /** Absent where it holds secrets. */
  readonly overlay: FileTree | undefined;
  /** Path of the image; absent where it is not with its record any more. */
  readonly imagePath: string | undefined;
}

/** Without these nothing can be repeated. */
const NEEDED = ['plan.json', 'lock.json', 'build.json'] as const;

/**
 * Read the record of a build: the folder that `build` wrote, or any file in it. Every file that is there has to have the
 * digest its `sha256sums` gives.
 *
 * @throws AttestError RECORD_MISSING, RECORD_DAMAGED, RECORD_INVALID, LOCK_INVALID; IoError
 */
export async function readRecord(ports: Ports, path: string): Promise<ReadRecord> {
  const found = resolve(ports.cwd, path);
  const dir = (await ports.files.kind(found)) === 'file' ? dirname(found) : found;
  const missing: string[] = [];
  for (const name of NEEDED) if ((await ports.files.kind(join(dir, name))) !== 'file') missing.push(name);
  if (missing.length > 0) {
    throw new AttestError('RECORD_MISSING', {
      message: `wanted the record of a build at ${path}, found no ${missing.join(', no ')}`,
      hint: 'give the folder that build wrote, or a file in it',
      details: { path, missing },
    });
  }
  const files = await verifyFiles(ports, dir);
  ports.reporter.step('verified-record', { path, files: files.size });
  const read = (name: string): Promise<string> => ports.files.readText(join(dir, name));
  const plan = parseRecordedPlan(await read('plan.json'));
  const build = parseRecordedBuild(await read('build.json'));
  const lock = parseLock(await read('lock.json'), join(dir, 'lock.json'));
  const isThere = async (name: string) => (await ports.files.kind(join(dir, name))) === 'file';
  const hasOverlay = await isThere('overlay.json');
  return {
    dir,
    plan,
    lock,
    build,
    overlay: hasOverlay ? parseRecordedOverlay(await read('overlay.json'), plan) : undefined,
    imagePath: (await isThere(build.image.path)) ? join(dir, build.image.path) : undefined,
  };
}

/** The files of the record that are there, each with the digest it was written with. */
async function verifyFiles(ports: Ports, dir: string): Promise<ReadonlySet<string>> {
  const verified = new Set<string>();
  for (const [name, wanted] of await readSums(ports, dir)) {
    const path = join(dir, name);
    if ((await ports.files.kind(path)) !== 'file') continue;
    const found = await ports.files.sha256(path);
    if (found !== wanted) {
      throw new AttestError('RECORD_DAMAGED', {
        message: `wanted ${path} with sha256 ${wanted}, found ${found}`,
        hint: 'do not flash it: it was changed after it was built; take the record from where it was made',
        details: { path, wanted, found },
      });
    }
    verified.add(name);
  }
  return verified;
}
