import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../src/bytes/canonical-json.ts';
import { computeSha256 } from '../../src/bytes/sha256.ts';
import { textWidth } from '../../src/cli/output/style.ts';
import { lacksTools } from '../io/tools.ts';
import { makeTempDir, runCli } from '../support/cli.ts';
import { makeSampleTree } from '../support/sample.ts';

const dir = makeTempDir();
const base = ['--prefix', '2400:4151:8000:1200::/64', '--profile', 'tplink_archer-c6-v2'];
let counter = 0;

function makeProject(yaml: string, files: Record<string, string> = {}): string {
  counter += 1;
  const project = join(dir, `project-${counter}`);
  mkdirSync(project);
  writeFileSync(join(project, 'mape-image.yaml'), yaml);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(project, name), text);
  return project;
}

function treeOf(root: string): Record<string, string> {
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).sort();
  return Object.fromEntries(
    paths.map((path) => {
      const stat = statSync(join(root, path));
      const mode = (stat.mode & 0o7777).toString(8);
      return [path, stat.isDirectory() ? mode : `${mode} ${computeSha256(readFileSync(join(root, path)))}`];
    }),
  );
}

describe('plan', () => {
  it('its id is the sha256 of the canonical JSON of all else', async () => {
    const { exitCode, stdout } = await runCli(['plan', ...base, '--json']);
    const { id, explain: _explain, warnings: _warnings, estimate: _estimate, ...body } = JSON.parse(stdout);
    expect(exitCode).toBe(0);
    expect(id).toBe(computeSha256(canonicalJson(body)));
  });

  it('the same settings give the same plan wherever, whenever, in whatever language', async () => {
    const runs = await Promise.all([
      runCli(['plan', ...base, '--json'], { cwd: dir }),
      runCli(['plan', ...base, '--json'], {
        env: { TZ: 'Asia/Tokyo', LC_ALL: 'ja_JP.UTF-8', SOURCE_DATE_EPOCH: '1' },
      }),
      runCli(['plan', ...base, '--json'], { under: ['sh', '-c', 'umask 077; exec "$@"', 'sh'] }),
    ]);
    expect(new Set(runs.map(({ stdout }) => JSON.parse(stdout).id)).size).toBe(1);
  });

  it('a value takes precedence by flag, environment, project file, user file, default', async () => {
    const project = makeProject('hostname: from-project\ntimezone: Asia/Tokyo\nline: pd\nservice: ocn\n');
    const config = join(project, 'xdg/mape-image');
    mkdirSync(config, { recursive: true });
    writeFileSync(join(config, 'config.yaml'), 'hostname: from-user\nntp: [ntp.nict.jp]\n');
    const { stdout } = await runCli(['plan', ...base, '--line', 'ra', '--explain', '--json'], {
      cwd: project,
      env: { XDG_CONFIG_HOME: join(project, 'xdg'), MAPE_IMAGE_LINE: 'auto', MAPE_IMAGE_SERVICE: 'auto' },
    });
    const explained = new Map<string, [unknown, string]>(
      JSON.parse(stdout).explain.map((row: { path: string; value: unknown; origin: { label: string } }) => [
        row.path,
        [row.value, row.origin.label],
      ]),
    );
    expect(explained.get('line')).toEqual(['ra', '--line']);
    expect(explained.get('service')).toEqual(['auto', 'MAPE_IMAGE_SERVICE']);
    expect(explained.get('hostname')).toEqual(['from-project', 'mape-image.yaml:1:11']);
    expect(explained.get('ntp')?.[1]).toContain('config.yaml:2:6');
    expect(explained.get('wan.dhcpv4')).toEqual([false, 'default']);
  });

  it('all mistakes of a file are shown at once, with their places', async () => {
    const project = makeProject('prefx: x\nhostname: "-bad-"\nrelease: 24.10\nreservedPorts: [70000]\n');
    const { exitCode, stderr, stdout } = await runCli(['plan', ...base], { cwd: project });
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    for (const place of ['1:1', '2:11', '3:10', '4:17'])
      expect(stderr).toContain(`mape-image.yaml:${place}: `);
    expect(stderr).toContain('CONFIG_INVALID');
  });

  it.each([
    ['no prefix', ['--profile', 'x'], 3, 'PLAN_PREFIX_MISSING'],
    ['no profile', base.slice(0, 2), 3, 'PLAN_PROFILE_MISSING'],
    [
      'a prefix that is not MAP-E',
      ['--prefix', '2409:10:1234:5600::/64', '--profile', 'x'],
      3,
      'PREFIX_NOT_MAP_E',
    ],
    ['the package map removed', [...base, '--remove', 'map'], 3, 'PLAN_MAP_REMOVED'],
    ['a release nobody supports', [...base, '--release', '19.07.1'], 3, 'RELEASE_UNSUPPORTED'],
    ['a package name with a version', [...base, '--add', 'luci=1.0'], 3, 'CONFIG_BAD_PACKAGE'],
    [
      'a secret on the command line',
      [...base, '--set', 'root.passwordHash=$6$x$y'],
      2,
      'CONFIG_SECRET_IN_FLAG',
    ],
    ['a config file that is not there', [...base, '-c', 'missing.yaml'], 3, 'FILE_MISSING'],
    ['a forward outside the port set', [...base, '--set', 'forwards=["tcp 80 -> 192.168.1.10:80"]'], 3, ''],
  ])('%s is refused', async (_name, args, exitCode, code) => {
    const text = await runCli(['plan', ...args]);
    expect(text.exitCode).toBe(exitCode);
    expect(text.stdout).toBe('');
    expect(text.stderr).toContain(code);
    const json = await runCli(['plan', ...args, '--json']);
    expect(json.exitCode).toBe(exitCode);
    expect(JSON.parse(json.stdout)).toMatchObject({ schema: 'mape-image/error@1', ok: false, exitCode });
  });

  it('holds no secret, however it was given, and fits 80 columns', async () => {
    const project = makeProject(
      [
        'wifi: { networks: [{ ssid: home, key: { file: wifi.key }, encryption: psk2 }] }',
        'root: { passwordHash: { env: ROOT_HASH } }',
        'uci: { ddns: { home: { .type: service, password: own-secret-value } } }',
      ].join('\n'),
      { 'wifi.key': 'wifi-secret-value\n' },
    );
    const env = { ROOT_HASH: `$6$saltsalt$rootsecretvalue${'A'.repeat(71)}` };
    for (const args of [['--json'], ['--explain'], ['--explain', '--lang', 'ja']]) {
      const { exitCode, stdout, stderr } = await runCli(['plan', ...base, ...args, '-v'], {
        cwd: project,
        env,
      });
      expect(exitCode).toBe(0);
      expect(stdout + stderr).not.toMatch(/wifi-secret-value|rootsecretvalue|own-secret-value/);
      if (args[0] !== '--json') expect(stdout.split('\n').filter((line) => textWidth(line) > 80)).toEqual([]);
    }
  });
});

