import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { makeTempDir, runCli, startCli } from '../support/cli.ts';
import { makeSampleTree } from '../support/sample.ts';

const dir = makeTempDir();
const tree = makeSampleTree('opkg', join(dir, 'tree'));
const out = join(dir, 'out');
const env = { XDG_CACHE_HOME: join(dir, 'cache'), XDG_STATE_HOME: join(dir, 'state') };
const args = [
  'build',
  '--prefix',
  '240b:12:3456:7800::/64',
  '--profile',
  'tplink_archer-c6-v2',
  '--imagebuilder',
  tree,
  '-o',
  out,
];

/** Processes whose working folder or command line lies in this test's own folder. */
function processesBelow(folder: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return (
          readlinkSync(`/proc/${pid}/cwd`).startsWith(folder) ||
          readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder)
        );
      } catch {
        return false;
      }
    });
}

async function untilNoProcess(folder: string): Promise<string[]> {
  for (let attempt = 0; attempt < 100 && processesBelow(folder).length > 0; attempt += 1) await wait(50);
  return processesBelow(folder);
}

/** Start a build and send a signal at the first progress event of that id; the exit code, 137 where it was killed. */
async function killAt(event: string, signal: NodeJS.Signals): Promise<number> {
  const child = startCli([...args, '--progress', 'json'], { env });
  let seen = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    const before = seen.includes(`"id":"${event}"`);
    seen += text;
    if (!before && seen.includes(`"id":"${event}"`)) child.kill(signal);
  });
  child.stdout.resume();
  const exitCode = await new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? 137)));
  expect(seen).toContain(`"id":"${event}"`);
  return exitCode;
}

const MOMENTS = [
  'locked-tree',
  'planned',
  'staged-overlay',
  'installing-packages',
  'finalizing-root',
  'building-images',
  'made-image',
];
const SIGNALS = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGKILL', 137],
] as const;

describe('a build that is ended', () => {
  it.each(MOMENTS.flatMap((moment) => SIGNALS.map(([signal, code]) => [moment, signal, code] as const)))(
    'at %s by %s leaves no final name, no lock and no process',
    async (moment, signal, code) => {
      expect(await killAt(moment, signal)).toBe(code);
      expect(await untilNoProcess(dir)).toEqual([]);
      const names = existsSync(out) ? readdirSync(out) : [];
      expect(names.filter((name) => name.startsWith('tplink'))).toEqual([]);
      // Nobody can clean up after SIGKILL but the next run.
      if (signal !== 'SIGKILL') expect(names).toEqual([]);
      execFileSync('flock', ['--nonblock', join(tree, 'Makefile'), 'true']);
    },
  );

  it('does not harm the next one, which also removes what was left', async () => {
    const { exitCode } = await runCli(args, { env });
    expect(exitCode).toBe(0);
    expect(readdirSync(out).every((name) => name.startsWith('tplink_archer-c6-v2-'))).toBe(true);
    expect(readdirSync(join(dir, 'cache/mape-image/work'))).toEqual([]);
  });
});
