import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { lacksTools } from '../io/tools.ts';
import { makeTempDir, runCli } from '../support/cli.ts';
import { makeSampleTree } from '../support/sample.ts';
import { repack } from './repack.ts';

const dir = makeTempDir();
const env = { XDG_CACHE_HOME: join(dir, 'cache'), XDG_STATE_HOME: join(dir, 'state'), WIFI: 'open sesame 1' };
const CONFIG = `
prefix: 240b:12:3456:7800::/64
profile: tplink_archer-c6-v2
wifi:
  networks: [{ ssid: home, key: { env: WIFI } }]
`;

interface Build {
  readonly folder: string;
  readonly image: string;
}

let opkg: Build;
let apk: Build;

async function build(tree: string, out: string, more: readonly string[] = []): Promise<Build> {
  const args = ['build', '-c', join(dir, 'home.yaml'), '--imagebuilder', tree, '-o', join(dir, out), ...more];
  const { exitCode, stdout, stderr } = await runCli([...args, '--json'], { env, cwd: dir });
  if (exitCode !== 0) throw new Error(`${exitCode}: ${stdout}${stderr}`);
  const { image, outputDir } = JSON.parse(stdout);
  return { folder: outputDir, image: image.path };
}

const run = (args: readonly string[], input?: string) =>
  runCli(args, { env, cwd: dir, ...(input === undefined ? {} : { input }) });

const isReady = !lacksTools('make', 'mksquashfs', 'unsquashfs', 'zstd', 'flock');

beforeAll(async () => {
  if (!isReady) return;
  writeFileSync(join(dir, 'home.yaml'), CONFIG);
  opkg = await build(makeSampleTree('opkg', join(dir, 'opkg')), 'out-opkg');
  apk = await build(makeSampleTree('apk', join(dir, 'apk')), 'out-apk');
}, 180_000);

