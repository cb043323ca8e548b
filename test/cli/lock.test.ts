import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { computeSha256 } from '../../src/bytes/sha256.ts';
import { makeTempDir, runCli } from '../support/cli.ts';
import { makeSampleTarball, makeSampleTree } from '../support/sample.ts';
import { replacePackage } from './sample-package.ts';

const dir = makeTempDir();
const env = { XDG_CACHE_HOME: join(dir, 'cache'), XDG_STATE_HOME: join(dir, 'state') };
const project = join(dir, 'project');
mkdirSync(project);
writeFileSync(
  join(project, 'mape-image.yaml'),
  'prefix: 240b:12:3456:7800::/64\nprofile: tplink_archer-c6-v2\nhostname: house-of-yamada\n',
);
const LOCK = join(project, 'mape-image.lock.json');
const run = (args: readonly string[]) => runCli(args, { cwd: project, env });
const codesOf = (stdout: string): { code: string; findings: string[] } => {
  const { code, findings } = JSON.parse(stdout);
  return { code, findings: findings.map((one: { code: string }) => one.code) };
};

describe('lock and build --locked', () => {
  const tree = makeSampleTree('opkg', join(dir, 'opkg'));
  const given = ['--imagebuilder', tree];

  it('fails without a lock, or with one that is none', async () => {
    const missing = await run(['build', '--locked', ...given, '--json']);
    expect({ exitCode: missing.exitCode, ...codesOf(missing.stdout) }).toMatchObject({
      exitCode: 3,
      code: 'LOCK_MISSING',
    });
    writeFileSync(join(project, 'broken.json'), '{"schema":"mape-image/lock@1"}');
    const broken = await run(['build', '--locked', '--lock', 'broken.json', ...given, '--json']);
    expect({ exitCode: broken.exitCode, ...codesOf(broken.stdout) }).toMatchObject({
      exitCode: 3,
      code: 'LOCK_INVALID',
    });
  });

  it('writes the lock beside the configuration, with every package, and of nobody', async () => {
    const { exitCode, stdout } = await run(['lock', ...given]);
    expect(exitCode).toBe(0);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(LOCK);
    const text = readFileSync(LOCK, 'utf8');
    const lock = JSON.parse(text);
    expect(lock).toMatchObject({ release: '24.10.0-sample', versionCode: 'r0-5a3b1e2410' });
    const files = [
      join(tree, 'packages'),
      join(tree, 'build_dir/target-mips_24kc_musl/linux-ath79_generic'),
    ].flatMap((folder) => readdirSync(folder).map((name) => [name, join(folder, name)] as const));
    const paths = new Map(files);
    expect(lock.packages.length).toBeGreaterThan(100);
    for (const { file, sha256 } of lock.packages)
      expect([file, sha256]).toEqual([file, computeSha256(readFileSync(paths.get(file) ?? ''))]);
    expect(text).not.toMatch(/240b:12|yamada/);
  });

  it('a build under the lock lands, with an equal lock in its record', async () => {
    const { exitCode, stdout, stderr } = await run(['build', '--locked', ...given]);
    expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' });
    const folder = join(stdout.trimEnd().split('  ').at(-1) ?? '', '..');
    expect(readFileSync(join(folder, 'lock.json'), 'utf8')).toBe(readFileSync(LOCK, 'utf8'));
  });

  it.each([
    ['another package', ['--add', 'tcpdump'], ['LOCK_SETTING_OTHER']],
    [
      'two other settings',
      ['--set', 'timezone=UTC', '--remove', 'luci'],
      ['LOCK_SETTING_OTHER', 'LOCK_SETTING_OTHER'],
    ],
  ])(
    'refuses the lock of another configuration before anything is opened: %s',
    async (_name, args, findings) => {
      const { exitCode, stdout } = await run([
        'build',
        '--locked',
        ...args,
        '--imagebuilder',
        '/nowhere',
        '--json',
      ]);
      expect({ exitCode, ...codesOf(stdout) }).toEqual({ exitCode: 3, code: 'LOCK_OTHER_CONFIG', findings });
    },
  );

  it('a finished build is held against the lock, too', async () => {
    const other = join(project, 'other.lock.json');
    writeFileSync(other, readFileSync(LOCK, 'utf8').replace('"version":"7"', '"version":"6"'));
    const { exitCode, stdout } = await run(['build', '--locked', '--lock', other, ...given, '--json']);
    expect({ exitCode, ...codesOf(stdout) }).toEqual({
      exitCode: 4,
      code: 'LOCK_DIFFERS',
      findings: ['LOCK_PACKAGE_OTHER'],
    });
  });

  it('another ImageBuilder fails before make runs', async () => {
    const { exitCode, stdout, stderr } = await run([
      'build',
      '--locked',
      '--imagebuilder',
      makeSampleTarball('opkg', join(dir, 'tar')),
      '--json',
    ]);
    expect({ exitCode, ...codesOf(stdout) }).toEqual({
      exitCode: 4,
      code: 'LOCK_DIFFERS',
      findings: ['LOCK_INPUT_OTHER'],
    });
    expect(stderr).not.toContain('make image');
  });

  it('a feed that moved fails the build, and nothing lands', async () => {
    replacePackage(tree, 'map', '6');
    const out = join(dir, 'moved');
    const { exitCode, stdout } = await run(['build', '--locked', ...given, '-o', out, '--json']);
    expect({ exitCode, ...codesOf(stdout) }).toEqual({
      exitCode: 4,
      code: 'LOCK_DIFFERS',
      findings: ['LOCK_PACKAGE_OTHER'],
    });
    expect(existsSync(out) ? readdirSync(out) : []).toEqual([]);
  });

  it('a lock that is there is replaced on request alone; the difference is shown, downgrades in red and in words', async () => {
    const before = readFileSync(LOCK, 'utf8');
    const refused = await run(['lock', ...given, '--json']);
    expect({ exitCode: refused.exitCode, ...codesOf(refused.stdout) }).toEqual({
      exitCode: 3,
      code: 'LOCK_EXISTS',
      findings: ['LOCK_PACKAGE_OTHER'],
    });
    const dry = await run(['lock', '--update', '--dry-run', ...given]);
    expect(dry.stdout).toMatch(/^ {2}< map +DOWNGRADED +7 -> 6$/m);
    expect(readFileSync(LOCK, 'utf8')).toBe(before);
    const updated = await run(['lock', '--update', ...given, '--color', 'always']);
    expect(updated.exitCode).toBe(0);
    expect(updated.stdout).toMatch(/\u001b\[31m {2}< map +DOWNGRADED +7 -> 6\u001b\[39m/);
    expect(readFileSync(LOCK, 'utf8')).toContain('"name":"map","version":"6"');
    const again = await run(['lock', ...given, '--json']);
    expect(JSON.parse(again.stdout)).toMatchObject({ ok: true, written: false });
  });
});
