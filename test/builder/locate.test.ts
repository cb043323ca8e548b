import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { locateImageBuilder } from '../../src/builder/local/locate.ts';
import { codeOf, createTempDir, createTestPorts } from '../io/ports.ts';

const ports = createTestPorts();
const PARTS = ['Makefile', '.config', 'include/version.mk', 'scripts/x', 'target/x'];

function makeTree(path: string, parts: readonly string[]): string {
  for (const part of parts) {
    mkdirSync(dirname(join(path, part)), { recursive: true });
    writeFileSync(join(path, part), '');
  }
  mkdirSync(path, { recursive: true });
  return path;
}

describe('locateImageBuilder', () => {
  it.each([
    ['opkg', 'repositories.conf'],
    ['apk', 'repositories'],
  ])('knows a tree of %s by its list of feeds', async (packageManager, list) => {
    const path = makeTree(join(createTempDir(), 'ib'), [...PARTS, list]);
    expect(await locateImageBuilder(ports, path)).toEqual({ type: 'tree', dir: path, packageManager });
  });

  it('gives the real path of a tree behind a link with a blank in its name', async () => {
    const dir = createTempDir();
    makeTree(join(dir, 'ib'), [...PARTS, 'repositories']);
    symlinkSync(join(dir, 'ib'), join(dir, 'a link'));
    expect(await locateImageBuilder(ports, join(dir, 'a link'))).toMatchObject({ dir: join(dir, 'ib') });
  });

  it('takes a file on any path for an archive', async () => {
    const path = join(makeTree(join(createTempDir(), 'ダウンロード $x'), []), "a 'b'.tar.zst");
    writeFileSync(path, '');
    expect(await locateImageBuilder(ports, path)).toEqual({ type: 'archive', path });
  });

  it.each<[string, (dir: string) => string, string, string | undefined]>([
    ['nothing', (dir) => join(dir, 'no'), 'IMAGEBUILDER_MISSING', undefined],
    ['an empty folder', (dir) => dir, 'IMAGEBUILDER_NOT_ONE', 'other-folder'],
    [
      'a source tree',
      (dir) => makeTree(dir, [...PARTS, 'toolchain/x', 'tools/x', 'feeds.conf.default']),
      'IMAGEBUILDER_NOT_ONE',
      'source-tree',
    ],
    [
      'an SDK',
      (dir) => makeTree(dir, [...PARTS, 'feeds.conf.default', 'package/x']),
      'IMAGEBUILDER_NOT_ONE',
      'sdk',
    ],
    [
      'the folder above',
      (dir) => dirname(makeTree(join(dir, 'ib'), [...PARTS, 'repositories'])),
      'IMAGEBUILDER_NOT_ONE',
      'one-inside',
    ],
    [
      'a folder inside',
      (dir) => join(makeTree(dir, [...PARTS, 'repositories']), 'include'),
      'IMAGEBUILDER_NOT_ONE',
      'inside-of-one',
    ],
    ['a device', () => '/dev/null', 'IMAGEBUILDER_NOT_ONE', 'no-folder'],
    [
      'a tree without its scripts',
      (dir) => makeTree(dir, ['Makefile', '.config', 'include/version.mk', 'target/x', 'repositories']),
      'IMAGEBUILDER_INCOMPLETE',
      undefined,
    ],
    [
      'a tree without its Makefile',
      (dir) => makeTree(dir, ['include/version.mk', 'target/x', 'staging_dir/x']),
      'IMAGEBUILDER_INCOMPLETE',
      undefined,
    ],
    [
      'a blank in the path',
      (dir) => makeTree(join(dir, 'a b'), [...PARTS, 'repositories']),
      'IMAGEBUILDER_PATH_UNSAFE',
      undefined,
    ],
    [
      'a quote in the path',
      (dir) => makeTree(join(dir, "a'b"), [...PARTS, 'repositories']),
      'IMAGEBUILDER_PATH_UNSAFE',
      undefined,
    ],
    [
      'a dollar in the path',
      (dir) => makeTree(join(dir, 'a$b'), [...PARTS, 'repositories']),
      'IMAGEBUILDER_PATH_UNSAFE',
      undefined,
    ],
    [
      'Japanese in the path',
      (dir) => makeTree(join(dir, '工房'), [...PARTS, 'repositories']),
      'IMAGEBUILDER_PATH_UNSAFE',
      undefined,
    ],
  ])('refuses %s', async (_, make, code, found) => {
    const path = make(createTempDir());
    const failure = locateImageBuilder(ports, path);
    expect(await codeOf(failure)).toBe(code);
    if (found !== undefined) await expect(failure).rejects.toMatchObject({ details: { found } });
  });

  it.skipIf(process.getuid?.() === 0)('refuses a tree that cannot be written', async () => {
    const path = makeTree(join(createTempDir(), 'ib'), [...PARTS, 'repositories']);
    chmodSync(path, 0o555);
    expect(await codeOf(locateImageBuilder(ports, path))).toBe('IMAGEBUILDER_READ_ONLY');
    chmodSync(path, 0o755);
  });
});