describe.skipIf(!isReady)('inspect', () => {
  it.each([
    ['opkg', () => opkg, '24.10.0-sample'],
    ['apk', () => apk, '25.12.0-sample'],
  ] as const)('says what is in an image of %s', async (manager, of, version) => {
    const { exitCode, stdout } = await run(['inspect', of().folder, '--json']);
    expect(exitCode).toBe(0);
    const found = JSON.parse(stdout);
    const manifest = readdirSync(of().folder).find((name) => name.endsWith('.manifest')) ?? '';
    const lines = readFileSync(join(of().folder, manifest), 'utf8').trim().split('\n');
    expect(found).toMatchObject({
      schema: 'mape-image/inspect@1',
      ok: true,
      kind: 'safeloader-sysupgrade',
      metadata: { board: 'tplink_archer-c6-v2', supportedDevices: ['sample,not-a-router'] },
      device: { id: 'tplink_archer-c6-v2' },
      fit: { state: 'recommended' },
      contents: {
        release: { version, target: 'ath79/generic' },
        packages: { manager },
        own: { planId: JSON.parse(readFileSync(join(of().folder, 'plan.json'), 'utf8')).id },
      },
    });
    const packages = found.contents.packages.packages.map(
      ({ name, version: of_ }: { name: string; version: string }) => `${name} - ${of_}`,
    );
    expect(packages).toEqual(lines);
    // Every byte of the file belongs to one part.
    let end = 0;
    for (const { offset, sizeBytes } of found.parts) {
      expect(offset).toBe(end);
      end = offset + sizeBytes;
    }
    expect(end).toBe(found.sizeBytes);
  });

  it('decodes the MAP-E settings that were baked, as the plan has them', async () => {
    const { stdout } = await run(['inspect', opkg.image, '--json']);
    const { mape } = JSON.parse(readFileSync(join(opkg.folder, 'plan.json'), 'utf8'));
    const [found] = JSON.parse(stdout).contents.mape;
    expect(found).toMatchObject({
      interfaceName: 'wan6mape',
      implied: { kind: 'rule', service: 'v6plus', differences: [] },
      options: { maptype: 'map-e', peeraddr: mape.br, tunlink: 'wan6', legacymap: '1', encaplimit: 'ignore' },
    });
  });

  it('lists the files that unsquashfs lists, and gives their bytes', async () => {
    const packed = join(dir, 'root.squashfs');
    const { parts } = JSON.parse((await run(['inspect', opkg.image, '--json'])).stdout);
    const part = parts.find(({ kind }: { kind: string }) => kind === 'rootfs');
    writeFileSync(packed, readFileSync(opkg.image).subarray(part.offset, part.offset + part.sizeBytes));
    const listed =
      execFileSync('unsquashfs', ['-lln', packed], { encoding: 'utf8' }).match(/squashfs-root.*/g) ?? [];
    const { stdout } = await run(['inspect', opkg.image, '--files']);
    const shown = stdout
      .trim()
      .split('\n')
      .map((line) => line.replace(/^\S+ \S+ \S+ +\S+ /, ''));
    expect(shown.sort()).toEqual(listed.map((path) => path.replace('squashfs-root', '') || '/').sort());
    const path = '/lib/netifd/proto/map.sh';
    const wanted = execFileSync('unsquashfs', ['-cat', packed, path.slice(1)], { encoding: 'utf8' });
    expect((await run(['inspect', opkg.image, '--cat', path])).stdout).toBe(wanted);
  });

  it('takes the root file system out, to a folder and to a tar', async () => {
    const [folder, tar] = [join(dir, 'taken'), join(dir, 'taken.tar')];
    expect((await run(['inspect', apk.image, '--extract', folder])).exitCode).toBe(0);
    expect((await run(['inspect', apk.image, '--extract', tar])).exitCode).toBe(0);
    // /etc/shadow is in it
    expect(statSync(tar).mode & 0o777).toBe(0o600);
    const listed = execFileSync('tar', ['-tf', tar], { encoding: 'utf8' }).trim().split('\n');
    const found = execFileSync('find', ['.', '-mindepth', '1'], { cwd: folder, encoding: 'utf8' });
    expect(listed.map((path) => path.replace(/\/$/, '')).sort()).toEqual(found.trim().split('\n').sort());
    const again = await run(['inspect', apk.image, '--extract', folder, '--json']);
    expect(again.exitCode).toBe(2);
    expect((await run(['inspect', apk.image, '--extract', folder])).exitCode).toBe(3);
  });

  it('fits 80 columns in both languages, and shows no secret', async () => {
    for (const lang of ['en', 'ja']) {
      const { stdout } = await run(['inspect', opkg.folder, '--lang', lang]);
      expect(stdout).toContain('wan6mape');
      expect(stdout).toContain(lang === 'ja' ? '書き込み領域' : 'Writable space');
      expect(stdout).not.toContain(env.WIFI);
    }
    const { stdout } = await run(['inspect', opkg.folder, '--json']);
    expect(stdout).not.toContain(env.WIFI);
    expect(JSON.parse(stdout).contents.secrets).toContainEqual(expect.objectContaining({ kind: 'wifi-key' }));
  });

  it('draws the flash as SVG', async () => {
    const svg = join(dir, 'flash.svg');
    expect((await run(['inspect', opkg.image, '--svg', svg])).exitCode).toBe(0);
    expect(readFileSync(svg, 'utf8')).toMatch(/^<svg [\s\S]*<title[\s\S]*<\/svg>\s*$/);
  });

  it.each([
    ['nothing there', () => ['inspect', join(dir, 'nowhere')], 3, 'INSPECT_NO_FILE'],
    ['a folder without an image', () => ['inspect', dir], 3, 'INSPECT_NO_FILE'],
    ['no image', () => ['inspect', join(dir, 'home.yaml')], 3, 'IMAGE_UNKNOWN'],
    [
      'a file that is not in it',
      () => ['inspect', opkg.image, '--cat', '/etc/nothing'],
      3,
      'ROOTFS_NO_SUCH_FILE',
    ],
    ['two kinds of output', () => ['inspect', opkg.image, '--files', '--packages'], 2, 'USAGE_COMBINATION'],
    [
      'a plan and an image',
      () => ['diff', opkg.image, join(opkg.folder, 'plan.json')],
      3,
      'DIFF_KINDS_DIFFER',
    ],
    ['other JSON', () => ['diff', opkg.image, join(opkg.folder, 'build.json')], 3, 'DIFF_UNKNOWN'],
    ['no plan', () => ['verify', join(dir, 'lonely.bin')], 3, 'VERIFY_NO_PLAN'],
  ])('%s: a coded error', async (_name, args, exitCode, code) => {
    writeFileSync(join(dir, 'lonely.bin'), readFileSync(opkg.image));
    const result = await run(args());
    expect(result.exitCode).toBe(exitCode);
    expect(result.stderr).toContain(code);
    expect(result.stdout).toBe('');
  });

  it('reads an image from standard input', async () => {
    // the harness gives text: bytes go by a shell
    const cli = join(import.meta.dirname, '../../dist/main.js');
    const command = `"${process.execPath}" "${cli}" inspect - --packages < "${opkg.image}"`;
    const stdout = execFileSync('sh', ['-c', command], { encoding: 'utf8' });
    expect(stdout).toMatch(/^base-files - /m);
  });
});

