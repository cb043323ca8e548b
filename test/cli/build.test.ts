import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { computeSha256 } from '../../src/bytes/sha256.ts';
import { installCopy, makeTempDir, runCli } from '../support/cli.ts';
import { makeSampleTarball, makeSampleTree } from '../support/sample.ts';

const dir = makeTempDir();
const base = ['--prefix', '240b:12:3456:7800::/64', '--profile', 'tplink_archer-c6-v2'];
const env = { XDG_CACHE_HOME: join(dir, 'cache'), XDG_STATE_HOME: join(dir, 'state') };
const opkg = makeSampleTree('opkg', join(dir, 'opkg'));
const apk = makeSampleTree('apk', join(dir, 'apk'));

interface Document {
  readonly ok: boolean;
  readonly planId: string;
  readonly reused: boolean;
  readonly image: {
    readonly path: string;
    readonly sha256: string;
    readonly sha256Unsigned: string;
    readonly sizeBytes: number;
  };
  readonly outputDir: string;
  readonly overlayBytes: number;
  readonly warnings: readonly { readonly code: string }[];
}

async function build(args: readonly string[], options: Parameters<typeof runCli>[1] = {}): Promise<Document> {
  const { exitCode, stdout, stderr } = await runCli(['build', ...base, ...args, '--json'], {
    ...options,
    env: { ...env, ...options.env },
  });
  if (exitCode !== 0) throw new Error(`exit code ${exitCode}: ${stdout}${stderr}`);
  return JSON.parse(stdout);
}

/** What is not a finished build in an output folder: temporary folders left behind. */
function leftovers(out: string): string[] {
  return existsSync(out) ? readdirSync(out).filter((name) => !name.startsWith('tplink_archer-c6-v2-')) : [];
}

/** `rwxr-xr-x` */
function symbolicMode(mode: number): string {
  return [...mode.toString(2).padStart(9, '0')]
    .map((bit, index) => (bit === '1' ? 'rwx'.charAt(index % 3) : '-'))
    .join('');
}

