import { describe, expect, it } from 'vitest';
import { checkBoard } from '../../src/image/check/board.ts';
import { checkImage, type ImageFacts } from '../../src/image/check/check-image.ts';
import { checkInstalledPackages, indexManifest } from '../../src/image/check/packages.ts';
import { listScripts } from '../../src/image/check/scripts.ts';
import { indexRoot } from '../../src/image/contents/root-index.ts';
import type { RootFilesystem } from '../../src/image/root-filesystem.ts';
import { changeRoot } from './memory-root.ts';
import { buildRoot, planSample } from './planned-image.ts';

const planned = planSample();
const { plan } = planned;
const root = buildRoot(planned);
const FACTS: ImageFacts = {
  sha256: 'ab'.repeat(32),
  boards: ['tplink,archer-c6-v2'],
  device: { supportedDevices: ['tplink,archer-c6-v2'], title: 'TP-Link Archer C6 v2' },
  recordedSha256: 'ab'.repeat(32),
};

/** `code place`, one a finding. */
async function find(rootfs: RootFilesystem, facts: Partial<ImageFacts> = {}): Promise<readonly string[]> {
  const findings = await checkImage(plan, rootfs, { ...FACTS, ...facts });
  return findings.map(({ code, details }) =>
    [code, details?.path ?? details?.package ?? details?.service ?? details?.what].filter(Boolean).join(' '),
  );
}

const BAKED = '/usr/share/mape-image/baked';
const SECRET = '/usr/share/mape-image/secret/wifi';
const PLAN_ID = '/usr/share/mape-image/plan-id';

describe('checkImage', () => {
  it('has nothing to say of an image that is as planned', async () => {
    expect(await find(root)).toEqual([]);
  });

  it.each([
    ['one byte of a file', { [BAKED]: { text: 'x' } }, [], [`VERIFY_FILE_DIFFERS ${BAKED}`]],
    ['a secret', { [SECRET]: { text: "network 0\nkey='other'\n" } }, [], [`VERIFY_SECRET_DIFFERS ${SECRET}`]],
    ['a secret that others may read', { [SECRET]: { mode: 0o644 } }, [], [`VERIFY_MODE_DIFFERS ${SECRET}`]],
    [
      'a script that is not executable',
      { '/usr/sbin/mape-status': { mode: 0o644 } },
      [],
      ['VERIFY_MODE_DIFFERS /usr/sbin/mape-status'],
    ],
    ['another owner', { [BAKED]: { uid: 1000, gid: 1000 } }, [], [`VERIFY_OWNER_DIFFERS ${BAKED}`]],
    [
      'a link in place of a file',
      { [BAKED]: { type: 'symlink', target: '/tmp/x' } },
      [],
      [`VERIFY_TYPE_DIFFERS ${BAKED}`],
    ],
    ['a file that vanished', {}, [BAKED], [`VERIFY_FILE_MISSING ${BAKED}`]],
    [
      'a plan id of another build',
      { [PLAN_ID]: { text: `${'0'.repeat(64)}\n` } },
      [],
      [`VERIFY_OTHER_PLAN ${PLAN_ID}`],
    ],
    ['a plan id of any size', { [PLAN_ID]: { sizeBytes: 1 << 30 } }, [], [`VERIFY_OTHER_PLAN ${PLAN_ID}`]],
    [
      'a file of ours from another build',
      { '/usr/share/mape-image/parts/90-old.uci': { text: 'x' } },
      [],
      ['VERIFY_FILE_UNPLANNED /usr/share/mape-image/parts/90-old.uci'],
    ],
    [
      'a second first-boot script',
      { '/etc/uci-defaults/98-mape': { text: 'x' } },
      [],
      ['VERIFY_FILE_UNPLANNED /etc/uci-defaults/98-mape'],
    ],
    ["a file of somebody else's", { '/etc/uci-defaults/98-other': { text: 'x' } }, [], []],
    [
      'a closed folder',
      { '/etc/uci-defaults': { mode: 0o700 } },
      [],
      ['VERIFY_MODE_DIFFERS /etc/uci-defaults', 'VERIFY_CLOSED_DIRECTORY /etc/uci-defaults'],
    ],
    ['a closed root', { '/': { mode: 0o700 } }, [], ['VERIFY_CLOSED_DIRECTORY /']],
    [
      'a module that is missing',
      {},
      ['/lib/modules/6.6.110/ip6_tunnel.ko'],
      ['VERIFY_MODULE_UNSEEN kmod-ip6-tunnel'],
    ],
    ['a service that is off', {}, ['/etc/rc.d/S19mape-guard'], ['VERIFY_SERVICE_OFF mape-guard']],
    [
      'another release',
      { '/etc/openwrt_release': { text: "DISTRIB_RELEASE='23.05.5'\nDISTRIB_TARGET='ath79/tiny'\n" } },
      [],
      ['VERIFY_RELEASE_DIFFERS version', 'VERIFY_RELEASE_DIFFERS target'],
    ],
    ['no list of packages', {}, ['/usr/lib/opkg/status'], ['VERIFY_NO_PACKAGE_LIST']],
    [
      'a list of packages that is none',
      { '/usr/lib/opkg/status': { text: 'hello' } },
      [],
      ['IMAGE_FILE_INVALID /usr/lib/opkg/status'],
    ],
    [
      'packages other than asked for',
      { '/usr/lib/opkg/status': { text: 'Package: ath10k-board-qca9888\nVersion: 1\n' } },
      [],
      ['IMAGE_PACKAGE_MISSING map', 'IMAGE_PACKAGE_CAME_BACK ath10k-board-qca9888'],
    ],
  ] as const)('finds %s', async (_, changes, removed, expected) => {
    expect(await find(changeRoot(root, changes, removed))).toEqual(expected);
  });

  it('finds one flipped bit in any file of the overlay', async () => {
    const files = [...planned.overlay].flatMap(([path, entry]) =>
      entry.type === 'file' && entry.bytes.byteLength > 0 ? [{ path, bytes: entry.bytes }] : [],
    );
    expect(files.length).toBeGreaterThan(20);
    for (const { path, bytes } of files) {
      const flipped = Uint8Array.from(bytes);
      const at = Math.floor(bytes.byteLength / 2);
      flipped[at] = (bytes[at] ?? 0) ^ 1;
      const findings = await checkImage(plan, changeRoot(root, { [path]: { text: flipped } }), FACTS);
      expect(
        findings.map(({ severity, details }) => [severity, details?.path]),
        path,
      ).toEqual([['error', path]]);
    }
  });

  it('holds an image against the record of a build as well as against its plan', async () => {
    const { id, packages, overlay } = plan;
    const record = { id, packages, overlay, version: '24.10.4', target: 'ath79/generic', revision: 'r1' };
    const findings = await checkImage(record, root, FACTS);
    expect(findings.map(({ code, details }) => [code, details?.what])).toEqual([
      ['VERIFY_RELEASE_DIFFERS', 'revision'],
    ]);
  });

  it('only on the way to our own files is a closed folder an error', async () => {
    const closed = {
      '/usr/lib/other': { type: 'directory', mode: 0o700 },
      '/usr/lib/other/file': { text: 'x' },
    } as const;
    const findings = await checkImage(plan, changeRoot(root, closed), FACTS);
    expect(findings.map(({ severity, code, details }) => [severity, code, details?.path])).toEqual([
      ['warning', 'VERIFY_CLOSED_DIRECTORY', '/usr/lib/other'],
    ]);
  });

  it('a module is missing for good where its package is not in, either', async () => {
    const status = 'Package: map\nVersion: 1\n\nPackage: firewall4\nVersion: 1\n';
    const changes = { '/usr/lib/opkg/status': { text: status } };
    const codes = await find(changeRoot(root, changes, ['/lib/modules/6.6.110/ip6_tunnel.ko']));
    expect(codes).toContain('VERIFY_MODULE_MISSING kmod-ip6-tunnel');
  });

  it('takes a module that is built in for present', async () => {
    const builtIn = { '/lib/modules/6.6.110/modules.builtin': { text: 'kernel/net/ipv6/ip6_tunnel.ko\n' } };
    expect(await find(changeRoot(root, builtIn, ['/lib/modules/6.6.110/ip6_tunnel.ko']))).toEqual([]);
  });

  it.each([
    ['another digest', { sha256: 'cd'.repeat(32) }, ['VERIFY_DIGEST_DIFFERS']],
    ['no record', { recordedSha256: undefined }, []],
    ['no metadata', { boards: undefined }, ['VERIFY_NO_METADATA']],
    ['another board', { boards: ['tplink,archer-c7-v2'] }, ['IMAGE_OTHER_BOARD']],
    ['a device nothing is known of', { device: { supportedDevices: [], title: 'x' } }, []],
  ])('judges %s', async (_, facts, expected) => {
    expect(await find(root, facts)).toEqual(expected);
  });

  it('finds a plan that was changed after it was made', async () => {
    const findings = await checkImage({ ...plan, profile: 'other' }, root, FACTS);
    expect(findings.map(({ code }) => code)).toEqual(['VERIFY_PLAN_CHANGED']);
  });

  it('shows no secret and no digest of one', async () => {
    const findings = await checkImage(plan, changeRoot(root, { [SECRET]: { text: 'hunter2' } }), FACTS);
    const shown = JSON.stringify(findings);
    expect(shown).toContain(SECRET);
    expect(shown).not.toContain('hunter2');
    for (const entry of plan.overlay) if ('scrypt' in entry) expect(shown).not.toContain(entry.scrypt);
  });
});

