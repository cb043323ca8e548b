import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { computeSha256 } from '../../src/bytes/sha256.ts';
import { type Mirror, makeTestKey, startMirror, tarballName, targetPath } from '../fetch/mirror.ts';
import { trustOnly } from '../fetch/trust.ts';
import { lacksTools } from '../io/tools.ts';
import { installCopy, makeTempDir, runCli } from '../support/cli.ts';
import { makeSampleTree } from '../support/sample.ts';

const dir = makeTempDir();
const key = makeTestKey();
let main: string;
let mirror: Mirror;

/** The sample as the archive of a release that has no `-sample` in its version. */
function makeArchive(version: string): Buffer {
  const tree = makeSampleTree('apk', join(dir, `tree-${version}`));
  const path = join(tree, 'include/version.mk');
  const sample = /^VERSION_NUMBER:=(.*)$/m.exec(readFileSync(path, 'utf8'))?.[1] ?? '';
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll(sample, version));
  for (const name of readdirSync(join(tree, 'packages'))) {
    const file = join(tree, 'packages', name);
    const content = gunzipSync(readFileSync(file)).toString('utf8');
    if (content.includes(sample)) writeFileSync(file, gzipSync(content.replaceAll(sample, version)));
  }
  const top = tarballName(version).replace(/\.tar\.zst$/, '');
  renameSync(tree, join(dir, top));
  execFileSync('tar', ['-I', 'zstd -q', '-C', dir, '-cf', join(dir, `${top}.tar.zst`), top]);
  return readFileSync(join(dir, `${top}.tar.zst`));
}

function addRelease(release: string): Buffer {
  const tarball = makeArchive(release);
  const profiles = [{ id: 'sample_big-flash', target: 'ath79/generic' }];
  mirror.addRelease({ release, target: 'ath79/generic', tarball, key, profiles });
  return tarball;
}

function run(args: readonly string[]) {
  const env = { XDG_CACHE_HOME: join(dir, 'cache'), XDG_STATE_HOME: join(dir, 'state') };
  return runCli([...args, '--json'], {
    main,
    env: { ...env, MAPE_IMAGE_MIRROR: mirror.url },
    cwd: join(dir, 'project'),
  });
}

describe.skipIf(lacksTools('make', 'mksquashfs', 'zstd', 'flock'))(
  'a lock of an ImageBuilder that was fetched',
  () => {
    let archive: Buffer;
    beforeAll(async () => {
      main = installCopy(join(dir, 'installed'));
      trustOnly(join(dir, 'installed'), key);
      mirror = await startMirror();
      archive = addRelease('25.12.0');
      mkdirSync(join(dir, 'project'));
      writeFileSync(
        join(dir, 'project/mape-image.yaml'),
        "prefix: 2400:4151:8000:1200::/64\nprofile: sample_big-flash\nrelease: '25.12'\n",
      );
    });
    afterAll(() => mirror.close());

    it('names release, archive and the key that signed for it', async () => {
      const { exitCode, stdout } = await run(['lock']);
      expect({ exitCode, stdout: exitCode === 0 ? '' : stdout }).toEqual({ exitCode: 0, stdout: '' });
      expect(JSON.parse(stdout).lock).toMatchObject({
        release: '25.12.0',
        imagebuilder: {
          kind: 'archive',
          name: tarballName('25.12.0'),
          sha256: computeSha256(archive),
          keyId: Buffer.from(key.base64, 'base64').subarray(2, 10).toString('hex'),
        },
      });
    });

    it('brings its own release where there is a newer one, and the record repeats it without a network', async () => {
      addRelease('25.12.1');
      const built = await run(['build', '--locked', '-o', 'out']);
      expect({ exitCode: built.exitCode, stdout: built.exitCode === 0 ? '' : built.stdout }).toEqual({
        exitCode: 0,
        stdout: '',
      });
      const { outputDir, image } = JSON.parse(built.stdout);
      expect(outputDir).toContain('sample_big-flash-25.12.0-');
      expect(mirror.asked).not.toContain(`${targetPath('25.12.1')}/${tarballName('25.12.1')}`);
      mirror.asked.length = 0;
      const repeated = await run(['reproduce', outputDir, '--offline']);
      expect(JSON.parse(repeated.stdout)).toMatchObject({
        equal: true,
        sha256: image.sha256,
        signatureLeftOut: false,
      });
      expect(mirror.asked).toEqual([]);
    });
  },
);