describe.skipIf(!isReady)('verify', () => {
  const verify = async (image: Uint8Array, plan = join(opkg.folder, 'plan.json')) => {
    const folder = join(dir, 'verified');
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    writeFileSync(join(folder, basename(opkg.image)), image);
    const { exitCode, stdout, stderr } = await run(['verify', folder, '--plan', plan, '--json']);
    const document = JSON.parse(stdout);
    return {
      exitCode,
      stderr,
      code: document.code,
      codes: (document.findings ?? []).map(({ code }: { code: string }) => code),
      errors: (document.findings ?? [])
        .filter(({ severity }: { severity: string }) => severity === 'error')
        .map(({ code }: { code: string }) => code),
    };
  };
  const changed = (root: (folder: string) => void) =>
    repack(readFileSync(opkg.image), join(dir, 'repack'), { root });

  it.each([
    ['opkg', () => opkg],
    ['apk', () => apk],
  ] as const)('finds what was built with %s to be what was planned', async (_name, of) => {
    const { exitCode, stdout, stderr } = await run(['verify', of().folder]);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(stdout).toContain(of().image);
  });

  it('packed again without a change it still is', async () => {
    expect(await verify(await changed(() => undefined))).toMatchObject({ exitCode: 0, errors: [] });
  });

  it.each<readonly [string, (folder: string) => void, string]>([
    [
      'a byte more in map.sh',
      (root) => appendFileSync(join(root, 'lib/netifd/proto/map.sh'), '#'),
      'VERIFY_FILE_DIFFERS',
    ],
    ['a file gone', (root) => rmSync(join(root, 'etc/uci-defaults/99-mape')), 'VERIFY_FILE_MISSING'],
    ['another mode', (root) => chmodSync(join(root, 'usr/sbin/mape-status'), 0o644), 'VERIFY_MODE_DIFFERS'],
    ['a closed folder', (root) => chmodSync(join(root, 'etc'), 0o700), 'VERIFY_CLOSED_DIRECTORY'],
    [
      'a file of ours too much',
      (root) => writeFileSync(join(root, 'usr/lib/mape-image/more.sh'), ''),
      'VERIFY_FILE_UNPLANNED',
    ],
    [
      'another plan’s id',
      (root) => writeFileSync(join(root, 'usr/share/mape-image/plan-id'), `${'0'.repeat(64)}\n`),
      'VERIFY_OTHER_PLAN',
    ],
    [
      'another Wi-Fi key',
      (root) => appendFileSync(join(root, 'usr/share/mape-image/secret/wifi'), 'x'),
      'VERIFY_SECRET_DIFFERS',
    ],
    [
      'a package taken out',
      (root) => {
        const status = join(root, 'usr/lib/opkg/status');
        const text = readFileSync(status, 'utf8')
          .split('\n\n')
          .filter((part) => !/^Package: map$/m.test(part));
        writeFileSync(status, text.join('\n\n'));
      },
      'IMAGE_PACKAGE_MISSING',
    ],
    [
      'the tunnel’s module and its package taken out',
      (root) => {
        execFileSync('sh', ['-c', 'rm -f lib/modules/*/ip6_tunnel.ko'], { cwd: root });
        const status = join(root, 'usr/lib/opkg/status');
        const parts = readFileSync(status, 'utf8').split('\n\n');
        writeFileSync(status, parts.filter((part) => !/^Package: kmod-ip6-tunnel$/m.test(part)).join('\n\n'));
      },
      'VERIFY_MODULE_MISSING',
    ],
  ])('%s: do not flash', async (_name, change, code) => {
    const result = await verify(await changed(change));
    expect(result.exitCode).toBe(4);
    expect(result.code).toBe('VERIFY_FAILED');
    expect(result.errors).toContain(code);
  });

  it('names all that is wrong at once, the verdict last', async () => {
    const image = await changed((root) => {
      appendFileSync(join(root, 'lib/netifd/proto/map.sh'), '#');
      rmSync(join(root, 'usr/sbin/mape-status'));
    });
    writeFileSync(join(dir, 'bad.bin'), image);
    const { exitCode, stderr } = await run([
      'verify',
      join(dir, 'bad.bin'),
      '--plan',
      join(opkg.folder, 'plan.json'),
    ]);
    expect(exitCode).toBe(4);
    const at = ['VERIFY_FILE_DIFFERS', 'VERIFY_FILE_MISSING', 'VERIFY_FAILED'].map((code) =>
      stderr.indexOf(code),
    );
    expect(at.every((place) => place >= 0)).toBe(true);
    expect(at[2]).toBeGreaterThan(Math.max(at[0] ?? 0, at[1] ?? 0));
  });

  it('an image for another board: do not flash', async () => {
    const image = await repack(readFileSync(opkg.image), join(dir, 'repack'), {
      boards: ['tplink,archer-c7-v2'],
    });
    expect(await verify(image)).toMatchObject({ exitCode: 4, errors: ['IMAGE_OTHER_BOARD'] });
  });

  it('one flipped bit of the kernel: do not flash', async () => {
    const image = Buffer.from(readFileSync(opkg.image));
    image.writeUInt8(image.readUInt8(1000) ^ 1, 1000);
    expect((await verify(image)).exitCode).toBe(4);
  });

  it('an image cut short: a coded error', async () => {
    const image = readFileSync(opkg.image);
    for (const keep of [0, 63, 64, 100_000, image.length - 300_000]) {
      const { exitCode, code } = await verify(image.subarray(0, keep));
      expect([3, 4]).toContain(exitCode);
      expect(code).toMatch(/^(?:IMAGE|SQUASHFS|CODEC|VERIFY)_/);
    }
  });

  it('a plan that was changed by hand is refused', async () => {
    const plan = join(dir, 'forged.json');
    const text = readFileSync(join(opkg.folder, 'plan.json'), 'utf8');
    writeFileSync(plan, text.replace('"psid":', '"psid": 1,\n"was":'));
    expect((await verify(readFileSync(opkg.image), plan)).exitCode).not.toBe(0);
  });
});

