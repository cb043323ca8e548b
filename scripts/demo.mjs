// The main job on a machine without an ImageBuilder: make the sample one, and build an image with it.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const out = process.env.MAPE_IMAGE_OUTPUT_DIR ?? join(root, 'out');
const tarball = 'openwrt-imagebuilder-24.10.0-sample-ath79-generic.Linux-x86_64.tar.zst';

mkdirSync(out, { recursive: true });
run([join(root, 'samples/imagebuilder/setup.mjs'), '--flavour', 'opkg', '--tarball', tarball, out]);
run([
  join(root, 'dist/main.js'),
  'build',
  ...['--prefix', '2400:4151:8000:1200::/64', '--profile', 'tplink_archer-c6-v2'],
  ...['--imagebuilder', join(out, tarball), '--output-dir', out, '--force'],
  ...process.argv.slice(2),
]);

function run(args) {
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
