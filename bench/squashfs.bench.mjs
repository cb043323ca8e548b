import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { compare, runOnce } from './measure.mjs';

const ROUNDS = 5;
/** Of what takes milliseconds, where one moment of another program is as long. */
const SHORT_ROUNDS = 25;
const IMAGE_BYTES = 10 * 2 ** 20;
/** What xz makes of programs and libraries, about. */
const RATIO = 3.2;
const modulePath = join(import.meta.dirname, '../dist/image/squashfs/squashfs.js');

/** Listing and hashing a root of about 10 MB, packed as OpenWrt packs it, against unsquashfs. */
export async function* bench() {
  const dir = mkdtempSync(join(tmpdir(), 'mape-bench-'));
  try {
    const root = join(dir, 'root');
    fill(root);
    const image = join(dir, 'image');
    const args = ['-comp', 'xz', '-b', '256K', '-Xbcj', 'x86', '-noappend', '-no-progress', '-quiet'];
    execFileSync('mksquashfs', [root, image, ...args], { stdio: 'ignore' });
    const bytes = readFileSync(image);
    const { openSquashfs } = await import(modulePath);
    const opened = await openSquashfs(bytes);
    yield { what: 'image', value: `${(bytes.length / 2 ** 20).toFixed(1)} MiB` };
    yield { what: 'entries', value: String(opened.entries.length) };

    const list = () => runOnce('unsquashfs', ['-lln', image]);
    const inside = await compare(SHORT_ROUNDS, list, () => timed(() => openSquashfs(bytes)));
    yield {
      what: 'list, in process / unsquashfs -lln',
      value: inside.ratio.toFixed(2),
      goal: 'below 1',
    };
    yield {
      what: 'list, unsquashfs and in process',
      value: `${inside.baselineMs.toFixed(1)} and ${inside.candidateMs.toFixed(1)} ms`,
    };
    const script = `import { readFileSync } from 'node:fs';
      const { openSquashfs } = await import(${JSON.stringify(modulePath)});
      const bytes = readFileSync(${JSON.stringify(image)});
      const startedMs = performance.now();
      await openSquashfs(bytes);
      process.stdout.write(String(performance.now() - startedMs));`;
    const node = ['--input-type=module', '-e', script];
    const first = await compare(ROUNDS, list, async () => ({
      ms: Number(execFileSync(process.execPath, node, { encoding: 'utf8' })),
    }));
    yield { what: 'list, the first in a process / unsquashfs -lln', value: first.ratio.toFixed(2) };
    const whole = await compare(ROUNDS, list, () => runOnce(process.execPath, node));
    yield { what: 'list, with the start of node / unsquashfs -lln', value: whole.ratio.toFixed(2) };

    const hashed = await compare(
      ROUNDS,
      () => timed(() => hashByHand(image, join(dir, 'unpacked'))),
      () => timed(async () => (await openSquashfs(bytes)).hashFiles()),
    );
    yield {
      what: 'hash every file / unsquashfs -d and sha256sum',
      value: hashed.ratio.toFixed(2),
      goal: 'below 2',
    };
    const unpackedBytes = opened.entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    yield {
      what: 'hashed',
      value: `${(unpackedBytes / 2 ** 20 / (hashed.candidateMs / 1000)).toFixed(0)} MiB/s`,
    };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function hashByHand(image, target) {
  await runOnce('unsquashfs', ['-q', '-n', '-d', target, image]);
  await runOnce('sh', ['-c', 'find "$1" -type f -print0 | xargs -0 sha256sum', 'sh', target]);
  rmSync(target, { recursive: true });
}

async function timed(work) {
  const startedMs = performance.now();
  await work();
  return { ms: performance.now() - startedMs };
}

/** Programs and libraries of this machine, in the order of their names, up to what packs to the size wanted. */
function fill(root) {
  let left = IMAGE_BYTES * RATIO;
  const found = execFileSync('find', ['/usr/bin', '/usr/lib', '-type', 'f', '-size', '-1024k'], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  for (const path of found.trimEnd().split('\n').sort()) {
    const { size } = statSync(path);
    if (size > left) continue;
    left -= size;
    mkdirSync(join(root, dirname(path)), { recursive: true });
    copyFileSync(path, join(root, path));
  }
}