describe.skipIf(lacksTools('make', 'flock'))('the estimate of a plan for an ImageBuilder', () => {
  it('counts a package whose file is there, which without one it cannot', async () => {
    const tree = makeSampleTree('opkg', join(dir, 'sample'));
    const sizeBytes = 100_000;
    writeFileSync(join(tree, 'packages', 'tcpdump-mini_99-r1_mips_24kc.ipk'), Buffer.alloc(sizeBytes));
    const estimateOf = async (args: readonly string[]) => {
      const { stdout } = await runCli(['plan', ...base, ...args, '--json']);
      return JSON.parse(stdout).estimate;
    };
    const without = await estimateOf(['--add', 'tcpdump-mini', '--add', 'mystery']);
    expect(without.uncounted).toEqual(['tcpdump-mini', 'mystery']);
    const given = ['--imagebuilder', tree, '--add', 'mystery'];
    const less = await estimateOf(given);
    const more = await estimateOf([...given, '--add', 'tcpdump-mini']);
    expect([less.uncounted, more.uncounted]).toEqual([['mystery'], ['mystery']]);
    // The overlay holds the id of its plan, which packs a little better or worse.
    expect(Math.abs(more.highBytes - less.highBytes - sizeBytes)).toBeLessThan(64);
    expect(Math.abs(more.lowBytes - less.lowBytes - 0.7 * sizeBytes)).toBeLessThan(64);
  });
});

