import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MapeImageError } from '../../src/errors.ts';
import { parseAssignments } from '../../src/image/contents/assignments.ts';
import { parseApkInstalled, parseOpkgStatus, plainName } from '../../src/image/contents/package-lists.ts';
import { readPackages } from '../../src/image/contents/packages.ts';
import { indexRoot } from '../../src/image/contents/root-index.ts';
import { parseAuthorizedKeys } from '../../src/image/contents/ssh.ts';
import { parsePasswd, parseShadow, readUsers } from '../../src/image/contents/users.ts';
import { makeRoot } from './memory-root.ts';
import { codeOf } from './problem-of.ts';

const OPKG = `Package: libubox20240329
Version: 2024.03.29~eb9bcb64-r1
Depends: libc, libjson-c5 (>= 0.17)
Provides: libubox
Status: install user installed
Architecture: mips_24kc
ABIVersion: 20240329
Installed-Time: 1750000000

Package: base-files
Version: 1665~29397011cc
Depends: libc, netifd
Status: install user installed
Essential: yes
Architecture: mips_24kc
Conffiles:
 /etc/config/network 0123456789abcdef
 /etc/rc.local fedcba9876543210
Installed-Time: 1750000000

Package: ath10k-board-qca9888
Status: unknown ok not-installed

Package: gone
Version: 1
Status: deinstall user config-files
`;

const APK = `C:X1deadbeef
P:libubox20260213
V:2026.02.13~aa58a4f0-r1
A:mips_24kc
S:31000
I:44321
T:Basic utility library: with a colon
L:ISC
D:libc libjson-c5>=0.17 !other
p:libubox=2026.02.13~aa58a4f0-r1
g:openwrt:abiversion=20260213
F:lib
R:libubox.so.20260213
Z:Q1abc

P:map
V:7-r1
A:mips_24kc
D:libc kmod-ip6-tunnel
p:map-t=7-r1
`;

describe('parseOpkgStatus', () => {
  it('reads what is installed, sorted by name', () => {
    const packages = parseOpkgStatus(OPKG, '/s');
    expect(packages).toEqual([
      {
        name: 'base-files',
        version: '1665~29397011cc',
        architecture: 'mips_24kc',
        sizeBytes: undefined,
        depends: ['libc', 'netifd'],
        provides: [],
        essential: true,
        abiVersion: undefined,
      },
      {
        name: 'libubox20240329',
        version: '2024.03.29~eb9bcb64-r1',
        architecture: 'mips_24kc',
        sizeBytes: undefined,
        depends: ['libc', 'libjson-c5 (>= 0.17)'],
        provides: ['libubox'],
        essential: false,
        abiVersion: '20240329',
      },
    ]);
  });

  it.each([
    ['no version', 'Package: a\n', 'missing'],
    ['no name', 'Version: 1\n', 'missing'],
    ['a line without a key', 'Package: a\nhello\n', 'fields'],
    ['a continuation of nothing', ' x\n', 'fields'],
    ['a package twice', 'Package: a\nVersion: 1\n\nPackage: a\nVersion: 2\n', 'duplicate'],
    ['a name with control characters', 'Package: a\u001b[31m\nVersion: 1\n', 'characters'],
    ['a version with blanks', 'Package: a\nVersion: 1 2\n', 'characters'],
    ['a size that is no number', 'Package: a\nVersion: 1\nInstalled-Size: -1\n', 'number'],
    ['a NUL', 'Package: a\0\n', 'nul'],
    [
      'packages without end',
      Array.from({ length: 20_001 }, (_, i) => `Package: p${i}\nVersion: 1\n`).join('\n'),
      'too-many',
    ],
  ])('refuses %s', (_, text, problem) => {
    expect(codeOf(() => parseOpkgStatus(text, '/s'))).toBe(`IMAGE_FILE_INVALID: ${problem}`);
  });
});

describe('parseApkInstalled', () => {
  it('reads what is installed, sorted by name', () => {
    expect(parseApkInstalled(APK, '/i')).toEqual([
      {
        name: 'libubox20260213',
        version: '2026.02.13~aa58a4f0-r1',
        architecture: 'mips_24kc',
        sizeBytes: 44321,
        depends: ['libc', 'libjson-c5>=0.17', '!other'],
        provides: ['libubox'],
        essential: false,
        abiVersion: '20260213',
      },
      {
        name: 'map',
        version: '7-r1',
        architecture: 'mips_24kc',
        sizeBytes: undefined,
        depends: ['libc', 'kmod-ip6-tunnel'],
        provides: ['map-t'],
        essential: false,
        abiVersion: undefined,
      },
    ]);
  });

  it.each([
    ['no version', 'P:a\n', 'missing'],
    ['a line without a letter', 'P:a\nV:1\nhello\n', 'fields'],
    ['a package twice', 'P:a\nV:1\n\nP:a\nV:1\n', 'duplicate'],
    ['a size that is no number', 'P:a\nV:1\nI:x\n', 'number'],
    ['a NUL', 'P:a\0\n', 'nul'],
  ])('refuses %s', (_, text, problem) => {
    expect(codeOf(() => parseApkInstalled(text, '/i'))).toBe(`IMAGE_FILE_INVALID: ${problem}`);
  });
});

