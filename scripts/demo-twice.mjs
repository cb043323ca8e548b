// Build the demo image twice, each time from a tarball of its own unpacked in a place of its own, and compare every output.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const demo = join(import.meta.dirname, 'demo.mjs');
/** What says when and how long, ImageBuilder's own SBOM among it, and the list of digests that covers them. */
const OF_ONE_RUN = /^(?:build\.log|sha256sums|.*\.bom\.cdx\.json)$/;

const dirs = ['first', 'second-with-a-longer-name'].map((name) =>
  mkdtempSync(join(tmpdir(), `mape-demo-${name}-`)),
);
try {
  const [first, second] = dirs.map(build);
  const names = new Set([...first.keys(), ...second.keys()]);
  const differing = [...names].filter((name) => first.get(name) !== second.get(name));
  if (!names.has('plan.json') || differing.length > 0) {
    console.error(`two builds of the demo differ: ${differing.sort().join(', ')}`);
    process.exitCode = 1;
  } else {
    console.error(`two builds of the demo are equal in ${names.size} files`);
  }
} finally {
  for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
}

/** Digests of the outputs by name. */
function build(dir) {
  const env = { ...process.env, XDG_CACHE_HOME: join(dir, 'cache'), XDG_STATE_HOME: join(dir, 'state') };
  const { status } = spawnSync(process.execPath, [demo, '--quiet'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...env, MAPE_IMAGE_OUTPUT_DIR: join(dir, 'out') },
  });
  if (status !== 0) process.exit(status ?? 1);
  const [name] = readdirSync(join(dir, 'out')).filter((entry) => !entry.endsWith('.zst'));
  const files = readdirSync(join(dir, 'out', name)).filter((file) => !OF_ONE_RUN.test(file));
  return new Map(
    files.map((file) => [
      file,
      createHash('sha256')
        .update(readFileSync(join(dir, 'out', name, file)))
        .digest('hex'),
    ]),
  );
}
