import { basename, join } from 'node:path';
import type { Ports } from '../io/ports.ts';
import { withTempDir } from '../io/temp.ts';
import { shortPlanId } from '../plan/compute-plan.ts';
import type { Plan } from '../plan/plan.ts';
import type { BuildDocument } from './build-result.ts';

/** `out/<profile>-<release>-<id8>`; no prefix, SSID or host name stands in it. */
export function outputDirOf(outDir: string, plan: Plan): string {
  return join(outDir, `${plan.profile}-${plan.imagebuilder?.version ?? plan.series}-${shortPlanId(plan)}`);
}

/**
 * Fill a new folder and give it its final name once it is complete: nobody ever sees half of it under that name.
 *
 * What stands there under that name is moved away in the same breath and removed.
 */
export async function withNewDir<T>(
  ports: Ports,
  finalDir: string,
  fill: (dir: string) => Promise<T>,
): Promise<T> {
  return withTempDir(ports, join(finalDir, '..'), async (temp) => {
    const fresh = join(temp, basename(finalDir));
    await ports.files.makeDir(fresh);
    const result = await fill(fresh);
    ports.signal.throwIfAborted();
    if ((await ports.files.kind(finalDir)) !== 'missing')
      await ports.files.rename(finalDir, join(temp, 'old'));
    await ports.files.rename(fresh, finalDir);
    return result;
  });
}

/**
 * The document of a finished build in a folder, where all its files still have their digests and it is of this plan.
 */
export async function readFinishedBuild(
  ports: Ports,
  dir: string,
  plan: Plan,
): Promise<BuildDocument | undefined> {
  const sums = await readSums(ports, dir);
  // A build of an earlier version of this program has no lock.
  if (!sums.has('build.json') || !sums.has('lock.json')) return undefined;
  for (const [name, sha256] of sums) {
    const path = join(dir, name);
    if ((await ports.files.kind(path)) !== 'file' || (await ports.files.sha256(path)) !== sha256)
      return undefined;
  }
  // The digest has just shown that the text is the one this program wrote.
  const document: BuildDocument = JSON.parse(await ports.files.readText(join(dir, 'build.json')));
  return document.planId === plan.id ? document : undefined;
}

/**
 * Write `sha256sums` over all files of a folder, in the form sha256sum(1) and OpenWrt use.
 *
 * @param known digests by name, of files that were hashed as they were written
 */
export async function writeSums(
  ports: Ports,
  dir: string,
  known: ReadonlyMap<string, string> = new Map(),
): Promise<void> {
  const lines: string[] = [];
  for (const name of await ports.files.list(dir))
    lines.push(`${known.get(name) ?? (await ports.files.sha256(join(dir, name)))} *${name}\n`);
  await ports.files.writeFile(join(dir, 'sha256sums'), lines.join(''));
}

/** Digests by name as `sha256sums` of a folder gives them; none where there is no such file. */
export async function readSums(ports: Ports, dir: string): Promise<ReadonlyMap<string, string>> {
  const path = join(dir, 'sha256sums');
  return (await ports.files.kind(path)) === 'file' ? parseSums(await ports.files.readText(path)) : new Map();
}

function parseSums(text: string): ReadonlyMap<string, string> {
  const rows = text.split('\n').map((line) => /^([0-9a-f]{64}) \*([^/]+)$/.exec(line));
  return new Map(rows.flatMap((row) => (row === null ? [] : [[row[2] ?? '', row[1] ?? '']])));
}
