import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { computeSha256 } from '../../src/bytes/sha256.ts';
import { lacksTools } from '../io/tools.ts';
import { installCopy, makeTempDir, runCli } from '../support/cli.ts';
import { makeSampleTarball } from '../support/sample.ts';
import { type Mirror, makeTestKey, startMirror, tarballName, targetPath } from './mirror.ts';
import { trustOnly } from './trust.ts';

const PREFIX_AND_PROFILE = ['--prefix', '2400:4151:8000:1200::/64', '--profile', 'sample_big-flash'];
const TARBALL = `${targetPath('25.12.0')}/${tarballName('25.12.0')}`;
const dir = makeTempDir();
const key = makeTestKey();
let main: string;
let mirror: Mirror;

beforeAll(async () => {
  main = installCopy(join(dir, 'installed'));
  trustOnly(join(dir, 'installed'), key);
  mirror = await startMirror();
  const profiles = [{ id: 'sample_big-flash', target: 'ath79/generic' }];
  const tarball = readFileSync(makeSampleTarball('apk', dir));
  mirror.addRelease({ release: '25.12.0', target: 'ath79/generic', tarball, key, profiles });
});
afterAll(() => mirror.close());

function build(args: readonly string[], cache: string) {
  const env = {
    XDG_CACHE_HOME: join(dir, cache),
    XDG_STATE_HOME: join(dir, 'state'),
    MAPE_IMAGE_MIRROR: mirror.url,
  };
  return runCli(['build', ...PREFIX_AND_PROFILE, '--json', ...args], { main, env, cwd: dir });
}

describe.skipIf(lacksTools('make', 'mksquashfs', 'zstd', 'flock'))('build without an ImageBuilder', () => {
  it('fetches and verifies the one for the profile; the same again offline is the same image', async () => {
    const online = await build(['-o', 'online'], 'cache');
    expect({ exitCode: online.exitCode, stderr: online.stderr }).toMatchObject({ exitCode: 0 });
    const first = JSON.parse(online.stdout);
    expect(computeSha256(readFileSync(first.image.path))).toBe(first.image.sha256);
    expect(mirror.asked).toContain(TARBALL);
    mirror.asked.length = 0;
    const offline = await build(['-o', 'offline', '--offline'], 'cache');
    expect(offline.exitCode).toBe(0);
    expect(JSON.parse(offline.stdout).image.sha256).toBe(first.image.sha256);
    expect(mirror.asked).toEqual([]);
  });

  it('offline with nothing fetched ends before anything is made', async () => {
    const { exitCode, stdout } = await build(['-o', 'none', '--offline'], 'empty');
    expect({ exitCode, code: JSON.parse(stdout).code }).toEqual({ exitCode: 6, code: 'FETCH_NOT_CACHED' });
    expect(existsSync(join(dir, 'none'))).toBe(false);
  });

  it('an archive that is not the signed one is never unpacked', async () => {
    const rest = mirror.files.get(TARBALL) ?? Buffer.alloc(0);
    mirror.files.set(TARBALL, Buffer.concat([rest, Buffer.from('more')]));
    const { exitCode, stdout } = await build(['-o', 'forged-out'], 'forged');
    mirror.files.set(TARBALL, rest);
    expect({ exitCode, code: JSON.parse(stdout).code }).toEqual({
      exitCode: 4,
      code: 'DOWNLOAD_DIGEST_MISMATCH',
    });
    const made = readdirSync(join(dir, 'forged'), { recursive: true, encoding: 'utf8' });
    expect(made.filter((path) => path.includes('Makefile'))).toEqual([]);
    expect(existsSync(join(dir, 'forged-out'))).toBe(false);
  });
});
