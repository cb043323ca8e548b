import type { ResolvedConfig } from '../../src/config/config.ts';
import type { RootFilesystem } from '../../src/image/root-filesystem.ts';
import { makeFileTree } from '../../src/overlay/file-tree.ts';
import { computePlan, type Planned } from '../../src/plan/compute-plan.ts';
import { mapeOf, plainConfig, SYNTHETIC, templates } from '../overlay/support.ts';
import { type Described, makeRoot, rootOfTree } from './memory-root.ts';

/** Every module MAP-E needs, where OpenWrt's packages put them. */
const MODULES =
  'ip6_tunnel tunnel6 nf_conntrack nf_nat nf_tables nft_ct nft_hash nft_numgen nft_chain_nat nft_nat'.split(
    ' ',
  );

const PACKAGES = 'base-files map firewall4 kmod-ip6-tunnel kmod-nft-nat'.split(' ');

/** What an ImageBuilder adds to the overlay. */
const SYSTEM: Readonly<Record<string, Described>> = {
  '/etc/openwrt_release':
    "DISTRIB_ID='OpenWrt'\nDISTRIB_RELEASE='24.10.4'\nDISTRIB_REVISION='r28959-29397011cc'\nDISTRIB_TARGET='ath79/generic'\nDISTRIB_ARCH='mips_24kc'\n",
  '/etc/passwd': 'root:x:0:0:root:/root:/bin/ash\n',
  '/etc/shadow': { text: 'root:::0:99999:7:::\n', mode: 0o600 },
  '/etc/rc.d/S19mape-guard': { link: '../init.d/mape-guard' },
  '/root': { directory: 0o700 },
  '/tmp': { directory: 0o1777 },
  '/usr/lib/opkg/status': PACKAGES.map(
    (name) => `Package: ${name}\nVersion: 1-r1\nStatus: install user installed\n`,
  ).join('\n'),
  ...Object.fromEntries(MODULES.map((name) => [`/lib/modules/6.6.110/${name}.ko`, 'ELF'])),
};

/** A plan with secrets, keys and Wi-Fi. */
export function planSample(changes: Partial<ResolvedConfig> = {}): Planned {
  return computePlan({
    programVersion: '0.0.0-test',
    mape: mapeOf(SYNTHETIC.v6plus),
    prefixBits: 64,
    config: {
      ...plainConfig,
      hostname: 'gate',
      rootPasswordHash: '$6$salt$verysecrethash',
      ssh: {
        authorizedKeys: [
          'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILOY1T6fJjL+lacjzQEAsKi+UvEulHsNx2bDIqXpblO3 test',
        ],
        passwordLogin: undefined,
      },
      wifi: {
        country: 'JP',
        networks: [
          { ssid: 'home', key: 'correct horse', encryption: 'sae-mixed', band: 'all', hidden: false },
        ],
      },
      ...changes,
    },
    profile: 'tplink_archer-c6-v2',
    devicePackages: { add: [], remove: ['ath10k-board-qca9888'] },
    series: '24.10',
    imagebuilder: {
      version: '24.10.4',
      target: 'ath79/generic',
      revision: 'r28959-29397011cc',
      packageManager: 'opkg',
    },
    templates,
  });
}

/** The root of an image built from a plan as planned. */
export function buildRoot(
  { overlay }: Pick<Planned, 'overlay'>,
  more: Readonly<Record<string, Described>> = {},
): RootFilesystem {
  const ours = rootOfTree(makeFileTree(overlay));
  const system = makeRoot({ ...SYSTEM, ...more });
  const entries = new Map([...system.entries, ...ours.entries].map((entry) => [entry.path, entry]));
  const own = new Set(ours.entries.map(({ path }) => path));
  return {
    entries: [...entries.values()].sort((a, b) => (a.path < b.path ? -1 : 1)),
    readFile: (path) => (own.has(path) ? ours : system).readFile(path),
  };
}
