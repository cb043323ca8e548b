import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { IoError } from './errors.ts';
import { isSafePath } from './exec-env.ts';
import type { Ports } from './ports.ts';

const NAME = /^mape-image-(\d+)-(\d+)-[0-9a-f]+$/;

/**
 * A folder of one's own below `parent`, removed with all in it however `use` ends. Folders that dead processes left
 * behind there are removed first.
 */
export async function withTempDir<T>(
  ports: Ports,
  parent: string,
  use: (dir: string) => Promise<T>,
): Promise<T> {
  await ports.files.makeDir(parent);
  await removeLeftovers(ports, parent);
  const dir = join(parent, `mape-image-${pidNamespace()}-${process.pid}-${randomBytes(6).toString('hex')}`);
  try {
    await ports.files.makeDir(dir);
    return await use(dir);
  } finally {
    await ports.files.remove(dir);
  }
}

async function removeLeftovers(ports: Ports, parent: string): Promise<void> {
  for (const name of await ports.files.list(parent)) {
    const [, namespace, pid] = NAME.exec(name) ?? [];
    // A process id means nothing outside of its namespace: a container's folder in a shared cache stays.
    if (pid === undefined || namespace !== pidNamespace() || isAlive(pid)) continue;
    await ports.files.remove(join(parent, name));
  }
}

/** A killed process whose parent does not collect it stays a zombie: that one needs no folder. */
function isAlive(pid: string): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

function pidNamespace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
  } catch {
    return '0';
  }
}

/** A folder to try; a `shared` parent such as /var/tmp lets other users get there first, so the folder must be ours. */
export interface SafeDirCandidate {
  readonly path: string;
  readonly shared: boolean;
}

/** Where to work, in order: the folder that was chosen, then ones that every machine has. */
export function safeDirCandidates(ports: Ports, preferred: string): readonly SafeDirCandidate[] {
  const own = `mape-image-${process.getuid?.() ?? 0}`;
  const temp = ports.env.TMPDIR;
  return [
    { path: preferred, shared: false },
    ...(temp === undefined || !temp.startsWith('/') ? [] : [{ path: join(temp, own), shared: true }]),
    { path: join('/var/tmp', own), shared: true },
    { path: join('/tmp', own), shared: true },
  ];
}

/**
 * The first candidate (made where missing) whose real path passes through make and sh unchanged, that is writable and
 * that lies in no git work tree: the main branch of OpenWrt writes the commit of the tree around it into its output.
 *
 * @param candidates absolute paths
 * @returns the real path
 * @throws IoError NO_SAFE_FOLDER
 * @see OpenWrt scripts/json_overview_image_info.py (git_commit)
 */
export async function chooseSafeDir(ports: Ports, candidates: readonly SafeDirCandidate[]): Promise<string> {
  const reasons: string[] = [];
  for (const { path, shared } of candidates) {
    const reason = await reasonAgainst(ports, path, shared);
    if (reason === undefined) return ports.files.realPath(path);
    reasons.push(`${path}: ${reason}`);
  }
  throw new IoError('NO_SAFE_FOLDER', {
    message: `wanted a writable folder whose path is free of blanks and special characters, found none (${reasons.join('; ')})`,
    hint: 'give one with --cache-dir, such as /var/tmp/mape-image',
    details: { candidates: candidates.map(({ path }) => path), reasons },
  });
}

async function reasonAgainst(ports: Ports, path: string, shared: boolean): Promise<string | undefined> {
  const real = await realPathOfFuture(ports, path);
  if (!isSafePath(real)) return 'its path has a blank or a special character';
  for (let folder = real; folder !== dirname(folder); folder = dirname(folder)) {
    if ((await ports.files.kind(join(folder, '.git'))) !== 'missing')
      return `it lies in the git work tree ${folder}`;
  }
  try {
    await ports.files.makeDir(path);
  } catch (cause) {
    ports.signal.throwIfAborted();
    if (cause instanceof IoError) return 'it cannot be made';
    throw cause;
  }
  if (!(await ports.files.isWritable(path))) return 'it is not writable';
  if (shared && !(await ports.files.isPrivateDir(path))) return 'it belongs to another user';
  return undefined;
}

/** The real path that a folder has or will have once it is made. */
async function realPathOfFuture(ports: Ports, path: string): Promise<string> {
  if (dirname(path) === path || (await ports.files.kind(path)) !== 'missing')
    return ports.files.realPath(path);
  return join(await realPathOfFuture(ports, dirname(path)), basename(path));
}
