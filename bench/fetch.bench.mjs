import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createViteServer } from 'vitest/node';
import { compare, runOnce } from './measure.mjs';

const root = join(import.meta.dirname, '..');

/** What is fetched, verified and unpacked once costs nothing the next time: a build offline against the first one. */
export async function* bench() {
  const dir = mkdtempSync(join(tmpdir(), 'mape-bench-'));
  const vite = await createViteServer({ root, server: { middlewareMode: true }, logLevel: 'error' });
  const { makeTestKey, startMirror } = await vite.ssrLoadModule('/test/fetch/mirror.ts');
  const mirror = await startMirror();
  try {
    const setup = join(root, 'samples/imagebuilder/setup.mjs');
    execFileSync(process.execPath, [setup, '--flavour', 'apk', '--tarball', 'sample.tar.zst', dir], {
      stdio: 'ignore',
    });
    const key = makeTestKey();
    mirror.addRelease({
      release: '25.12.0',
      target: 'ath79/generic',
      tarball: readFileSync(join(dir, 'sample.tar.zst')),
      key,
      profiles: [{ id: 'sample_big-flash', target: 'ath79/generic' }],
    });
    // The key is trusted by a program that stands in for the built one, and by nothing else.
    const { trustOnly } = await vite.ssrLoadModule('/test/fetch/trust.ts');
    const installed = join(dir, 'installed');
    for (const part of ['dist', 'overlays', 'profiles', 'package.json'])
      cpSync(join(root, part), join(installed, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(installed, 'node_modules'));
    trustOnly(installed, key);
    const main = join(installed, 'dist/main.js');
    let round = 0;
    const build = (cache, more, out = `out-${round}`) => {
      round += 1;
      const settings = ['--prefix', '240b:12:3456:7800::/64', '--profile', 'sample_big-flash'];
      const places = ['--mirror', mirror.url, '--cache-dir', join(dir, cache), '-o', join(dir, out)];
      const { PATH, HOME } = process.env;
      const env = { PATH, HOME, XDG_STATE_HOME: dir };
      return runOnce(process.execPath, [main, 'build', ...settings, ...places, ...more], { env });
    };
    await build('warm', []);
    const { ratio, baselineMs } = await compare(
      3,
      () => build(`cold-${round}`, []),
      () => build('warm', ['--offline']),
    );
    yield {
      what: 'build from prefix and profile, nothing fetched before',
      value: `${(baselineMs / 1000).toFixed(1)} s`,
    };
    yield { what: 'the same offline, built anew / with nothing fetched before', value: ratio.toFixed(3) };
    await build('warm', ['--offline'], 'out-again');
    const again = await compare(
      3,
      () => build(`cold-${round}`, []),
      () => build('warm', ['--offline'], 'out-again'),
    );
    yield {
      what: 'the same offline, found built / with nothing fetched before',
      value: again.ratio.toFixed(3),
    };
  } finally {
    await mirror.close();
    await vite.close();
    rmSync(dir, { recursive: true, force: true });
  }
}
