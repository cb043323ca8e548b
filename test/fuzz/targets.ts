import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseLock } from '../../src/attest/lock.ts';
import { parseRecordedPlan } from '../../src/attest/recorded-plan.ts';
import { parseConfigText } from '../../src/config/parse.ts';
import { MapeImageError } from '../../src/errors.ts';
import { readContents } from '../../src/image/contents/contents.ts';
import { parseFwtool } from '../../src/image/fwtool.ts';
import { openImage } from '../../src/image/open-image.ts';
import { openSquashfs } from '../../src/image/squashfs/squashfs.ts';
import { parseMakeInfo } from '../../src/release/make-info.ts';
import { parseManifest } from '../../src/release/manifest.ts';
import { parseOverviewJson } from '../../src/release/overview.ts';
import { parseProfilesJson } from '../../src/release/profiles-json.ts';
import { parseSha256Sums } from '../../src/release/sha256sums.ts';
import { parseUsignSignature } from '../../src/release/usign.ts';
import { parseVersionsJson } from '../../src/release/versions.ts';
import { makeContainerSamples } from '../image/container-samples.ts';
import { makeRoot } from '../image/memory-root.ts';
import { fixturePath } from '../support/fixtures.ts';
import { serviceTable } from '../support/services.ts';

/** Something that reads bytes nobody vouches for. */
export interface FuzzTarget {
  readonly name: string;
  /** Whole and valid, to be spoiled. */
  readonly seeds: readonly Uint8Array[];
  /** Reads all there is; anything but a `MapeImageError` is a bug. */
  readonly run: (bytes: Uint8Array) => unknown;
}

const UCI_DEFAULTS = `#!/bin/sh
. /lib/functions.sh
IP=192.168.1.1
uci -q batch <<EOT
set network.wan6mape=interface
set network.wan6mape.proto='map'
add_list dhcp.@dnsmasq[0].server="$IP"
commit
EOT
uci set network.lan.ipaddr=$IP && uci commit
`;
const OPKG_STATUS = `Package: libubox20240329
Version: 2024.03.29~eb9bcb64-r1
Depends: libc, libjson-c5 (>= 0.17)
Provides: libubox
ABIVersion: 20240329
Status: install user installed
Conffiles:
 /etc/config/network 6b1e

Package: libc
Version: 1.2.5-r4
Status: install ok installed
`;
const APK_INSTALLED = `P:libubox20240329
V:2026.02.13~aa58a4f0-r1
A:mips_24kc
S:1000
I:2000
D:libc libjson-c5>=0.17 !other
p:libubox=2026.02.13~aa58a4f0-r1
F:lib
R:libubox.so

`;
const CONFIG = `prefix: 2400:4151:8000:1200::/64
profile: tplink_archer-c6-v2
packages: { add: [tcpdump-mini] }
wifi:
  networks: [{ ssid: home, encryption: none }]
forwards: ["tcp 5408 -> 192.168.1.10:443"]
uci: { network: { lan: { mtu: "1500" } } }
`;

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
const fixture = (name: string): Buffer => readFileSync(fixturePath(name));
const fixtures = (folder: string): readonly Buffer[] =>
  readdirSync(fixturePath(folder))
    .sort()
    .map((name) => fixture(join(folder, name)));

/** Spoiled files that once made a parser fail, kept for good. */
function corpusOf(name: string): readonly Uint8Array[] {
  try {
    return fixtures(`fuzz/${name}`);
  } catch {
    return [];
  }
}

/** Files of a root file system by what reads them; each alone in a root. */
const ROOT_FILES = {
  uci: ['/etc/config/network', fixtures('image/contents')],
  'uci-defaults': ['/etc/uci-defaults/99-own', [Buffer.from(UCI_DEFAULTS)]],
  'opkg-status': ['/usr/lib/opkg/status', [Buffer.from(OPKG_STATUS)]],
  'apk-installed': ['/lib/apk/db/installed', [Buffer.from(APK_INSTALLED)]],
  passwd: [
    '/etc/passwd',
    [Buffer.from('root:x:0:0:root:/root:/bin/ash\nnobody:*:65534:65534:nobody:/var:/bin/false\n')],
  ],
  shadow: ['/etc/shadow', [Buffer.from('root:$6$a$b:19000:0:99999:7:::\nnobody:*:0:0:99999:7:::\n')]],
  'authorized-keys': ['/etc/dropbear/authorized_keys', [Buffer.from(`ssh-ed25519 ${'A'.repeat(68)} me\n`)]],
} as const;

/** All parsers of bytes from elsewhere. */
export async function makeTargets(): Promise<readonly FuzzTarget[]> {
  const targets: readonly FuzzTarget[] = [
    { name: 'container', seeds: Object.values(await makeContainerSamples()), run: openSmall },
    { name: 'fwtool', seeds: [(await makeContainerSamples()).uimage], run: parseFwtool },
    { name: 'squashfs', seeds: fixtures('image/squashfs'), run: readSquashfs },
    ...Object.entries(ROOT_FILES).map(([name, [path, seeds]]) => ({
      name,
      seeds,
      run: (bytes: Uint8Array) => readContents(makeRoot({ [path]: { text: bytes } }), serviceTable),
    })),
    textTarget('sha256sums', fixture('release/usign/sha256sums').subarray(0, 4000), parseSha256Sums),
    textTarget('usign', fixture('release/usign/sha256sums.sig'), parseUsignSignature),
    textTarget('versions', fixture('release/server/versions-2026-08-22.json'), parseVersionsJson),
    textTarget('overview', fixture('release/server/overview-23.05.4-excerpt.json'), parseOverviewJson),
    textTarget('profiles', fixture('release/profiles/ib-24.10.4-archer-c6-v2.json'), parseProfilesJson),
    textTarget(
      'make-info',
      fixture('release/make-info-23.05.2-ath79-generic.txt').subarray(0, 6000),
      parseMakeInfo,
    ),
    textTarget('manifest', fixture('release/manifests/24.10.4-opkg.manifest'), parseManifest),
    textTarget('config', Buffer.from(CONFIG), (content) => parseConfigText(content, 'mape-image.yaml')),
    textTarget('lock', Buffer.from('{"schema":"mape-image/lock@1","packages":[]}'), (content) =>
      parseLock(content, 'x'),
    ),
    textTarget(
      'plan',
      Buffer.from('{"schema":"mape-image/plan@1","id":"0","overlay":[]}'),
      parseRecordedPlan,
    ),
  ];
  return targets.map((target) => ({ ...target, seeds: [...target.seeds, ...corpusOf(target.name)] }));
}

function textTarget(name: string, seed: Uint8Array, parse: (content: string) => unknown): FuzzTarget {
  return { name, seeds: [seed], run: (bytes) => parse(text(bytes)) };
}

function openSmall(bytes: Uint8Array): Promise<unknown> {
  return openImage(bytes, { maxUnpackedBytes: 4 * 1024 * 1024 });
}

async function readSquashfs(bytes: Uint8Array): Promise<unknown> {
  const found = await openSquashfs(bytes, { maxContentBytes: 64 * 1024 * 1024 });
  await found.measureStored();
  return found.hashFiles();
}

/** Whether a parser may end this way. */
export function isCoded(error: unknown): boolean {
  return error instanceof MapeImageError && error.kind !== 'internal';
}
