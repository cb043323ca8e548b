#!/usr/bin/env node
/**
 * Assemble the sample ImageBuilder: a working tree in OUTDIR, or a tarball with one top folder in OUTDIR.
 *
 * node setup.mjs --flavour opkg|apk [--version V] [--tarball FILE.tar.zst|FILE.tar.xz] OUTDIR
 *
 * With --tarball, FILE is written into OUTDIR under its base name. Equal arguments give equal bytes.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { packageFiles } from './content.mjs';
import { encodePackage, packageFileName } from './tree/scripts/package.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const ARCH = 'mips_24kc';
const LINUX_DIR = 'build_dir/target-mips_24kc_musl/linux-ath79_generic';
const DEFAULT_PACKAGES = [
  'base-files',
  'ca-bundle',
  'dropbear',
  'fstools',
  'libc',
  'libgcc',
  'libustream-mbedtls',
  'logd',
  'mtd',
  'netifd',
  'uci',
  'uclient-fetch',
  'urandom-seed',
  'urngd',
  'procd-ujail',
  'kmod-gpio-button-hotplug',
  'swconfig',
  'kmod-ath9k',
  'uboot-envtools',
  'wpad-basic-mbedtls',
  'dnsmasq',
  'firewall4',
  'nftables',
  'kmod-nft-offload',
  'odhcp6c',
  'odhcpd-ipv6only',
  'ppp',
  'ppp-mod-pppoe',
];
const RELEASES = {
  opkg: {
    column: 0,
    version: '24.10.0-sample',
    revision: 'r0-5a3b1e2410',
    epoch: 1735689600,
    kernel: '6.6.110',
    wireless: '6.12.52',
    manager: 'opkg',
    kernelBytes: 2618359,
  },
  apk: {
    column: 1,
    version: '25.12.0-sample',
    revision: 'r0-5a3b1e2512',
    epoch: 1767225600,
    kernel: '6.12.87',
    wireless: '6.18.26',
    manager: 'apk-mbedtls',
    kernelBytes: 2739039,
  },
};

/** Parse packages.txt into the control data of one release; a dependency gets the ABI suffix of its target. */
function parsePackages(text, { column, kernel, wireless }) {
  const rows = text
    .split('\n')
    .filter((line) => line && !line.startsWith('#'))
    .map((line) => {
      const [label, version24, version25, kib, ...rest] = line.trim().split(/\s+/);
      const [plain, ...abis] = label.split(':');
      const short = [version24, version25][column];
      const version = { K: `${kernel}-r1`, M: `${kernel}.${wireless}-r1` }[short] ?? short;
      const list = (key) =>
        rest
          .find((word) => word.startsWith(`${key}=`))
          ?.slice(key.length + 1)
          .split(',') ?? [];
      return {
        plain,
        name: plain + (abis[column] ?? abis[0] ?? ''),
        version,
        kib: Number(kib),
        depends: rest.filter((word) => !word.includes('=')),
        provides: list('provides'),
        conflicts: list('conflicts'),
      };
    })
    .filter((row) => row.version !== '-');
  const full = new Map(rows.map((row) => [row.plain, row.name]));
  return rows.map((row) => {
    const implied = row.plain.startsWith('kmod-')
      ? ['kernel']
      : ['libc', 'libgcc', 'kernel'].includes(row.plain)
        ? []
        : ['libc'];
    const provides = row.name === row.plain ? row.provides : [row.plain, ...row.provides];
    // libc asks for plain "libgcc", as the real one does.
    const depends = [...implied, ...row.depends].map((name) =>
      name === 'libgcc' ? name : (full.get(name) ?? name),
    );
    return { ...row, depends, provides };
  });
}

const titleOf = ({ vendor, model, variant }) => [vendor, model, variant].filter(Boolean).join(' ');

