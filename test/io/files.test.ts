import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFileTree, type TreeEntry } from '../../src/overlay/file-tree.ts';
import { codeOf, createTempDir, createTestPorts } from './ports.ts';

const { files } = createTestPorts();
const modeOf = (path: string) => (lstatSync(path).mode & 0o7777).toString(8);
const file = (text: string, mode = 0o644): TreeEntry => ({
  type: 'file',
  mode,
  bytes: Buffer.from(text),
  secret: false,
});

describe.each([0o022, 0o077, 0o000])('under umask %o', (umask) => {
  let old = 0;
  beforeEach(() => {
    old = process.umask(umask);
  });
  afterEach(() => {
    process.umask(old);
  });

  it('writeFile gives 0644 or the mode asked for', async () => {
    const dir = createTempDir();
    await files.writeFile(join(dir, 'a'), 'x');
    await files.writeFile(join(dir, 'b'), 'x', 0o600);
    expect([modeOf(join(dir, 'a')), modeOf(join(dir, 'b'))]).toEqual(['644', '600']);
  });

  it('makeDir gives 0755 to every folder it makes and to no other', async () => {
    const dir = createTempDir();
    const before = modeOf(dir);
    await files.makeDir(join(dir, 'a/b/c'));
    expect(['a', 'a/b', 'a/b/c'].map((name) => modeOf(join(dir, name)))).toEqual(['755', '755', '755']);
    expect(modeOf(dir)).toBe(before);
  });

  it('copyFile keeps the execute bit alone', async () => {
    const dir = createTempDir();
    writeFileSync(join(dir, 'plain'), 'x');
    writeFileSync(join(dir, 'program'), 'x');
    chmodSync(join(dir, 'plain'), 0o606);
    chmodSync(join(dir, 'program'), 0o4711);
    await files.copyFile(join(dir, 'plain'), join(dir, 'a'));
    await files.copyFile(join(dir, 'program'), join(dir, 'b'));
    expect([modeOf(join(dir, 'a')), modeOf(join(dir, 'b'))]).toEqual(['644', '755']);
  });

  it.each([
    [undefined, '644'],
    [0o600, '600'],
  ])('openWrite with mode %s gives %s', async (mode, found) => {
    const path = join(createTempDir(), 'log');
    const stream = files.openWrite(path, mode);
    await new Promise<void>((resolve) => stream.end('text', resolve));
    expect([modeOf(path), readFileSync(path, 'utf8')]).toEqual([found, 'text']);
  });

  it('writeTree writes modes, links and times exactly, root included', async () => {
    const root = join(createTempDir(), 'root');
    const tree = makeFileTree([
      ['/etc/uci-defaults/99-mape', file('set', 0o755)],
      ['/etc/secret', file('key', 0o600)],
      ['/etc/closed', { type: 'directory', mode: 0o500 }],
      ['/etc/closed/inside', file('x', 0o400)],
      ['/usr/bin/suid', file('x', 0o4755)],
      ['/etc/link', { type: 'symlink', target: '../no/where' }],
    ]);
    await files.writeTree(root, tree, 1_735_689_600);
    const found = readdirSync(root, { recursive: true, encoding: 'utf8' }).sort();
    expect(found.map((name) => `/${name}`)).toEqual([...tree.keys()]);
    expect(Object.fromEntries(found.map((name) => [name, modeOf(join(root, name))]))).toEqual({
      etc: '755',
      'etc/closed': '500',
      'etc/closed/inside': '400',
      'etc/link': '777',
      'etc/secret': '600',
      'etc/uci-defaults': '755',
      'etc/uci-defaults/99-mape': '755',
      usr: '755',
      'usr/bin': '755',
      'usr/bin/suid': '4755',
    });
    expect(modeOf(root)).toBe('755');
    expect(readlinkSync(join(root, 'etc/link'))).toBe('../no/where');
    for (const name of ['', ...found]) expect(lstatSync(join(root, name)).mtimeMs).toBe(1_735_689_600_000);
  });
});