describe('render', () => {
  it('writes the same tree to a folder, a tar file and standard output, modes exact whatever the umask', async () => {
    const [toDir, toTar, toStdout] = ['a', 'b.tar', 'c.tar'].map((name) => join(dir, name)) as [
      string,
      string,
      string,
    ];
    const under = ['sh', '-c', 'umask 077; exec "$@"', 'sh'];
    expect(await runCli(['render', ...base, '-o', toDir], { under })).toMatchObject({
      exitCode: 0,
      stdout: `${toDir}\n`,
    });
    expect((await runCli(['render', ...base, '-o', toTar])).exitCode).toBe(0);
    execFileSync(
      'sh',
      ['-c', 'node "$0" render "$@" -o - > "$OUT"', join(import.meta.dirname, '../../dist/main.js'), ...base],
      {
        env: { ...process.env, OUT: toStdout },
        stdio: 'ignore',
      },
    );
    expect(readFileSync(toTar)).toEqual(readFileSync(toStdout));
    const unpacked = join(dir, 'unpacked');
    mkdirSync(unpacked);
    execFileSync('tar', ['xpf', toTar, '-C', unpacked]);
    expect(treeOf(unpacked)).toEqual(treeOf(toDir));
    expect([toDir, toTar].map((path) => statSync(path).mode & 0o7777)).toEqual([0o755, 0o644]);
    const tree = treeOf(toDir);
    expect(Object.entries(tree).filter(([, row]) => !/^(755|644|700|600)( |$)/.test(row))).toEqual([]);
    expect(tree['lib/netifd/proto/map.sh']).toMatch(/^755 /);
  });

  it('writes a tar with a secret in it for its owner alone', async () => {
    const yaml = 'wifi: { networks: [{ ssid: home, key: { file: wifi.key }, encryption: psk2 }] }\n';
    const cwd = makeProject(yaml, { 'wifi.key': 'wifi-secret-value\n' });
    expect((await runCli(['render', ...base, '-o', 'secret.tar'], { cwd })).exitCode).toBe(0);
    expect(statSync(join(cwd, 'secret.tar')).mode & 0o7777).toBe(0o600);
  });

  it('matches the digests of the plan', async () => {
    const target = join(dir, 'digests');
    await runCli(['render', ...base, '-o', target]);
    const plan = JSON.parse((await runCli(['plan', ...base, '--json'])).stdout);
    const files: { path: string; type: string; sha256?: string }[] = plan.overlay.filter(
      ({ type }: { type: string }) => type === 'file',
    );
    for (const { path, sha256 } of files)
      expect(computeSha256(readFileSync(join(target, path)))).toBe(sha256);
    expect(readFileSync(join(target, 'usr/share/mape-image/plan-id'), 'utf8')).toBe(`${plan.id}\n`);
  });

  it('replaces nothing without --force, and with it only an overlay of its own', async () => {
    const target = join(dir, 'again');
    expect((await runCli(['render', ...base, '-o', target])).exitCode).toBe(0);
    expect(await runCli(['render', ...base, '-o', target])).toMatchObject({ exitCode: 3 });
    expect((await runCli(['render', ...base, '-o', target, '--force'])).exitCode).toBe(0);
    const foreign = join(dir, 'foreign');
    mkdirSync(foreign);
    writeFileSync(join(foreign, 'precious'), 'x');
    expect(await runCli(['render', ...base, '-o', foreign, '--force'])).toMatchObject({ exitCode: 3 });
    expect(readdirSync(foreign)).toEqual(['precious']);
  });

  it('leaves nothing behind where it cannot write', async () => {
    if (process.getuid?.() === 0)
      return expect((await runCli(['render', ...base, '-o', '/proc/none/x'])).exitCode).not.toBe(0);
    const closed = join(dir, 'closed');
    mkdirSync(closed);
    chmodSync(closed, 0o555);
    expect((await runCli(['render', ...base, '-o', join(closed, 'x')])).exitCode).toBe(6);
    expect(readdirSync(closed)).toEqual([]);
  });
});
