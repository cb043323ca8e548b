import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lacksTools } from '../io/tools.ts';
import { makeTempDir } from '../support/cli.ts';
import { open } from './container-expect.ts';
import { filler, mbrDisk, padRootfs, squashfs, uimage } from './container-writers.ts';

const dir = makeTempDir();

function run(program: string, args: readonly string[]): Buffer {
  const env = { PATH: process.env.PATH ?? '', TZ: 'UTC', LC_ALL: 'C', SOURCE_DATE_EPOCH: '1700000000' };
  return execFileSync(program, args, { env, cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] });
}

describe.skipIf(lacksTools('mksquashfs', 'unsquashfs'))('a squashfs of mksquashfs', () => {
  it('is found behind a kernel, as long as unsquashfs says', async () => {
    mkdirSync(join(dir, 'root/etc'), { recursive: true });
    writeFileSync(join(dir, 'root/etc/banner'), filler(5000));
    run('mksquashfs', ['root', 'root.squashfs', '-comp', 'gzip', '-no-progress', '-root-owned']);
    const rootfs = readFileSync(join(dir, 'root.squashfs'));
    const sizeBytes = Number(
      /Filesystem size (\d+) bytes/.exec(run('unsquashfs', ['-s', 'root.squashfs']).toString())?.[1],
    );
    const kernel = uimage(filler(3001));
    const opened = await open(padRootfs(Buffer.concat([kernel, rootfs])));
    expect(opened.rootfs).toMatchObject({ type: 'squashfs', offset: kernel.length, sizeBytes });
    expect(opened.findings).toEqual([]);
  });
});

describe.skipIf(lacksTools('tar'))('an archive of GNU tar', () => {
  it('is read as one of sysupgrade', async () => {
    const folder = 'sysupgrade-zyxel_nbg6817';
    mkdirSync(join(dir, folder));
    const kernel = uimage(filler(3000));
    const rootfs = squashfs(4000);
    writeFileSync(join(dir, folder, 'CONTROL'), 'BOARD=zyxel_nbg6817\n');
    writeFileSync(join(dir, folder, 'kernel'), kernel);
    writeFileSync(join(dir, folder, 'root'), rootfs);
    run('tar', ['--numeric-owner', '--owner=0', '--group=0', '--sort=name', '-cf', 'nand.tar', folder]);
    const opened = await open(readFileSync(join(dir, 'nand.tar')));
    expect(opened).toMatchObject({
      kind: 'sysupgrade-tar',
      rootfs: { type: 'squashfs', sizeBytes: 4000 },
      contentBytes: kernel.length + 4000,
      findings: [],
    });
  });
});

describe.skipIf(lacksTools('mkfs.ext4', 'gzip'))('a disk packed by gzip with an ext4 of mkfs.ext4', () => {
  it('has that as its root', async () => {
    writeFileSync(join(dir, 'ext4'), Buffer.alloc(1024 * 1024));
    run('mkfs.ext4', ['-q', '-F', '-O', '^has_journal', 'ext4']);
    const content = readFileSync(join(dir, 'ext4'));
    const disk = mbrDisk([
      { startSector: 64, sectors: 2048, content },
      { startSector: 2112, sectors: 2048, content },
    ]);
    writeFileSync(join(dir, 'disk.img'), disk);
    run('gzip', ['-9n', 'disk.img']);
    const opened = await open(readFileSync(join(dir, 'disk.img.gz')));
    expect(opened).toMatchObject({
      kind: 'disk-mbr',
      unpacked: { sizeBytes: disk.length },
      rootfs: { type: 'ext4', offset: 2112 * 512, sizeBytes: 1024 * 1024 },
      findings: [],
    });
  });
});