describe('writeTree refuses', () => {
  it.each<[string, Map<string, TreeEntry>]>([
    ['a path out of the tree', new Map([['/../outside', file('x')]])],
    ['a relative path', new Map([['etc', file('x')]])],
    ['an entry whose folder is none of the tree', new Map([['/a/b', file('x')]])],
    [
      'an entry below a link',
      new Map<string, TreeEntry>([
        ['/a', { type: 'symlink', target: '/tmp' }],
        ['/a/b', file('x')],
      ]),
    ],
  ])('%s', async (_, tree) => {
    const dir = createTempDir();
    expect(await codeOf(files.writeTree(join(dir, 'root'), tree, 0))).toBe('TREE_REFUSED');
    expect(readdirSync(dir)).toEqual([]);
  });

  it('a folder that has the file already', async () => {
    const dir = createTempDir();
    writeFileSync(join(dir, 'a'), 'old');
    expect(await codeOf(files.writeTree(dir, new Map([['/a', file('new')]]), 0))).toBe('FILE_EXISTS');
  });
});

describe('errors are coded', () => {
  it.each<[string, (dir: string) => Promise<unknown>, string]>([
    ['a file that is not there', (dir) => files.readFile(join(dir, 'no')), 'FILE_MISSING'],
    ['a folder in the place of a file', (dir) => files.readText(dir), 'FILE_UNREADABLE'],
    ['a path below a file', (dir) => files.writeFile(join(dir, 'file/below'), ''), 'FILE_MISSING'],
    ['a folder in the place of a new file', (dir) => files.writeFile(dir, ''), 'FILE_UNWRITABLE'],
    ['a device without room', () => files.writeFile('/dev/full', 'x'), 'DISK_FULL'],
    [
      'a rename onto a folder with content',
      (dir) => files.rename(join(dir, 'full'), join(dir, 'other')),
      'FILE_EXISTS',
    ],
  ])('%s', async (_, action, code) => {
    const dir = createTempDir();
    writeFileSync(join(dir, 'file'), '');
    for (const name of ['full', 'other']) {
      mkdirSync(join(dir, name));
      writeFileSync(join(dir, name, 'x'), '');
    }
    expect(await codeOf(action(dir))).toBe(code);
  });
});

describe('an abort', () => {
  it('ends every call but remove', async () => {
    const dir = createTempDir();
    mkdirSync(join(dir, 'sub'));
    const { files: aborted } = createTestPorts({ signal: AbortSignal.abort() });
    expect(await codeOf(aborted.list(dir))).toBe('INTERRUPTED');
    expect(await codeOf(aborted.writeFile(join(dir, 'a'), ''))).toBe('INTERRUPTED');
    expect(await codeOf(aborted.sha256(dir))).toBe('INTERRUPTED');
    await aborted.remove(join(dir, 'sub'));
    expect(readdirSync(dir)).toEqual([]);
  });
});

describe('answers about paths', () => {
  it('kind follows links, list sorts by code unit, sha256 is the known one', async () => {
    const dir = createTempDir();
    for (const name of ['b', 'B', 'a', 'ä']) writeFileSync(join(dir, name), 'abc');
    symlinkSync('a', join(dir, 'link'));
    symlinkSync('nowhere', join(dir, 'dangling'));
    expect(await files.list(dir)).toEqual(['B', 'a', 'b', 'dangling', 'link', 'ä']);
    expect(await files.kind(join(dir, 'link'))).toBe('file');
    expect(await files.kind(join(dir, 'dangling'))).toBe('missing');
    expect(await files.kind(join(dir, 'a/below'))).toBe('missing');
    expect(await files.kind(dir)).toBe('directory');
    expect(await files.kind('/dev/null')).toBe('other');
    // FIPS 180-2, appendix B.1
    expect(await files.sha256(join(dir, 'a'))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });

  it('isPrivateDir: a folder of ours that nobody else may write', async () => {
    const dir = createTempDir();
    expect(await files.isPrivateDir(dir)).toBe(true);
    chmodSync(dir, 0o777);
    expect(await files.isPrivateDir(dir)).toBe(false);
    symlinkSync(dir, join(dir, 'link'));
    expect(await files.isPrivateDir(join(dir, 'link'))).toBe(false);
  });
});
