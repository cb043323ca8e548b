import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compare, runOnce } from './measure.mjs';

const root = join(import.meta.dirname, '..');
const main = join(root, 'dist/main.js');

/** What the program adds to a bare `make image` of the same tree, which takes about ten seconds on two cores. */
export async function* bench() {
  const dir = mkdtempSync(join(tmpdir(), 'mape-bench-'));
  try {
    const tree = join(dir, 'tree');
    execFileSync(process.execPath, [join(root, 'samples/imagebuilder/setup.mjs'), '--flavour', 'apk', tree], {
      stdio: 'ignore',
    });
    const settings = [
      '--prefix',
      '240b:12:3456:7800::/64',
      '--profile',
      'sample_big-flash',
      '--add',
      'sample-ballast',
    ];
    const overlay = join(dir, 'overlay');
    execFileSync(process.execPath, [main, 'render', ...settings, '-o', overlay], { stdio: 'ignore' });
    const { PATH, HOME } = process.env;
    let round = 0;
    const bare = () => {
      round += 1;
      const files = join(dir, `files-${round}`);
      cpSync(overlay, files, { recursive: true });
      mkdirSync(join(dir, `bin-${round}`));
      const args = [
        'image',
        'PROFILE=sample_big-flash',
        'PACKAGES=map luci sample-ballast',
        `FILES=${files}`,
        `BIN_DIR=${join(dir, `bin-${round}`)}`,
      ];
      return runOnce('make', args, { cwd: tree, env: { PATH, HOME, LC_ALL: 'C' } });
    };
    const ours = () => {
      const args = ['build', ...settings, '--imagebuilder', tree, '-o', join(dir, 'out'), '--force'];
      return runOnce(process.execPath, [main, ...args], {
        env: { PATH, HOME, XDG_CACHE_HOME: join(dir, 'cache'), XDG_STATE_HOME: dir },
      });
    };
    await bare();
    const { ratio, baselineMs } = await compare(3, bare, ours);
    yield { what: 'bare make image', value: `${(baselineMs / 1000).toFixed(1)} s` };
    yield { what: 'build / bare make image of the same tree', value: ratio.toFixed(3), goal: '< 1.05' };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