describe('plainName', () => {
  const blank = {
    version: '1',
    architecture: undefined,
    sizeBytes: undefined,
    depends: [],
    essential: false,
  };

  it.each([
    ['libubox20240329', ['libubox'], undefined, 'libubox'],
    ['libubox20240329', [], '20240329', 'libubox'],
    ['libnl3-200', ['libnl3'], undefined, 'libnl3'],
    ['libfoo2-3', [], '3', 'libfoo2'],
    ['kmod-nf-conntrack6', [], undefined, 'kmod-nf-conntrack6'],
    ['dnsmasq-full', ['dnsmasq'], undefined, 'dnsmasq-full'],
    ['5', [], '5', '5'],
  ])('of %s, which provides %j, with ABI %s', (name, provides, abiVersion, expected) => {
    expect(plainName({ ...blank, name, provides, abiVersion })).toBe(expected);
  });
});

describe('readPackages', () => {
  it('takes the sizes of opkg packages from their control files', async () => {
    const root = makeRoot({
      '/usr/lib/opkg/status': OPKG,
      '/usr/lib/opkg/info/base-files.control':
        'Package: base-files\nVersion: 1665~29397011cc\nInstalled-Size: 51200\n',
    });
    const list = await readPackages(indexRoot(root));
    expect(list?.manager).toBe('opkg');
    expect(list?.packages.map(({ name, sizeBytes }) => [name, sizeBytes])).toEqual([
      ['base-files', 51200],
      ['libubox20240329', undefined],
    ]);
  });

  it.each([
    ['/lib/apk/db/installed', {}],
    ['/usr/lib/apk/db/installed', { '/lib': { link: 'usr/lib' } }],
  ])('finds the list of apk at %s', async (path, more) => {
    const list = await readPackages(indexRoot(makeRoot({ [path]: APK, ...more })));
    expect(list?.manager).toBe('apk');
    expect(list?.packages.length).toBe(2);
  });

  it('finds nothing in an image without a list', async () => {
    expect(await readPackages(indexRoot(makeRoot({ '/etc/passwd': '' })))).toBeUndefined();
  });
});

describe('readUsers', () => {
  it('tells passwords that are set, empty and locked', async () => {
    const root = makeRoot({
      '/etc/passwd':
        'root:x:0:0:root:/root:/bin/ash\ndaemon:*:1:1:daemon:/var:/bin/false\nother:x:0:0::/:/bin/ash\nold:abcdefghijklm:5:5::/:/bin/ash\nguest::6:6::/:/bin/ash\n',
      '/etc/shadow': 'root:$6$salt$hash:0:0:99999:7:::\nother:::0:99999:7:::\n',
    });
    const users = await readUsers(indexRoot(root));
    expect(users.map(({ name, uid, password }) => [name, uid, password])).toEqual([
      ['root', 0, 'set'],
      ['daemon', 1, 'locked'],
      ['other', 0, 'empty'],
      ['old', 5, 'set'],
      ['guest', 6, 'empty'],
    ]);
    expect(JSON.stringify(users)).not.toContain('salt');
  });

  it.each([
    ['too few fields', 'root:x:0:0\n', 'fields'],
    ['a user id that is no number', 'root:x:-1:0::/:/bin/ash\n', 'number'],
    ['a name with control characters', 'ro\u0007ot:x:0:0::/:/bin/ash\n', 'characters'],
    ['a NUL', 'root:x:0:0::/:/bin/ash\0\n', 'nul'],
    ['users without end', 'a:x:1:1::/:\n'.repeat(5_001), 'too-many'],
  ])('refuses %s', (_, text, problem) => {
    expect(codeOf(() => parsePasswd(text, '/p'))).toBe(`IMAGE_FILE_INVALID: ${problem}`);
  });

  it('refuses a shadow file with a line of one field, without showing it', () => {
    expect(() => parseShadow('a:b\nhunter2\n', '/s')).toThrow(
      expect.objectContaining({
        code: 'IMAGE_FILE_INVALID',
        message: expect.not.stringContaining('hunter2'),
      }),
    );
  });
});

