import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withFileLock } from '../../src/io/lock.ts';
import { type Compiled, compileSources } from './compiled.ts';
import { codeOf, createTempDir, createTestPorts, until } from './ports.ts';
import { lacksTools } from './tools.ts';

let compiled: Compiled;
beforeAll(() => {
  compiled = compileSources();
});
afterAll(() => compiled.remove());

function createLockFile(): { dir: string; path: string } {
  const dir = createTempDir();
  const path = join(dir, 'Makefile');
  writeFileSync(path, 'all:\n');
  return { dir, path };
}

/** Take the lock in a process of its own and hold it until that is killed. */
async function holdElsewhere(dir: string, path: string): Promise<ChildProcess> {
  const script = compiled.script(
    'hold.js',
    `import { writeFileSync } from 'node:fs';
     import { createNodePorts } from './io/node.js';
     import { withFileLock } from './io/lock.js';
     const [path, held] = process.argv.slice(2);
     const ports = createNodePorts({ reporter: {}, signal: new AbortController().signal, env: process.env, cwd: '/' });
     await withFileLock(ports, path, async () => { writeFileSync(held, ''); await new Promise((done) => setTimeout(done, 60_000)); });`,
  );
  const child = spawn(process.execPath, [script, path, join(dir, 'held')], { stdio: 'ignore' });
  await until(() => existsSync(join(dir, 'held')));
  return child;
}

describe.skipIf(lacksTools('flock'))('withFileLock', () => {
  it('lets one at a time in, in this process too, and every waiter in the end', async () => {
    const ports = createTestPorts();
    const { dir, path } = createLockFile();
    let inside = 0;
    let most = 0;
    const use = async () => {
      inside++;
      most = Math.max(most, inside);
      await ports.files.list(dir);
      inside--;
      return 'done';
    };
    expect(await Promise.all([1, 2, 3, 4].map(() => withFileLock(ports, path, use)))).toEqual(
      Array(4).fill('done'),
    );
    expect(most).toBe(1);
  });

  it('leaves no file and changes none', async () => {
    const { dir, path } = createLockFile();
    await withFileLock(createTestPorts(), path, async () => expect(readdirSync(dir)).toEqual(['Makefile']));
    expect(readdirSync(dir)).toEqual(['Makefile']);
    expect(readFileSync(path, 'utf8')).toBe('all:\n');
  });

  it('is a lock that flock itself knows, and gone when the work fails', async () => {
    const { path } = createLockFile();
    const isFree = () => spawnSync('flock', ['-n', path, 'true']).status === 0;
    const failing = withFileLock(createTestPorts(), path, async () => {
      expect(isFree()).toBe(false);
      throw new RangeError('of the work');
    });
    await expect(failing).rejects.toThrow(RangeError);
    expect(isFree()).toBe(true);
  });

  it('says that it waits, and two waiters both get in when the holder is killed', async () => {
    const ports = createTestPorts();
    const { dir, path } = createLockFile();
    const holder = await holdElsewhere(dir, path);
    let waiting = 0;
    const order: string[] = [];
    const wait = (name: string) =>
      withFileLock(ports, path, async () => void order.push(name), { onWait: () => void waiting++ });
    const waiters = [wait('a'), wait('b')];
    await until(() => waiting === 2);
    expect(order).toEqual([]);
    holder.kill('SIGKILL');
    await Promise.all(waiters);
    expect(order.sort()).toEqual(['a', 'b']);
  });

  it('ends its waiting on abort', async () => {
    const { dir, path } = createLockFile();
    const holder = await holdElsewhere(dir, path);
    const controller = new AbortController();
    const ports = createTestPorts({ signal: controller.signal });
    const waiting = withFileLock(ports, path, async () => undefined, { onWait: () => controller.abort() });
    expect(await codeOf(waiting)).toBe('INTERRUPTED');
    holder.kill('SIGKILL');
  });

  it('holds the lock through an abort until the work has ended', async () => {
    const { path } = createLockFile();
    const controller = new AbortController();
    const ports = createTestPorts({ signal: controller.signal });
    await withFileLock(ports, path, async () => {
      controller.abort();
      expect(spawnSync('flock', ['-n', path, 'true']).status).toBe(1);
    });
  });

  it.each([
    ['a file that is not there', (dir: string) => join(dir, 'no/file'), process.env.PATH, 'LOCK_FAILED'],
    ['a machine without flock', (dir: string) => dir, '/nonexistent', 'TOOL_MISSING'],
  ])('refuses %s', async (_, path, PATH, code) => {
    const ports = createTestPorts({ env: { PATH } });
    expect(await codeOf(withFileLock(ports, path(createTempDir()), async () => undefined))).toBe(code);
  });
});
