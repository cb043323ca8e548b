import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkFit } from '../../src/flow/check-fit.ts';
import { inspectImage } from '../../src/flow/inspect.ts';
import { lacksTools } from '../io/tools.ts';
import { makeTempDir, runCli } from '../support/cli.ts';
import { makeSampleTree } from '../support/sample.ts';

const dir = makeTempDir();
const env = { XDG_CACHE_HOME: join(dir, 'cache'), XDG_STATE_HOME: join(dir, 'state') };
const isReady = !lacksTools('make', 'mksquashfs', 'zstd', 'flock');
/** Lines of the Archer C6 v2, in bytes of kernel and root file system. */
const RECOMMENDED = 7_471_104;
const KEEPS_SETTINGS = 7_667_712;
let tree: string;
let plain: Awaited<ReturnType<typeof build>>;
let plainBytes: number;

interface Finding {
  readonly code: string;
  readonly details: { readonly package?: string; readonly freesBytes?: number; readonly overBytes?: number };
}

/** Bytes no packer makes smaller. */
function noise(sizeBytes: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(sizeBytes / 64) }, (_, index) =>
    createHash('sha512').update(String(index)).digest(),
  );
  return Buffer.concat(blocks).subarray(0, sizeBytes);
}

async function build(ballastBytes: number, more: readonly string[] = []) {
  const name = `ballast-${ballastBytes}`;
  writeFileSync(join(dir, name), noise(ballastBytes));
  const files =
    ballastBytes === 0 ? '' : `files: [{ from: ${name}, to: /usr/share/ballast, mode: "0644" }]\n`;
  const config = join(dir, `${name}.yaml`);
  writeFileSync(config, `prefix: 240b:12:3456:7800::/64\nprofile: tplink_archer-c6-v2\n${files}`);
  const args = ['build', '-c', config, '--imagebuilder', tree, '-o', join(dir, 'out'), ...more, '--json'];
  const { exitCode, stdout, stderr } = await runCli(args, { env, cwd: dir });
  return { exitCode, document: JSON.parse(stdout), stderr };
}

beforeAll(async () => {
  if (!isReady) return;
  tree = makeSampleTree('opkg', join(dir, 'tree'));
  plain = await build(0);
  const { document } = plain;
  plainBytes = document.image.kernelBytes + document.image.rootfsBytes;
}, 120_000);

describe.skipIf(!isReady)('an image against the lines of its flash', () => {
  it('enough room is no word worth', () => {
    const { exitCode, document, stderr } = plain;
    expect(exitCode).toBe(0);
    expect(stderr).not.toContain('PLAN_LIKELY_TOO_BIG');
    expect(document.warnings.map(({ code }: Finding) => code)).toEqual(['IMAGE_SAMPLE_BOARD']);
  });

  it('above the recommended line: a warning, with what could go and what that frees', async () => {
    const { exitCode, document } = await build(RECOMMENDED - plainBytes + 20_000);
    expect(exitCode).toBe(0);
    const codes = document.warnings.map(({ code }: Finding) => code);
    expect(codes).toContain('IMAGE_TIGHT');
    expect(codes).toContain('IMAGE_COULD_PACK');
    const drops: Finding[] = document.warnings.filter(({ code }: Finding) => code === 'IMAGE_COULD_DROP');
    const freed = drops.map(({ details }) => details.freesBytes ?? 0);
    expect(drops.length).toBeGreaterThan(0);
    expect(freed).toEqual(freed.toSorted((a, b) => b - a));
  });

  it('where settings would be forgotten: said before make, exit 4 and by how much; --force builds it', async () => {
    const ballast = KEEPS_SETTINGS - plainBytes + 20_000;
    const { exitCode, document, stderr } = await build(ballast);
    expect(stderr.indexOf('PLAN_LIKELY_TOO_BIG')).toBeGreaterThan(-1);
    expect(stderr.indexOf('PLAN_LIKELY_TOO_BIG')).toBeLessThan(stderr.indexOf('made the image'));
    expect({ exitCode, code: document.code }).toEqual({ exitCode: 4, code: 'BUILD_FORGETS_SETTINGS' });
    expect(document.details.overBytes).toBeGreaterThan(0);
    expect(document.details.overBytes).toBeLessThan(60_000);
    expect(document.findings.map(({ code }: Finding) => code)).toContain('IMAGE_COULD_DROP');
    const forced = await build(ballast, ['--force']);
    expect(forced.exitCode).toBe(0);
    expect(forced.document.warnings.map(({ code }: Finding) => code)).toContain('IMAGE_FORGETS_SETTINGS');
  });

  it('what is left out frees what was said', async () => {
    const ballast = RECOMMENDED - plainBytes + 20_000;
    const before = await build(ballast);
    const [first] = before.document.warnings.filter(({ code }: Finding) => code === 'IMAGE_COULD_DROP');
    const { package: name, freesBytes } = first.details;
    const after = await build(ballast, ['--remove', name]);
    expect(after.exitCode).toBe(0);
    const freed = before.document.image.rootfsBytes - after.document.image.rootfsBytes;
    // Shared blocks are packed anew: the figure is an estimate of that, to a tenth and a few KiB.
    expect(Math.abs(freed - freesBytes)).toBeLessThan(freesBytes / 10 + 8192);
  });

  it('a device that is not described is judged by the ImageBuilder’s own figures', async () => {
    const blockBytes = 65_536;
    const config = join(dir, 'other.yaml');
    writeFileSync(config, 'prefix: 240b:12:3456:7800::/64\nprofile: sample_big-flash\n');
    const makefile = join(tree, 'target/linux/ath79/image/sample.mk');
    // Some hundred KiB of packages at most lie between the images of the two devices.
    const limitBytes = plainBytes - 8 * blockBytes;
    writeFileSync(makefile, `define Device/sample_big-flash\n  IMAGE_SIZE := ${limitBytes}\nendef\n`);
    const args = ['build', '-c', config, '--imagebuilder', tree, '-o', join(dir, 'out'), '--json'];
    const { stdout } = await runCli(args, { env, cwd: dir });
    const { image, warnings } = JSON.parse(stdout);
    const likely = warnings.find(({ code }: Finding) => code === 'IMAGE_LIKELY_FORGETS');
    expect(likely?.details).toMatchObject({ limitBytes });
    const inspected = await inspectImage(readFileSync(image.path), 'sample_big-flash');
    const content = image.kernelBytes + image.rootfsBytes;
    const codesWith = async (blocks: number) =>
      (await checkFit(inspected, undefined, content + blocks * blockBytes)).map(({ code }) => code);
    expect(await codesWith(4)).toEqual(['IMAGE_LIKELY_FORGETS']);
    expect(await codesWith(7)).toEqual([]);
  });

  it('an image that is not even built: by how much, and what could go', async () => {
    const { exitCode, document } = await build(8_000_000 - plainBytes);
    expect({ exitCode, code: document.code }).toEqual({ exitCode: 4, code: 'IMAGE_TOO_BIG' });
    expect(document.details.overBytes).toBeGreaterThan(100_000);
    const drops: Finding[] = document.findings.filter(({ code }: Finding) => code === 'IMAGE_COULD_DROP');
    expect(drops[0]?.details).toMatchObject({ package: 'luci' });
  });
});