describe('build', () => {
  it.each([
    ['opkg', opkg, '24.10.0-sample'],
    ['apk', apk, '25.12.0-sample'],
  ])(
    '%s: lands a complete, consistent folder under a name without anything personal',
    async (flavour, tree, version) => {
      const out = join(dir, `out-${flavour}`);
      const document = await build(['--imagebuilder', tree, '-o', out]);
      const id8 = document.planId.slice(0, 8);
      expect(document).toMatchObject({ schema: 'mape-image/build@1', ok: true, reused: false });
      expect(document.outputDir).toBe(join(out, `tplink_archer-c6-v2-${version}-${id8}`));
      const prefix = `openwrt-${version}-mape-${id8}-ath79-generic-tplink_archer-c6-v2`;
      expect(readdirSync(document.outputDir).sort()).toEqual(
        [
          `${prefix}-squashfs-sysupgrade.bin`,
          `${prefix}.bom.cdx.json`,
          `${prefix}.manifest`,
          'build.json',
          'build.log',
          'lock.json',
          'overlay.json',
          'plan.json',
          'profiles.json',
          'provenance.json',
          'report.txt',
          'sbom.cdx.json',
          'sha256sums',
        ].sort(),
      );
      const image = readFileSync(document.image.path);
      expect(statSync(document.image.path).mode & 0o777).toBe(0o644);
      expect(computeSha256(image)).toBe(document.image.sha256);
      expect(document.image).toMatchObject({
        sha256Unsigned: document.image.sha256,
        sizeBytes: image.byteLength,
      });
      execFileSync('sha256sum', ['--check', '--strict', '--quiet', 'sha256sums'], {
        cwd: document.outputDir,
      });
      const plan = JSON.parse(readFileSync(join(document.outputDir, 'plan.json'), 'utf8'));
      expect(plan.id).toBe(document.planId);
      expect(leftovers(out)).toEqual([]);
      // deadc0de ends the root file system, the metadata that follows names a board no router has
      expect(image.includes(Buffer.from('deadc0de', 'hex'))).toBe(true);
      expect(image.subarray(-600).toString('latin1')).toContain(
        '"supported_devices":["sample,not-a-router"]',
      );
      expect(document.warnings.map(({ code }) => code)).toContain('IMAGE_SAMPLE_BOARD');
    },
  );

  it('the overlay stands in the image with its bytes, modes and owner', async () => {
    const document = await build(['--imagebuilder', apk, '-o', join(dir, 'out-apk')]);
    const plan = JSON.parse(readFileSync(join(document.outputDir, 'plan.json'), 'utf8'));
    const image = readFileSync(document.image.path);
    const squashfs = join(dir, 'root.squashfs');
    writeFileSync(squashfs, image.subarray(image.indexOf('hsqs')));
    const listing = execFileSync('unsquashfs', ['-lln', squashfs], { encoding: 'utf8' });
    const rows = new Map(
      listing
        .trimEnd()
        .split('\n')
        .map((line) => [line.split(' squashfs-root')[1] ?? '', line]),
    );
    expect(rows.get('')).toMatch(/^drwxr-xr-x 0\/0/);
    for (const entry of plan.overlay) {
      const row = rows.get(entry.path) ?? '';
      expect(row.slice(1, 10)).toBe(symbolicMode(Number.parseInt(entry.mode, 8)));
      expect(row).toContain(' 0/0 ');
      if (entry.sha256 === undefined) continue;
      const bytes = execFileSync('unsquashfs', ['-cat', squashfs, entry.path], { maxBuffer: 2 ** 24 });
      expect(`${entry.path} ${computeSha256(bytes)}`).toBe(`${entry.path} ${entry.sha256}`);
    }
  });

  it('prints the report, then the sha256 and the path as the last line, and the verdict on standard error', async () => {
    const { exitCode, stdout, stderr } = await runCli(
      ['build', ...base, '--imagebuilder', apk, '-o', join(dir, 'out-text')],
      { env },
    );
    const lines = stdout.trimEnd().split('\n');
    expect(exitCode).toBe(0);
    const [, sha256, path] = /^([0-9a-f]{64}) {2}(\/.*sysupgrade\.bin)$/.exec(lines.at(-1) ?? '') ?? [];
    expect(computeSha256(readFileSync(path ?? ''))).toBe(sha256);
    expect(stdout).toContain('14.8.52.86');
    expect(stderr.trimEnd().split('\n').at(-1)).toContain('sample,not-a-router');
  });

  it('a plan built before is not built again, unless asked or harmed', async () => {
    const out = join(dir, 'out-again');
    const first = await build(['--imagebuilder', apk, '-o', out]);
    const second = await build(['--imagebuilder', apk, '-o', out]);
    expect(second).toEqual({ ...first, reused: true });
    const forced = await build(['--imagebuilder', apk, '-o', out, '--force']);
    expect(forced).toEqual(first);
    writeFileSync(first.image.path, 'harmed');
    const mended = await build(['--imagebuilder', apk, '-o', out]);
    expect(mended).toEqual(first);
    expect(computeSha256(readFileSync(first.image.path))).toBe(first.image.sha256);
    expect(leftovers(out)).toEqual([]);
  });

  it('takes a tarball, zst or xz, from any path, and unpacks it once', async () => {
    const odd = join(dir, 'a blank, "quotes", $HOME and 日本語');
    mkdirSync(odd);
    const images: string[] = [];
    for (const compression of ['zst', 'xz'] as const) {
      const tarball = makeSampleTarball('apk', dir, compression);
      renameSync(tarball, join(odd, `ib.tar.${compression}`));
      const document = await build(
        ['--imagebuilder', `ib.tar.${compression}`, '-o', `out '${compression}'`],
        { cwd: odd },
      );
      images.push(document.image.sha256);
      expect(document.outputDir.startsWith(join(odd, `out '${compression}'`))).toBe(true);
    }
    expect(new Set(images).size).toBe(1);
    expect(
      readdirSync(join(dir, 'cache/mape-image/trees')).filter((name) => /^[0-9a-f]{64}$/.test(name)),
    ).toHaveLength(2);
  });

  it('packages, own files and settings of a file arrive in the image', async () => {
    const project = join(dir, 'project with blanks');
    mkdirSync(project);
    writeFileSync(join(project, 'motd'), 'hello $(touch /tmp/owned) `x`\n');
    writeFileSync(
      join(project, 'home config.yaml'),
      'packages: { add: [tcpdump-mini], remove: [luci-light] }\nfiles: [{ from: motd, to: /etc/motd-own, mode: "0640" }]\nhostname: gate\n',
    );
    const document = await build(
      ['--imagebuilder', apk, '-o', join(dir, 'out-config'), '-c', 'home config.yaml'],
      { cwd: project },
    );
    const manifest = readdirSync(document.outputDir).find((name) => name.endsWith('.manifest')) ?? '';
    const text = readFileSync(join(document.outputDir, manifest), 'utf8');
    expect(text).toMatch(/^tcpdump-mini - /m);
    expect(text).not.toMatch(/^luci-light - /m);
    expect(text).toMatch(/^map - /m);
    const image = readFileSync(document.image.path);
    const squashfs = join(dir, 'config.squashfs');
    writeFileSync(squashfs, image.subarray(image.indexOf('hsqs')));
    expect(execFileSync('unsquashfs', ['-lln', squashfs, 'etc/motd-own'], { encoding: 'utf8' })).toContain(
      '-rw-r----- 0/0',
    );
    expect(execFileSync('unsquashfs', ['-cat', squashfs, 'etc/motd-own'], { encoding: 'utf8' })).toContain(
      '$(touch',
    );
  });
});