describe('parseAuthorizedKeys', () => {
  // fingerprints as ssh-keygen -l shows them
  const ED25519 = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILOY1T6fJjL+lacjzQEAsKi+UvEulHsNx2bDIqXpblO3 test';
  const RSA =
    'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQDjMGszaswaEXN7Zdf/BWKxF9Tm/11WIcBMT88gpdKrDvP++tL7Q1B7f3JtyedSclQjtZ38p+WxQH/umlICGqnsJcgneXoqQUxbDJ/U2/M4ZGkAFQ3JdBPWBzMvNrev+7oLp8E0PgJM9qDcLdATZM5BYQJJ2O+VmYOz01kqukiqLw== test';

  it('shows keys by type and fingerprint, and counts what is no key', () => {
    const text = `# mine\n${ED25519}\n\nno-pty,command="x ssh-y" ${RSA}\nssh-ed25519 AAAAB3NzaC1yc2EAAAADAQAB\nhello`;
    expect(parseAuthorizedKeys(text)).toEqual({
      keys: [
        { type: 'ssh-ed25519', fingerprint: 'SHA256:Cr9W1mW/bOAh8i4gVzDYCudhfqc5R4H4gD7vCETJEs0' },
        { type: 'ssh-rsa', fingerprint: 'SHA256:K4214FbHdMALuYZLDR6sDBP57MveKG6TxA2lVlK7CS0' },
      ],
      unreadableLines: 2,
    });
  });
});

describe('parseAssignments', () => {
  it('reads quoted and bare values and leaves what a shell would compute', () => {
    const text = `# x\nA='it'\\''s'\nB="two words"\nC=bare\nD=$(date)\nE="$A"\nnot one\nF=`;
    expect([...parseAssignments(text)]).toEqual([
      ['A', "it's"],
      ['B', 'two words'],
      ['C', 'bare'],
      ['E', "it's"],
      ['F', ''],
    ]);
  });
});

describe('indexRoot', () => {
  const root = indexRoot(
    makeRoot({
      '/etc/os-release': { link: '../usr/lib/os-release' },
      '/usr/lib/os-release': 'x',
      '/var': { link: '/tmp' },
      '/tmp/a/b': 'y',
      '/loop1': { link: 'loop2' },
      '/loop2': { link: 'loop1' },
      '/up': { link: '../../../etc' },
      '/dangling': { link: '/nowhere/x' },
      '/self': { link: '.' },
    }),
  );

  it.each([
    ['/etc/os-release', '/usr/lib/os-release'],
    ['/var/a/b', '/tmp/a/b'],
    ['/up/os-release', '/usr/lib/os-release'],
    ['/self/self/tmp/./a/../a/b', '/tmp/a/b'],
    ['/', '/'],
    ['/loop1', undefined],
    ['/dangling', undefined],
    ['/tmp/a/b/c', undefined],
    ['/nothing', undefined],
  ])('follows links from %s to %s', (path, expected) => {
    expect(root.resolve(path)?.path).toBe(expected);
  });

  it('refuses a text of any size, unread', async () => {
    const huge = makeRoot({ '/etc/passwd': 'x' });
    const entries = huge.entries.map((entry) =>
      entry.path === '/etc/passwd' ? { ...entry, sizeBytes: 1 << 30 } : entry,
    );
    const read = indexRoot({ entries, readFile: async () => Promise.reject(new Error('was read')) });
    await expect(read.readText('/etc/passwd')).rejects.toMatchObject({ code: 'IMAGE_FILE_TOO_LARGE' });
  });
});

describe('hostile lists', () => {
  const parsers = [
    (text: string) => parseOpkgStatus(text, '/x'),
    (text: string) => parseApkInstalled(text, '/x'),
    (text: string) => parsePasswd(text, '/x'),
    (text: string) => parseShadow(text, '/x'),
    parseAuthorizedKeys,
    parseAssignments,
  ];
  const piece = fc.constantFrom(
    'Package: a',
    'Version: 1',
    'P:a',
    'V:1',
    ':',
    '\n',
    '\n\n',
    ' ',
    '\0',
    '\u001b',
    'root:x:0:0',
    "'",
    'ssh-rsa AAAA',
  );
  const text = fc.oneof(
    fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join('')),
    fc.string(),
    fc
      .tuple(fc.constantFrom(OPKG, APK), fc.nat(400), fc.string())
      .map(([whole, at, more]) => whole.slice(0, at) + more),
  );

  it('give a result or a coded error, never anything else', () => {
    fc.assert(
      fc.property(text, (input) => {
        for (const parse of parsers) {
          try {
            parse(input);
          } catch (error) {
            expect(error).toBeInstanceOf(MapeImageError);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });

  it.each([':', ' ', '\n', 'a', 'a\n', 'a: b\n', 'P:', ' x\n', 'D:a b c\n', '(', 'ssh-rsa ', 'ssh-'])(
    'take bounded time over a megabyte of %j',
    (repeated) => {
      const startedMs = performance.now();
      for (const parse of parsers)
        expect(
          codeOf(() => parse(`Package: x\nDepends: ${repeated.repeat(1_000_000 / repeated.length)}`)),
        ).toMatch(/^(?:none|IMAGE_FILE_INVALID)/);
      expect(performance.now() - startedMs).toBeLessThan(5_000);
    },
  );
});