describe.skipIf(!isReady)('diff', () => {
  it('tells two images apart: packages, files with their text, settings, sizes', async () => {
    const image = await repack(readFileSync(opkg.image), join(dir, 'repack'), {
      root: (root) => {
        appendFileSync(join(root, 'lib/netifd/proto/map.sh'), '# one line more\n');
        appendFileSync(join(root, 'usr/share/mape-image/secret/wifi'), 'other secret');
        writeFileSync(join(root, 'etc/banner.new'), 'hello\n');
        const status = join(root, 'usr/lib/opkg/status');
        const text = readFileSync(status, 'utf8');
        writeFileSync(status, text.replace(/(Package: map\nVersion: )(\S+)/, '$10.1'));
      },
    });
    writeFileSync(join(dir, 'other.bin'), image);
    const { exitCode, stdout } = await run(['diff', opkg.image, join(dir, 'other.bin')]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/< map\s+DOWNGRADED\s+\S+ -> 0\.1/);
    expect(stdout).toContain('+ /etc/banner.new');
    expect(stdout).toContain('+# one line more');
    expect(stdout).toContain('/usr/share/mape-image/secret/wifi');
    expect(stdout).not.toContain('other secret');
    expect(stdout).not.toContain(env.WIFI);
    const same = await run(['inspect', opkg.image, join(dir, 'other.bin')]);
    expect(same.stdout).toBe(stdout);
  });

  it('tells two plans apart', async () => {
    const [a, b] = [opkg, apk].map(({ folder }) => join(folder, 'plan.json'));
    const { exitCode, stdout } = await run(['diff', a ?? '', b ?? '', '--json']);
    expect(exitCode).toBe(0);
    const changes = JSON.parse(stdout).changes.map(({ path }: { path: string }) => path);
    expect(changes).toContain('imagebuilder.version');
    expect(changes).not.toContain('mape.psid');
  });

  it('tells two locks apart, a downgrade in red and in words', async () => {
    const lock = join(opkg.folder, 'lock.json');
    const later = join(dir, 'later.lock.json');
    writeFileSync(later, readFileSync(lock, 'utf8').replace(/("name": ?"map","version": ?")[^"]+/, '$11'));
    const { exitCode, stdout } = await run(['diff', lock, later, '--color', 'always']);
    expect(exitCode).toBe(0);
    const rows = stdout.trimEnd().split('\n');
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatch(/\u001b\[31m.*map\s+DOWNGRADED\s+\S+ -> 1/);
  });

  it('says so where nothing differs', async () => {
    expect((await run(['diff', opkg.image, opkg.image])).stdout).toMatch(/^no difference/);
  });
});
