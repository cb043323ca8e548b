import type { RootEntry, RootFilesystem } from '../root-filesystem.ts';
import { computeTextDiff, type TextDiff } from './text-diff.ts';

/** What of an entry is not the same. */
export type FileAspect = 'type' | 'mode' | 'owner' | 'content' | 'target' | 'device';

/** One entry that is not the same in two root file systems. Times do not count. */
export type FileChange =
  | { readonly change: 'added'; readonly path: string; readonly to: RootEntry }
  | { readonly change: 'removed'; readonly path: string; readonly from: RootEntry }
  | {
      readonly change: 'changed';
      readonly path: string;
      readonly aspects: readonly FileAspect[];
      readonly from: RootEntry;
      readonly to: RootEntry;
      /** Of a file whose content differs. */
      readonly diff: TextDiff | undefined;
    };

/**
 * The entries that differ, sorted by path.
 *
 * @param secretPaths files known to hold a secret, of which no line is shown
 * @throws what the readers of the roots throw
 */
export async function compareFiles(
  from: RootFilesystem,
  to: RootFilesystem,
  secretPaths: ReadonlySet<string>,
): Promise<readonly FileChange[]> {
  const before = new Map(from.entries.map((entry) => [entry.path, entry]));
  const after = new Map(to.entries.map((entry) => [entry.path, entry]));
  const changes: FileChange[] = [];
  for (const path of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    const [old, now] = [before.get(path), after.get(path)];
    if (old === undefined && now !== undefined) changes.push({ change: 'added', path, to: now });
    if (old !== undefined && now === undefined) changes.push({ change: 'removed', path, from: old });
    if (old === undefined || now === undefined) continue;
    const bothFiles = old.type === 'file' && now.type === 'file';
    const contents = bothFiles ? await readBoth(from, to, path) : undefined;
    const differs = contents !== undefined && Buffer.compare(contents.from, contents.to) !== 0;
    const aspects = [...compareEntries(old, now), ...(differs ? (['content'] as const) : [])];
    if (aspects.length === 0) continue;
    const diff =
      contents === undefined || !differs
        ? undefined
        : computeTextDiff({ path, ...contents, secret: secretPaths.has(path) || isPrivate(old, now) });
    changes.push({ change: 'changed', path, aspects, from: old, to: now, diff });
  }
  return changes;
}

function compareEntries(old: RootEntry, now: RootEntry): readonly FileAspect[] {
  const aspects: FileAspect[] = [];
  if (old.type !== now.type) aspects.push('type');
  if (old.mode !== now.mode && now.type !== 'symlink') aspects.push('mode');
  if (old.uid !== now.uid || old.gid !== now.gid) aspects.push('owner');
  if (old.target !== now.target) aspects.push('target');
  if (old.device?.major !== now.device?.major || old.device?.minor !== now.device?.minor)
    aspects.push('device');
  return aspects;
}

async function readBoth(
  from: RootFilesystem,
  to: RootFilesystem,
  path: string,
): Promise<{ readonly from: Uint8Array; readonly to: Uint8Array }> {
  return { from: await from.readFile(path), to: await to.readFile(path) };
}

/** What root alone may read is nobody else's to see. */
function isPrivate(old: RootEntry, now: RootEntry): boolean {
  return (old.mode & 0o077) === 0 || (now.mode & 0o077) === 0;
}
