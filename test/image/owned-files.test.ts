import { describe, expect, it } from 'vitest';
import { indexRoot } from '../../src/image/contents/root-index.ts';
import { readOwnedFiles } from '../../src/image/weight/owned-files.ts';
import { makeRoot } from './memory-root.ts';

describe('readOwnedFiles', () => {
  it('reads the lists of opkg, with a mode behind a path or without', async () => {
    const root = makeRoot({
      '/usr/lib/opkg/info/map.list': '/lib/netifd/proto/map.sh\n/usr/sbin/mapcalc\t0100755\n',
      '/usr/lib/opkg/info/map.control': 'Package: map\n',
      '/usr/lib/opkg/info/libc.list': '',
    });
    const owned = await readOwnedFiles(indexRoot(root), 'opkg', '/usr/lib/opkg/status');
    expect([...owned].sort()).toEqual([
      ['libc', []],
      ['map', ['/lib/netifd/proto/map.sh', '/usr/sbin/mapcalc']],
    ]);
  });

  it('reads the records of apk: files stand behind their directory', async () => {
    const root = makeRoot({
      '/lib/apk/db/installed':
        'P:map\nV:1\nF:lib/netifd/proto\nM:0:0:755\nR:map.sh\na:0:0:755\nF:usr/sbin\nR:mapcalc\n\nP:top\nV:1\nF:\nR:init\n\n',
    });
    const owned = await readOwnedFiles(indexRoot(root), 'apk', '/lib/apk/db/installed');
    expect([...owned]).toEqual([
      ['map', ['/lib/netifd/proto/map.sh', '/usr/sbin/mapcalc']],
      ['top', ['/init']],
    ]);
  });

  it('of a root without a database nothing belongs to anyone', async () => {
    const root = indexRoot(makeRoot({ '/etc/banner': 'x' }));
    expect((await readOwnedFiles(root, 'apk', '/lib/apk/db/installed')).size).toBe(0);
    expect((await readOwnedFiles(root, 'opkg', '/usr/lib/opkg/status')).size).toBe(0);
  });
});
