import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
} from 'node:fs';
import { join } from 'node:path';
import { makeTempFolder, runAsh } from '../support.ts';

/** What is on flash: mode and digest of each file below /etc. */
export type FlashState = ReadonlyMap<string, string>;

export interface Scene {
  /** A router as it stands before the boot; all but /etc is read only. */
  readonly root: string;
  readonly bin: string;
  /** What runs at a boot; `watch_point` is a command in it. */
  readonly script: string;
  /** Whether the script has nothing more to do, given /etc. */
  isDone(etc: string): boolean;
}

interface Run {
  readonly etc: string;
  readonly stderr: string;
  /** /etc at each point, in order; none where nobody watched. */
  readonly points: readonly WatchPoint[];
}

interface WatchPoint {
  readonly folder: string;
  readonly state: FlashState;
  /** Whether everything is on flash for sure. */
  readonly synced: boolean;
}

export interface PowerCutResult {
  /** Points of the first run at which power was cut. */
  readonly points: number;
  /** Points of the runs behind a cut at which power was cut again. */
  readonly laterPoints: number;
  /** Different contents of flash among all of them, each booted from. */
  readonly states: number;
  /** For each that ended otherwise than the run without a cut: names of files that differ. */
  readonly wrong: readonly string[];
  /** Changes of more than one file between two points: places where no cut was tried. */
  readonly skipped: readonly string[];
}

/** Not compared: what tells how often something was tried, and files another program leaves half written. */
const APART = /(?:^|\/)(?:first-boot\.log|tries|\.[\w-]+\.uci-new)(?:\.new)?$/;

/**
 * Cut power at every point of a run: each different content of flash is booted from, with RAM empty, until there is nothing
 * more to do. With `again`, at every point of those runs, too, and of the runs behind these, until no content is new: any
 * number of cuts.
 *
 * A cut at a point where not everything was synced is tried twice: with the files as they were written, and with those
 * empty that were not on flash for sure.
 */
export function cutPower(scene: Scene, again: boolean): PowerCutResult {
  const work = makeTempFolder();
  try {
    const first = runFrom(scene, join(scene.root, 'etc'), join(work, 'first'), true);
    const seen = new Set<string>();
    const waiting: string[] = [];
    const wrong: string[] = [];
    const skipped = findSkipped(first.points);
    const collect = (run: Run, name: string): void => {
      for (const [folder, state] of reachable(run.points, join(work, name))) {
        const key = JSON.stringify([...state]);
        if (seen.has(key)) continue;
        seen.add(key);
        waiting.push(folder);
      }
    };
    const bootOn = (run: Run, name: string): FlashState => {
      let last = run;
      for (let boot = 0; boot < MAX_BOOTS && !scene.isDone(last.etc); boot += 1) {
        last = runFrom(scene, last.etc, join(work, `${name}-${boot}`), again);
        if (last.stderr !== '') wrong.push(`${name}: ${last.stderr}`);
        skipped.push(...findSkipped(last.points));
        laterPoints += last.points.length;
        if (again) collect(last, `${name}-${boot}-torn`);
      }
      if (!scene.isDone(last.etc)) wrong.push(`${name}: not done after ${MAX_BOOTS} boots`);
      return readState(last.etc);
    };
    let laterPoints = 0;
    collect(first, 'first-torn');
    const expected = bootOn(first, 'whole');
    for (let count = 0; waiting.length > 0; count += 1) {
      const etc = waiting.shift() ?? '';
      const differing = compareStates(expected, bootOn({ etc, points: [], stderr: '' }, String(count)));
      if (differing.length > 0) wrong.push(`${count}: ${differing.join(' ')}`);
    }
    return { points: first.points.length, laterPoints, states: seen.size, wrong, skipped };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const MAX_BOOTS = 3;

/** Boot a router whose /etc is a copy, beside the read-only rest of the scene's, RAM empty. */
function runFrom(scene: Scene, etc: string, folder: string, watched: boolean): Run {
  const root = join(folder, 'root');
  const watch = join(folder, 'watch');
  mkdirSync(join(root, 'tmp'), { recursive: true });
  mkdirSync(watch);
  for (const name of readdirSync(scene.root))
    if (name !== 'etc' && name !== 'tmp') symlinkSync(join(scene.root, name), join(root, name));
  cpSync(etc, join(root, 'etc'), { recursive: true });
  const watcher = watched ? `. '${join(import.meta.dirname, 'flash-watch.sh')}'` : 'watch_point() { :; }';
  const { stderr } = runAsh(`${watcher}\n${scene.script}`, { root, bin: scene.bin, env: { WATCH: watch } });
  const count = watched ? Number(readFileSync(join(watch, 'count'), 'utf8')) : 0;
  const points = Array.from({ length: count }, (_, index): WatchPoint => {
    const copy = join(watch, String(index + 1));
    return { folder: copy, state: readState(copy), synced: existsSync(`${copy}.synced`) };
  });
  return { etc: join(root, 'etc'), stderr, points };
}

function readState(etc: string): FlashState {
  const names = readdirSync(etc, { recursive: true, encoding: 'utf8' }).sort();
  return new Map(
    names
      .filter((name) => !APART.test(name))
      .map((name) => {
        const stat = statSync(join(etc, name));
        const content = stat.isFile()
          ? createHash('sha256')
              .update(readFileSync(join(etc, name)))
              .digest('hex')
          : 'folder';
        return [name, `${(stat.mode & 0o777).toString(8)} ${content}`];
      }),
  );
}

const EMPTY = createHash('sha256').digest('hex');

/** Folders of the points, and for points with unsynced files a second one with those empty. */
function* reachable(points: readonly WatchPoint[], torn: string): Generator<readonly [string, FlashState]> {
  let durable = new Set<string>([...(points[0]?.state.values() ?? [])].map(contentOf));
  const seen = new Set<string>();
  for (const [index, { folder, state, synced }] of points.entries()) {
    yield [folder, state];
    // uci flushes what it writes
    const unsure = [...state].filter(
      ([name, value]) =>
        !name.startsWith('config/') && !durable.has(contentOf(value)) && contentOf(value) !== EMPTY,
    );
    if (unsure.length > 0 && !seen.has(JSON.stringify([...state]))) {
      seen.add(JSON.stringify([...state]));
      const copy = join(torn, String(index));
      cpSync(folder, copy, { recursive: true });
      for (const [name] of unsure) if (statSync(join(copy, name)).isFile()) truncateSync(join(copy, name));
      yield [copy, readState(copy)];
    }
    if (synced) durable = new Set([...durable, ...[...state.values()].map(contentOf)]);
  }
}

function contentOf(value: string): string {
  return value.slice(value.indexOf(' ') + 1);
}

function compareStates(before: FlashState, after: FlashState): readonly string[] {
  return [...new Set([...before.keys(), ...after.keys()])].filter(
    (name) => before.get(name) !== after.get(name),
  );
}

/** A rename takes one name away and fills another; more than that at once means that a point is missing between. */
function findSkipped(points: readonly WatchPoint[]): string[] {
  return points.flatMap(({ state }, index) => {
    const before = points[index - 1]?.state;
    if (before === undefined) return [];
    // `mkdir -p` makes several folders, which hold nothing yet
    const names = compareStates(before, state).filter((name) => !state.get(name)?.endsWith(' folder'));
    const isRename = names.length === 2 && names.filter((name) => !state.has(name)).length === 1;
    return names.length <= 1 || isRename ? [] : [names.join(' ')];
  });
}
