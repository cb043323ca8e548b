import { computeLock, computeLockedSettings } from '../../src/attest/compute-lock.ts';
import type { AttestedPackage, BuildFacts } from '../../src/attest/facts.ts';
import type { Lock } from '../../src/attest/lock.ts';
import { computeSha256 } from '../../src/bytes/sha256.ts';
import type { ResolvedConfig } from '../../src/config/config.ts';
import { computePlan, type Planned } from '../../src/plan/compute-plan.ts';
import { mapeOf, plainConfig, SYNTHETIC, templates } from '../overlay/support.ts';

export const PREFIX = SYNTHETIC.v6plus;
export const C6 = 'tplink_archer-c6-v2';

/** Settings of a household, with everything in them that tells whose they are. */
export const config: ResolvedConfig = {
  ...plainConfig,
  prefix: PREFIX,
  profile: C6,
  release: '24.10',
  hostname: 'house-of-yamada',
  packages: { add: ['tcpdump', 'luci'], remove: ['ppp'] },
};

export const imagebuilder = {
  version: '24.10.8',
  target: 'ath79/generic',
  revision: 'r28959-29397011cc',
  packageManager: 'opkg',
} as const;

export function makePlanned(changes: Partial<ResolvedConfig> = {}): Planned {
  return computePlan({
    programVersion: '0.1.0',
    mape: mapeOf(PREFIX),
    prefixBits: 64,
    config: { ...config, ...changes },
    profile: C6,
    devicePackages: { add: [], remove: [] },
    series: '24.10',
    imagebuilder,
    templates,
  });
}

export function makePackage(name: string, version: string, license?: string): AttestedPackage {
  const fileName = `${name}_${version}_mips_24kc.ipk`;
  const sha256 = computeSha256(fileName);
  return { name, version, fileName, sha256, sizeBytes: 1000, architecture: 'mips_24kc', license };
}

export const PACKAGES = [
  makePackage('base-files', '1665~5a3b1e2410', 'GPL-2.0'),
  makePackage('busybox', '1.36.1-r2', 'GPL-2.0'),
  makePackage('kernel', '6.6.110~5a3b1e24105a3b1e24105a3b1e241000-r1'),
  makePackage('kmod-nat46', '6.6.110.2024.01.01~abcdef01-r1', 'GPL-2.0'),
  makePackage('libstdcpp6', '13.3.0-r4', 'GPL-3.0-with-GCC-exception'),
  makePackage('luci', '26.167.80096~2df00de', 'Apache-2.0 MIT'),
  makePackage('map', '7'),
  makePackage('ath10k-firmware-qca9888-ct', '2020.11.08-r1', 'ISC AND MIT'),
];

export const planned = makePlanned();

export const facts: BuildFacts = {
  plan: planned.plan,
  imagebuilder,
  source: {
    kind: 'archive',
    name: 'openwrt-imagebuilder-24.10.8-ath79-generic.Linux-x86_64.tar.zst',
    sha256: '29cc9bb6489af980fa7fd25873ae8605229d05343a3f0c107d924fefc87b6a3f',
    repositories: ['https://downloads.openwrt.org/releases/24.10.8/packages/mips_24kc/base', 'file:packages'],
    keyId: 'd310c6f2833e97f7',
  },
  image: { name: 'openwrt-24.10.8-mape-sysupgrade.bin', sha256: 'ab'.repeat(32), sizeBytes: 7_000_000 },
  installed: new Map(PACKAGES.map(({ name, version }) => [name, version])),
  packageFiles: PACKAGES,
  sourceDateEpochSec: 1_735_689_600,
};

export function makeLock(
  changes: {
    readonly config?: Partial<ResolvedConfig>;
    readonly facts?: Partial<BuildFacts>;
    readonly programVersion?: string;
  } = {},
): Lock {
  const all = { ...facts, ...changes.facts };
  return computeLock(
    {
      programVersion: changes.programVersion ?? '0.1.0',
      settings: computeLockedSettings({ ...config, ...changes.config }),
      profile: C6,
      imagebuilder: all.imagebuilder,
      source: all.source,
    },
    all,
  );
}

/** The same packages but for some in another version or file; `undefined` leaves one out. */
export function withPackages(
  changes: Readonly<Record<string, AttestedPackage | undefined>>,
): Pick<BuildFacts, 'installed' | 'packageFiles'> {
  const rest = PACKAGES.filter(({ name }) => !Object.hasOwn(changes, name));
  const packageFiles = [
    ...rest,
    ...Object.values(changes).flatMap((one) => (one === undefined ? [] : [one])),
  ];
  return { packageFiles, installed: new Map(packageFiles.map(({ name, version }) => [name, version])) };
}