describe('reproducible', () => {
  it.each(['opkg', 'apk'] as const)(
    '%s: another folder, user, umask, time zone, locale, date and hand give the same bytes',
    async (flavour) => {
      const root = process.getuid?.() === 0;
      const one = await build([
        '--imagebuilder',
        flavour === 'opkg' ? opkg : apk,
        '-o',
        join(dir, `out-${flavour}`),
      ]);
      const other = join(dir, `other-${flavour}`);
      const home = join(other, 'home');
      mkdirSync(home, { recursive: true });
      const main = installCopy(join(other, 'installed'));
      makeSampleTree(flavour, join(other, 'deep/er/tree'));
      execFileSync('find', [other, '-exec', 'touch', '-h', '-d', '2001-02-03', '{}', '+']);
      if (root) execFileSync('chown', ['-R', 'nobody:nogroup', other]);
      execFileSync('chmod', ['755', dir]);
      const two = await build(['--imagebuilder', join(other, 'deep/er/tree'), '-o', join(other, 'out')], {
        cwd: home,
        main,
        env: {
          HOME: home,
          XDG_CACHE_HOME: join(home, 'cache'),
          XDG_STATE_HOME: join(home, 'state'),
          TZ: 'Pacific/Kiritimati',
          LC_ALL: 'ja_JP.UTF-8',
          SOURCE_DATE_EPOCH: '12345',
          MAKEFLAGS: '-j8 -B',
          PACKAGES: 'nano',
          FILES: '/etc',
          COLUMNS: '40',
        },
        under: [
          ...(root ? ['setpriv', '--reuid=nobody', '--regid=nogroup', '--clear-groups'] : []),
          ...['sh', '-c', 'umask 077; exec "$@"', 'sh'],
        ],
      });
      expect(two.planId).toBe(one.planId);
      expect(two.image.sha256).toBe(one.image.sha256);
      expect(readFileSync(two.image.path).equals(readFileSync(one.image.path))).toBe(true);
      expect(readFileSync(join(two.outputDir, 'plan.json'))).toEqual(
        readFileSync(join(one.outputDir, 'plan.json')),
      );
    },
  );
});

describe('two builds at once', () => {
  it('in one tree wait for each other, and both end well', async () => {
    const runs = ['left', 'right'].map((name) =>
      build(['--imagebuilder', apk, '-o', join(dir, name), '--set', `hostname=${name}`]),
    );
    const [left, right] = await Promise.all(runs);
    expect(left?.image.sha256).not.toBe(right?.image.sha256);
  });
});