function profilesMakefile(profiles, defaults) {
  const lines = [
    `PROFILE_NAMES:=${profiles.map((p) => p.id).join(' ')}`,
    `DEFAULT_PACKAGES:=${defaults.join(' ')}`,
  ];
  for (const p of profiles) {
    lines.push(
      `${p.id}_TITLE:=${titleOf(p.titles[0])}`,
      `${p.id}_PACKAGES:=${p.packages.join(' ')}`,
      `${p.id}_RECIPE:=${p.recipe}`,
      `${p.id}_IMAGE_SIZE:=${p.imageSize}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function infoText(profiles, defaults, revision) {
  const blocks = profiles.map(
    (p) =>
      `${p.id}:\n${p.titles.map((t) => `    ${titleOf(t)}\n`).join('')}    Packages: ${p.packages.join(' ')}\n    hasImageMetadata: 1\n    SupportedDevices: sample,not-a-router\n`,
  );
  return `Current Target: "ath79/generic"\nCurrent Architecture: "mips"\nCurrent Revision: "${revision}"\nDefault Packages: ${defaults.join(' ')}\nAvailable Profiles:\n\n${blocks.join('')}`;
}

function normaliseModes(path) {
  const stat = lstatSync(path);
  if (stat.isDirectory()) for (const name of readdirSync(path)) normaliseModes(join(path, name));
  chmodSync(path, stat.isDirectory() || stat.mode & 0o100 ? 0o755 : 0o644);
}

/** Write a working tree into the absent or empty folder `top`. */
export function assembleTree({ flavour, version = RELEASES[flavour].version, top }) {
  const release = { ...RELEASES[flavour], version, arch: ARCH };
  if (existsSync(top) && readdirSync(top).length > 0) throw new Error(`${top} is not empty`);
  if (!version.includes('sample'))
    throw new Error(`version must contain "sample", so that no image is taken for a real one: ${version}`);
  const profiles = JSON.parse(readFileSync(join(HERE, 'profiles.json'), 'utf8'));
  const packages = parsePackages(readFileSync(join(HERE, 'packages.txt'), 'utf8'), release);
  const defaults = [...DEFAULT_PACKAGES, release.manager];
  const kernelPackage = packages.find((pkg) => pkg.plain === 'kernel');
  const write = (path, text) => {
    mkdirSync(dirname(join(top, path)), { recursive: true });
    writeFileSync(join(top, path), text);
  };
  cpSync(join(HERE, 'tree'), top, { recursive: true });
  write(
    'include/version.mk',
    Object.entries({
      PACKAGE_MANAGER: flavour,
      VERSION_NUMBER: version,
      REVISION: release.revision,
      SOURCE_DATE_EPOCH: release.epoch,
      ARCH_PACKAGES: ARCH,
      LINUX_VERSION: release.kernel,
      LINUX_VERMAGIC: kernelPackage.version.split(/[~-]/)[1],
      KERNEL_BYTES: release.kernelBytes,
      KERNEL_NAME: `MIPS OpenWrt Linux-${release.kernel.split('.').slice(0, 2).join('.')}.0-sample`,
      ...(flavour === 'apk'
        ? {
            PINS: ['base-files', 'libc', 'kernel']
              .map((name) => `${name}=${packages.find((pkg) => pkg.plain === name).version}`)
              .join(' '),
          }
        : {}),
    })
      .map(([key, value]) => `${key}:=${value}\n`)
      .join(''),
  );
  write(
    '.config',
    `CONFIG_TARGET_ath79=y\nCONFIG_TARGET_ath79_generic=y\nCONFIG_TARGET_ARCH_PACKAGES="${ARCH}"\nCONFIG_TARGET_ROOTFS_SQUASHFS=y\nCONFIG_TARGET_SQUASHFS_BLOCK_SIZE=256\nCONFIG_SIGNATURE_CHECK=y\nCONFIG_SIGNED_PACKAGES=y\nCONFIG_JSON_CYCLONEDX_SBOM=y\n${flavour === 'apk' ? 'CONFIG_USE_APK=y\n' : '# CONFIG_USE_APK is not set\n'}`,
  );
  if (flavour === 'apk') write('repositories', '');
  else
    write(
      'repositories.conf',
      '## Remote package repositories come first.\n\n## The local one must stay the last.\nsrc imagebuilder file:packages\noption check_signature\n',
    );
  write('target/linux/ath79/profiles.mk', profilesMakefile(profiles, defaults));
  write('target/linux/ath79/profiles.json', JSON.stringify(profiles));
  write('target/linux/ath79/info.txt', infoText(profiles, defaults, release.revision));
  for (const pkg of packages) {
    const { plain, kib, ...control } = pkg;
    control.arch =
      plain === 'ca-bundle' || plain.startsWith('luci') ? (flavour === 'apk' ? 'noarch' : 'all') : ARCH;
    // Real opkg trees keep these two beside the kernel: they belong to the target, not to a feed.
    const folder = flavour === 'opkg' && (plain === 'libc' || plain === 'kernel') ? LINUX_DIR : 'packages';
    write(
      join(folder, packageFileName(control, flavour)),
      encodePackage({ control, files: packageFiles(plain, kib, release) }),
    );
  }
  mkdirSync(join(top, 'keys'), { recursive: true });
  mkdirSync(join(top, 'tmp'), { recursive: true });
  normaliseModes(top);
  return release;
}

function packTarball({ flavour, version = RELEASES[flavour].version, file }) {
  const compressor = { '.zst': 'zstd -q -T1 -12', '.xz': 'xz -T1 -6' }[/\.(zst|xz)$/.exec(file)?.[0]];
  if (!compressor) throw new Error(`tarball must end in .tar.zst or .tar.xz: ${file}`);
  const temp = mkdtempSync(join(tmpdir(), 'sample-imagebuilder-'));
  try {
    const name = `openwrt-imagebuilder-${version}-ath79-generic.Linux-x86_64`;
    const { epoch } = assembleTree({ flavour, version, top: join(temp, name) });
    execFileSync(
      'tar',
      [
        '--sort=name',
        `--mtime=@${epoch}`,
        '--owner=0',
        '--group=0',
        '--numeric-owner',
        '--format=gnu',
        '-I',
        compressor,
        '-C',
        temp,
        '-cf',
        file,
        name,
      ],
      { env: { ...process.env, LC_ALL: 'C' }, stdio: 'inherit' },
    );
  } finally {
    rmSync(temp, { recursive: true, force: true });
  }
}

function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { flavour: { type: 'string' }, version: { type: 'string' }, tarball: { type: 'string' } },
  });
  if (!(values.flavour in RELEASES) || positionals.length !== 1) {
    console.error(
      'usage: node setup.mjs --flavour opkg|apk [--version V] [--tarball FILE.tar.zst|FILE.tar.xz] OUTDIR',
    );
    return 2;
  }
  const out = resolve(positionals[0]);
  if (values.tarball) {
    mkdirSync(out, { recursive: true });
    packTarball({ ...values, file: join(out, basename(values.tarball)) });
  } else assembleTree({ ...values, top: out });
  return 0;
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    process.exitCode = main();
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
