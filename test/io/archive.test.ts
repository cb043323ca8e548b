import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { type Header, pack } from 'tar-stream';
import { afterEach, describe, expect, it } from 'vitest';
import { unpackArchive } from '../../src/io/archive.ts';
import { codeOf, createTempDir, createTestPorts } from './ports.ts';
import { lacksTools } from './tools.ts';

const ports = createTestPorts();
const LACKS = lacksTools('zstd', 'xz', 'tar');

type Part = Partial<Header> & { readonly name: string; readonly text?: string };

async function makeTar(parts: readonly Part[]): Promise<Buffer> {
  const tar = pack();
  for (const { text = '', ...header } of parts)
    tar.entry({ mode: 0o644, mtime: new Date(0), ...header }, text);
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) if (chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

const GOOD: readonly Part[] = [
  { name: 'ib/', type: 'directory', mode: 0o700 },
  { name: 'ib/Makefile', text: 'all:\n', mode: 0o600, mtime: new Date('2025-01-02T03:04:05Z') },
  { name: 'ib/scripts/run', text: '#!/bin/sh\n', mode: 0o4750 },
  { name: 'ib/link', type: 'symlink', linkname: 'scripts/../Makefile' },
  { name: 'ib/scripts/up', type: 'symlink', linkname: '../Makefile' },
  { name: 'ib/hard', type: 'link', linkname: 'ib/Makefile' },
  { name: 'ib/staging_dir/host/bin/awk', type: 'symlink', linkname: '/usr/bin/gawk' },
  { name: `ib/${'long/'.repeat(40)}name`, text: 'deep' },
];

async function unpack(bytes: Uint8Array, limits?: { maxEntries: number; maxBytes: number }) {
  const dir = createTempDir();
  const into = join(dir, 'into');
  mkdirSync(into);
  writeFileSync(join(dir, 'archive'), bytes);
  return { into, dir, result: unpackArchive(ports, join(dir, 'archive'), into, limits) };
}

const compress = (program: string, bytes: Uint8Array) =>
  execFileSync(program, ['-c'], { input: bytes, maxBuffer: 1 << 28 });

describe.skipIf(LACKS)('unpackArchive', () => {
  const old = process.umask();
  afterEach(() => {
    process.umask(old);
  });

  it.each([
    ['.tar', (tar: Buffer) => tar],
    ['.tar.zst', (tar: Buffer) => compress('zstd', tar)],
    ['.tar.xz', (tar: Buffer) => compress('xz', tar)],
  ])('unpacks a %s by its content, whatever the umask', async (_, encode) => {
    process.umask(0o077);
    const { into, result } = await unpack(encode(await makeTar(GOOD)));
    expect(await result).toEqual({ top: 'ib', entries: expect.any(Number) });
    const mode = (name: string) => (lstatSync(join(into, name)).mode & 0o7777).toString(8);
    expect(['ib', 'ib/Makefile', 'ib/scripts', 'ib/scripts/run', 'ib/long'].map(mode)).toEqual([
      '755',
      '644',
      '755',
      '755',
      '755',
    ]);
    expect(readFileSync(join(into, 'ib/hard'), 'utf8')).toBe('all:\n');
    expect(readFileSync(join(into, 'ib', 'long/'.repeat(40), 'name'), 'utf8')).toBe('deep');
    expect(readlinkSync(join(into, 'ib/staging_dir/host/bin/awk'))).toBe('/usr/bin/gawk');
    expect(lstatSync(join(into, 'ib/Makefile')).mtime.toISOString()).toBe('2025-01-02T03:04:05.000Z');
  });

  it('reads what GNU tar writes, long names, hard links and sparse files of zeros included', async () => {
    const dir = createTempDir();
    const source = join(dir, 'openwrt-imagebuilder-sample');
    mkdirSync(join(source, 'a'.repeat(90), 'b'.repeat(90)), { recursive: true });
    writeFileSync(join(source, 'a'.repeat(90), 'b'.repeat(90), '日本語'), 'text');
    execFileSync('ln', [join(source, 'a'.repeat(90), 'b'.repeat(90), '日本語'), join(source, 'again')]);
    execFileSync('tar', ['-cf', join(dir, 't.tar'), '-C', dir, './openwrt-imagebuilder-sample']);
    const { into, result } = await unpack(readFileSync(join(dir, 't.tar')));
    expect((await result).top).toBe('openwrt-imagebuilder-sample');
    execFileSync('diff', ['-r', source, join(into, 'openwrt-imagebuilder-sample')]);
  });
});

describe.skipIf(LACKS)('a hostile archive is refused and writes nothing outside', () => {
  const top: Part = { name: 'ib/', type: 'directory' };
  const link = (linkname: string, name = 'ib/x'): Part => ({ name, type: 'symlink', linkname });
  it.each<[string, readonly Part[]]>([
    ['an absolute path', [top, { name: '/tmp/mape-image-hostile', text: 'x' }]],
    ['a path with ..', [top, { name: 'ib/../../outside', text: 'x' }]],
    ['a path that is ..', [top, { name: '..', type: 'directory' }]],
    ['a control character in a path', [top, { name: 'ib/a\nb', text: 'x' }]],
    ['an absolute link', [top, link('/etc/passwd')]],
    ['an absolute link beside the folder of the host', [top, link('/etc', 'ib/staging_dir/hostile/x')]],
    ['a link out of the tree', [top, link('../../outside')]],
    ['a link beside the top folder', [top, link('../other')]],
    ['a link to nothing', [top, link('')]],
    ['a file through a link', [top, link('scripts'), { name: 'ib/x/y', text: 'x' }]],
    [
      'a file through a link to the host',
      [top, link('/tmp', 'ib/staging_dir/host/x'), { name: 'ib/staging_dir/host/x/y', text: 'x' }],
    ],
    ['a file over a link', [top, link('scripts'), { name: 'ib/x', text: 'x' }]],
    ['a file twice', [top, { name: 'ib/x', text: 'x' }, { name: 'ib/x', text: 'y' }]],
    ['a file twice in other words', [top, { name: 'ib/x', text: 'x' }, { name: './ib//x', text: 'y' }]],
    ['a folder over a file', [top, { name: 'ib/x', text: 'x' }, { name: 'ib/x/', type: 'directory' }]],
    ['a file over a folder', [top, { name: 'ib/x/y', text: 'x' }, { name: 'ib/x', text: 'x' }]],
    ['a hard link out of the tree', [top, { name: 'ib/x', type: 'link', linkname: '/etc/passwd' }]],
    ['a hard link to a link', [top, link('y'), { name: 'ib/z', type: 'link', linkname: 'ib/x' }]],
    [
      'a hard link to what comes later',
      [top, { name: 'ib/z', type: 'link', linkname: 'ib/x' }, { name: 'ib/x', text: '' }],
    ],
    ['a device', [top, { name: 'ib/x', type: 'character-device', devmajor: 1, devminor: 3 }]],
    ['a fifo', [top, { name: 'ib/x', type: 'fifo' }]],
    ['two folders at the top', [top, { name: 'other/', type: 'directory' }]],
    ['a file at the top', [top, { name: 'README', text: 'x' }]],
    ['nothing but a file', [{ name: 'ib', text: 'x' }]],
    ['nothing', []],
  ])('%s', async (_, parts) => {
    const { dir, result } = await unpack(await makeTar(parts));
    expect(await codeOf(result)).toBe(parts.length === 0 ? 'ARCHIVE_CORRUPT' : 'ARCHIVE_REFUSED');
    expect(readdirSync(dir).sort()).toEqual(['archive', 'into']);
  });

  it.each([
    ['more entries than allowed', { maxEntries: 3, maxBytes: 1e9 }],
    ['more bytes than allowed', { maxEntries: 100, maxBytes: 10 }],
  ])('%s', async (_, limits) => {
    const { result } = await unpack(await makeTar(GOOD), limits);
    expect(await codeOf(result)).toBe('ARCHIVE_REFUSED');
  });

  it('a bomb is refused by what its headers claim, long before it is unpacked', async () => {
    const tar = await makeTar([top, { name: 'ib/zeros', text: '\0'.repeat(64 * 1024 * 1024) }]);
    const { result } = await unpack(compress('zstd', tar), { maxEntries: 10, maxBytes: 1024 * 1024 });
    expect(await codeOf(result)).toBe('ARCHIVE_REFUSED');
  });
});

describe.skipIf(LACKS)('a damaged archive', () => {
  it.each(['zstd', 'xz'])('cut short, %s', async (program) => {
    const whole = compress(program, await makeTar(GOOD));
    const { result } = await unpack(whole.subarray(0, -20));
    expect(await codeOf(result)).toBe('ARCHIVE_CORRUPT');
  });

  it('a tar cut short', async () => {
    const whole = await makeTar(GOOD);
    const { result } = await unpack(whole.subarray(0, 700));
    expect(await codeOf(result)).toBe('ARCHIVE_CORRUPT');
  });

  it.each([
    ['gzip', Buffer.from('1f8b080000000000', 'hex')],
    ['text', Buffer.from('<html>404</html>')],
    ['an empty file', Buffer.alloc(0)],
  ])('%s in its place', async (_, bytes) => {
    const { result } = await unpack(bytes);
    expect(await codeOf(result)).toBe('ARCHIVE_CORRUPT');
  });

  it('gives a coded error or a tree inside the folder, whatever was flipped', async () => {
    const whole = await makeTar(GOOD);
    const hostile = fc
      .array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 })
      .map((changes) => {
        const copy = Buffer.from(whole);
        for (const [at, value] of changes) copy[at] = value;
        return copy;
      });
    await fc.assert(
      fc.asyncProperty(hostile, async (bytes) => {
        const { dir, result } = await unpack(bytes);
        expect(await codeOf(result)).toMatch(/^(none|ARCHIVE_REFUSED|ARCHIVE_CORRUPT|FILE_MISSING)$/);
        expect(readdirSync(dir).sort()).toEqual(['archive', 'into']);
      }),
      { numRuns: 60 },
    );
  });
});

describe.skipIf(LACKS)('the machine', () => {
  it('an archive that is not there', async () => {
    expect(await codeOf(unpackArchive(ports, '/nonexistent/ib.tar.zst', createTempDir()))).toBe(
      'FILE_MISSING',
    );
  });

  it('an abort ends it', async () => {
    const controller = new AbortController();
    const aborted = createTestPorts({ signal: controller.signal });
    const dir = createTempDir();
    writeFileSync(
      join(dir, 'a.tar.xz'),
      compress('xz', await makeTar([...GOOD, { name: 'ib/big', text: 'x'.repeat(1 << 26) }])),
    );
    mkdirSync(join(dir, 'into'));
    const running = unpackArchive(aborted, join(dir, 'a.tar.xz'), join(dir, 'into'));
    controller.abort();
    expect(await codeOf(running)).toBe('INTERRUPTED');
  });

  it('a machine without xz', async () => {
    const bare = createTestPorts({ env: { PATH: '/nonexistent' } });
    const dir = createTempDir();
    writeFileSync(join(dir, 'a.tar.xz'), compress('xz', await makeTar(GOOD)));
    expect(await codeOf(unpackArchive(bare, join(dir, 'a.tar.xz'), dir))).toBe('TOOL_MISSING');
  });
});
