import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeTempDir, runCli } from '../support/cli.ts';
import { makeSampleTree } from '../support/sample.ts';

const dir = makeTempDir();
const env = { XDG_CACHE_HOME: join(dir, 'cache'), XDG_STATE_HOME: join(dir, 'state') };
const STORE = join(dir, 'cache/mape-image/packages');
const base = ['--prefix', '240b:12:3456:7800::/64', '--profile', 'tplink_archer-c6-v2', '--json'];

/**
 * The sample fetches nothing. Here `map` stands in a feed outside of the tree: a build copies it into `dl` where it is not
 * there yet, as opkg does, and installs it from there.
 */
const feed = join(dir, 'feed');
const pristine = makeSampleTree('opkg', join(dir, 'pristine'));
mkdirSync(feed);
for (const name of readdirSync(join(pristine, 'packages')).filter((file) => file.startsWith('map_')))
  renameSync(join(pristine, 'packages', name), join(feed, name));
const makefile = readFileSync(join(pristine, 'Makefile'), 'utf8');
writeFileSync(
  join(pristine, 'Makefile'),
  makefile.replace(
    'package_reload: FORCE\n',
    `package_reload: FORCE\n\t@cp -n ${feed}/*.ipk $(DL_DIR)/ 2>/dev/null || true\n\t@cp -n $(DL_DIR)/*.ipk $(PACKAGE_DIR)/ 2>/dev/null || true\n`,
  ),
);
const conf = join(pristine, 'repositories.conf');
writeFileSync(conf, `src/gz feed http://127.0.0.1:9/feed\n${readFileSync(conf, 'utf8')}`);

let count = 0;
/** A build in a tree that was never built in. */
async function build(cacheEnv = env) {
  count += 1;
  const tree = join(dir, `tree-${count}`);
  cpSync(pristine, tree, { recursive: true, verbatimSymlinks: true });
  const args = ['build', ...base, '--imagebuilder', tree, '-o', join(dir, `out-${count}`)];
  const { exitCode, stdout } = await runCli(args, { env: cacheEnv });
  return { exitCode, document: JSON.parse(stdout), tree };
}

describe('packages that were fetched', () => {
  it('serve the next tree where the feed is gone, and only as they were', async () => {
    const first = await build();
    expect(first.exitCode).toBe(0);
    expect(existsSync(STORE)).toBe(true);

    renameSync(feed, `${feed}.away`);
    const without = await build({ ...env, XDG_CACHE_HOME: join(dir, 'empty') });
    expect({ exitCode: without.exitCode, code: without.document.code }).toEqual({
      exitCode: 6,
      code: 'FEED_UNREACHABLE',
    });
    const offline = await build();
    expect(offline.document.image?.sha256).toBe(first.document.image.sha256);

    const objects = readdirSync(STORE).filter((name) => /^[0-9a-f]{2}$/.test(name));
    expect(objects.length).toBeGreaterThan(0);
    for (const folder of objects)
      for (const name of readdirSync(join(STORE, folder))) {
        rmSync(join(STORE, folder, name));
        writeFileSync(join(STORE, folder, name), 'other bytes');
      }
    const damaged = await build();
    expect(damaged.document.code).toBe('FEED_UNREACHABLE');
  });

  it('are fetched anew where nobody can read which they were', async () => {
    for (const name of readdirSync(join(STORE, 'sets')))
      writeFileSync(join(STORE, 'sets', name), '{"files":[{"name":"../../x"}]}');
    renameSync(`${feed}.away`, feed);
    expect((await build()).exitCode).toBe(0);
  });
});