describe('failures', () => {
  const damaged = join(dir, 'damaged');
  cpSync(apk, damaged, { recursive: true });
  rmSync(join(damaged, 'include'), { recursive: true });

  it.each([
    ['no ImageBuilder and no network', [...base, '--offline'], 6, 'FETCH_NOT_CACHED', ''],
    [
      'an ImageBuilder that is not there',
      [...base, '--imagebuilder', join(dir, 'nowhere')],
      3,
      '',
      'nowhere',
    ],
    ['a half-unpacked tree', [...base, '--imagebuilder', damaged], 3, '', ''],
    ['a file that is no tarball', [...base, '--imagebuilder', join(opkg, 'Makefile')], 3, '', ''],
    [
      'an unknown profile',
      [...base.slice(0, 2), '--profile', 'tplink_archer-c6-v3', '--imagebuilder', opkg],
      3,
      'PROFILE_UNKNOWN',
      'tplink_archer-c6-v2',
    ],
    [
      'another release',
      [...base, '--release', '23.05', '--imagebuilder', opkg],
      3,
      'PLAN_RELEASE_MISMATCH',
      '24.10.0-sample',
    ],
    [
      'an unknown package (opkg)',
      [...base, '--add', 'tcpdump-min', '--imagebuilder', opkg],
      undefined,
      '',
      'tcpdump-mini',
    ],
    [
      'an unknown package (apk)',
      [...base, '--add', 'tcpdump-min', '--imagebuilder', apk],
      undefined,
      '',
      'tcpdump-mini',
    ],
    [
      'an unsatisfied dependency (opkg)',
      [...base, '--add', 'sample-broken-dep', '--imagebuilder', opkg],
      5,
      '',
      'sample-broken-dep',
    ],
    [
      'an unsatisfied dependency (apk)',
      [...base, '--add', 'sample-broken-dep', '--imagebuilder', apk],
      5,
      '',
      'sample-broken-dep',
    ],
    [
      'a conflict (opkg)',
      [...base, '--add', 'sample-conflict-a', '--add', 'sample-conflict-b', '--imagebuilder', opkg],
      5,
      '',
      'sample-conflict',
    ],
    [
      'a conflict (apk)',
      [...base, '--add', 'sample-conflict-a', '--add', 'sample-conflict-b', '--imagebuilder', apk],
      5,
      '',
      'sample-conflict',
    ],
    [
      'a file clash (opkg)',
      [...base, '--add', 'sample-clash-a', '--add', 'sample-clash-b', '--imagebuilder', opkg],
      5,
      '',
      'sample-clash',
    ],
    [
      'an image too big for its flash',
      [...base, '--add', 'sample-too-much', '--imagebuilder', apk],
      4,
      '',
      '',
    ],
    [
      'an image too big for check-size',
      [...base.slice(0, 2), '--profile', 'sample_small-flash', '--imagebuilder', opkg],
      4,
      '',
      '',
    ],
  ])('%s', async (_name, args, exitCode, code, text) => {
    const out = join(dir, 'out-failed');
    const result = await runCli(['build', ...args, '-o', out, '--json'], { env });
    const error = JSON.parse(result.stdout);
    expect(error).toMatchObject({ ok: false, exitCode: result.exitCode });
    if (exitCode !== undefined) expect(result.exitCode).toBe(exitCode);
    expect([2, 3, 4, 5, 6]).toContain(result.exitCode);
    expect(error.code).toContain(code);
    expect(`${error.message} ${error.hint} ${error.lines.join(' ')}`).toContain(text);
    expect(error.hint).toBeTruthy();
    expect(leftovers(out)).toEqual([]);
    expect(existsSync(out) ? readdirSync(out) : []).toEqual([]);
    if (result.exitCode === 5) expect(existsSync(error.logPath)).toBe(true);
  });

  it('a tree on a path that make cannot take is refused, with the reason', async () => {
    const odd = join(dir, 'tree with a blank');
    cpSync(apk, odd, { recursive: true });
    const result = await runCli(
      ['build', ...base, '--imagebuilder', odd, '-o', join(dir, 'out-odd'), '--json'],
      { env },
    );
    expect(result.exitCode).toBe(3);
    expect(JSON.parse(result.stdout).hint).toMatch(/move|tarball|\.tar/);
  });
});

describe('secrets', () => {
  it('stand in the image, and nowhere else: not in plan, log, report, state, cache or the ImageBuilder', async () => {
    const project = join(dir, 'secrets');
    mkdirSync(project);
    writeFileSync(join(project, 'wifi.key'), 'wifi-secret-value\n');
    writeFileSync(
      join(project, 'mape-image.yaml'),
      'wifi: { networks: [{ ssid: home, key: { file: wifi.key }, encryption: psk2 }] }\nroot: { passwordHash: { env: HASH } }\n',
    );
    const hash = `$6$saltsalt$rootsecretvalue${'A'.repeat(71)}`;
    const tree = makeSampleTree('opkg', join(project, 'tree'));
    const document = await build(['--imagebuilder', tree, '-o', 'out', '-v'], {
      cwd: project,
      env: { HASH: hash },
    });
    const squashfs = join(dir, 'secrets.squashfs');
    const image = readFileSync(document.image.path);
    writeFileSync(squashfs, image.subarray(image.indexOf('hsqs')));
    const rooted = execFileSync('unsquashfs', ['-cat', squashfs, 'usr/share/mape-image/secret/wifi'], {
      encoding: 'utf8',
    });
    expect(rooted).toContain('wifi-secret-value');
    expect(statSync(document.image.path).mode & 0o777).toBe(0o600);
    rmSync(join(project, 'wifi.key'));
    for (const place of [join(project, 'out'), tree, join(dir, 'cache'), join(dir, 'state')]) {
      const found = execFileSync(
        'sh',
        ['-c', 'grep -rlaE "wifi-secret-value|rootsecretvalue" "$1" || true', 'sh', place],
        { encoding: 'utf8' },
      );
      expect(found).toBe('');
    }
    expect(existsSync(join(tree, 'build_dir/target-mips_24kc_musl/linux-ath79_generic/root.squashfs'))).toBe(
      false,
    );
    // what the build left out the next one makes again
    await build(['--imagebuilder', tree, '-o', 'out', '--set', 'hostname=next'], {
      cwd: project,
      env: { HASH: hash, MAPE_IMAGE_SET: 'wifi.networks=[]' },
    });
  });
});