describe('checkInstalledPackages', () => {
  const manifest = indexManifest(
    new Map([
      ['map', '7-r1'],
      ['libubox20240329', '1'],
      ['dnsmasq-full', '2'],
    ]),
  );

  it.each([
    [['map'], []],
    [['libubox'], []],
    [['libubox~2024'], []],
    [['-dnsmasq'], []],
    [['-libubox'], ['IMAGE_PACKAGE_CAME_BACK']],
    [
      ['-map', 'luci'],
      ['IMAGE_PACKAGE_CAME_BACK', 'IMAGE_PACKAGE_MISSING'],
    ],
  ])('%j', (packages, codes) => {
    expect(checkInstalledPackages({ packages }, manifest).map(({ code }) => code)).toEqual(codes);
  });
});

describe('checkBoard', () => {
  it('says the boards the image is for', () => {
    const [finding] = checkBoard({ boards: ['a,b'], supportedDevices: ['c,d'], title: 'T' });
    expect(finding?.details).toEqual({ boards: ['a,b'], title: 'T' });
  });
});

describe('listScripts', () => {
  it('names what a shell and nft have to look at', async () => {
    const { shell, nft } = await listScripts(plan, indexRoot(root));
    expect(nft.length).toBeGreaterThan(0);
    expect(nft.every((path) => path.startsWith('/usr/share/nftables.d/'))).toBe(true);
    for (const path of [
      '/etc/uci-defaults/99-mape',
      '/etc/init.d/mape-guard',
      '/lib/netifd/proto/map.sh',
      '/usr/sbin/mape-status',
    ])
      expect(shell).toContain(path);
    expect(shell).not.toContain(BAKED);
    expect(shell.some((path) => path.endsWith('.conf'))).toBe(false);
  });
});
