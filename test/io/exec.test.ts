import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IoError } from '../../src/io/errors.ts';
import { execEnv } from '../../src/io/exec-env.ts';
import { type Compiled, compileSources } from './compiled.ts';
import { codeOf, createTempDir, createTestPorts, isAlive, until } from './ports.ts';

const env = execEnv({ PATH: process.env.PATH });
const sh = (text: string, ...args: string[]) => ({ file: 'sh', args: ['-c', text, 'sh', ...args], env });

describe.each([false, true])('run, group %s', (group) => {
  const { exec } = createTestPorts();

  it('gives exit code and both streams', async () => {
    const result = await exec.run({ ...sh('echo out; echo err >&2; exit 3'), group });
    expect(result).toMatchObject({ exitCode: 3, stdout: 'out\n', stderr: 'err\n', fd8: '' });
  });

  it('passes arguments and input as they are', async () => {
    const words = ['a b', '$(id)', '`id`', '"', "'", '*', '-c', '', '日本'];
    const result = await exec.run({
      ...sh('printf "[%s]" "$@"; cat', ...words),
      input: Buffer.from('in'),
      group,
    });
    expect(result.stdout).toBe(`${words.map((word) => `[${word}]`).join('')}in`);
  });

  it('gives 128 + signal number for a program that a signal ended', async () => {
    expect((await exec.run({ ...sh('kill -KILL $$'), group })).exitCode).toBe(137);
  });

  it('knows no environment but the one given, and umask 022', async () => {
    const old = process.umask(0o077);
    try {
      const { stdout } = await exec.run({
        ...sh('umask; env'),
        env: { PATH: env.PATH ?? '', A: 'b' },
        group,
      });
      expect(stdout.split('\n')[0]).toBe('0022');
      expect(
        stdout
          .split('\n')
          .slice(1)
          .filter((line) => !/^(PWD|OLDPWD|SHLVL|_)=/.test(line))
          .sort(),
      ).toEqual(['', 'A=b', `PATH=${env.PATH}`]);
    } finally {
      process.umask(old);
    }
  });

  it('splits no character between two chunks', async () => {
    const texts: string[] = [];
    await exec.run({
      ...sh("printf '\\346\\227'; sleep 0.05; printf '\\245'"),
      group,
      onOutput: (_, text) => texts.push(text),
    });
    expect(texts.join('')).toBe('日');
  });

  it('names a program that is not there', async () => {
    expect(await codeOf(exec.run({ file: 'no-such-program', args: [], env, group }))).toBe('TOOL_MISSING');
  });

  it('names a folder that is not there', async () => {
    expect(await codeOf(exec.run({ ...sh('true'), cwd: '/nonexistent', group }))).toBe('FILE_MISSING');
  });

  it('ends a program after its time', async () => {
    const dir = createTempDir();
    const running = exec.run({ ...sh('echo $$ >"$1/pid"; exec sleep 60', dir), timeoutMs: 500, group });
    expect(await codeOf(running)).toBe('TOOL_TIMEOUT');
    expect(isAlive(readPid(dir, 'pid'))).toBe(false);
  });

  it('ends a program on abort, one that ignores SIGTERM too', async () => {
    const dir = createTempDir();
    const controller = new AbortController();
    const running = exec.run({
      ...sh('trap "" TERM; sleep 60 & echo $! >"$1/child"; echo $$ >"$1/pid"; wait', dir),
      signal: controller.signal,
      group,
    });
    await until(() => existsSync(join(dir, 'pid')) && readFileSync(join(dir, 'pid')).length > 0);
    controller.abort();
    expect(await codeOf(running)).toBe('INTERRUPTED');
    await until(() => !isAlive(readPid(dir, 'pid')) && !isAlive(readPid(dir, 'child')));
  });

  it('begins nothing after an abort, and gives the reason that was set', async () => {
    const reason = new IoError('DISK_FULL', { message: 'a reason of the caller' });
    expect(await codeOf(exec.run({ ...sh('true'), signal: AbortSignal.abort(reason), group }))).toBe(
      'DISK_FULL',
    );
  });
});

describe('run in a group', () => {
  const { exec } = createTestPorts();

  it('opens descriptor 8 where asked, and only there', async () => {
    const text = '{ echo eight >&8; } 2>/dev/null || echo closed';
    expect(await exec.run({ ...sh(text), group: true, fd8: true })).toMatchObject({
      fd8: 'eight\n',
      stdout: '',
    });
    expect(await exec.run({ ...sh(text), group: true })).toMatchObject({ fd8: '', stdout: 'closed\n' });
  });

  it('shows the program none of its own descriptors', async () => {
    const { stdout } = await exec.run({
      ...sh('for fd in 3 4 5 6 7; do [ -e /proc/$$/fd/$fd ] && echo $fd; done; true'),
      group: true,
    });
    expect(stdout).toBe('');
  });

  it('leaves no straggler when the program ends', async () => {
    const dir = createTempDir();
    const { exitCode } = await exec.run({
      ...sh(
        '(trap "" TERM HUP; sleep 60 & echo $! >"$1/pid"; wait) & until [ -s "$1/pid" ]; do :; done; exit 5',
        dir,
      ),
      group: true,
    });
    expect(exitCode).toBe(5);
    await until(() => !isAlive(readPid(dir, 'pid')));
  });

  it('waits no longer for a process that left the group and kept the output open', async () => {
    const dir = createTempDir();
    const { stdout } = await exec.run({
      ...sh(
        'setsid sh -c \'echo $$ >"$1/pid"; exec sleep 60\' sh "$1" & until [ -s "$1/pid" ]; do :; done; echo done',
        dir,
      ),
      group: true,
    });
    expect(stdout).toBe('done\n');
    process.kill(readPid(dir, 'pid'), 'SIGKILL');
  });
});

describe('start', () => {
  const { exec } = createTestPorts();

  it('hands over both ends of a running program', async () => {
    const program = await exec.start({ file: 'cat', args: [], env });
    program.stdin.end('through');
    const chunks: Buffer[] = [];
    for await (const chunk of program.stdout) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe('through');
    expect(await program.ended).toEqual({ exitCode: 0, stderr: '' });
  });

  it('ends it when told to', async () => {
    const program = await exec.start({ file: 'sleep', args: ['60'], env });
    program.kill();
    expect((await program.ended).exitCode).toBe(137);
  });
});

describe('has', () => {
  const { exec } = createTestPorts();
  it.each([
    ['sh', true],
    ['no-such-program', false],
    ['/bin/sh', true],
    ['/etc', false],
  ])('%s: %s', async (program, found) => expect(await exec.has(program)).toBe(found));
});

describe('the death of this process', () => {
  let compiled: Compiled;
  beforeAll(() => {
    compiled = compileSources();
  });
  afterAll(() => compiled.remove());

  it.each(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'by %s ends every process of its group runs',
    async (signal) => {
      const dir = createTempDir();
      const script = compiled.script(
        'run-group.js',
        `import { createExecPort } from './io/exec.js';
       const [dir] = process.argv.slice(2);
       const text = 'trap "" TERM; (trap "" TERM; sleep 60 & echo $! >"$1/grandchild"; wait) & echo $$ >"$1/child"; wait';
       await createExecPort(process.env, new AbortController().signal).run({
         file: 'sh', args: ['-c', text, 'sh', dir], env: { PATH: process.env.PATH }, group: true, fd8: true });`,
      );
      const parent = spawn(process.execPath, [script, dir], { stdio: 'ignore' });
      await until(() =>
        ['child', 'grandchild'].every(
          (name) => existsSync(join(dir, name)) && readFileSync(join(dir, name)).length > 0,
        ),
      );
      expect(isAlive(readPid(dir, 'grandchild'))).toBe(true);
      parent.kill(signal);
      await until(() => !isAlive(readPid(dir, 'child')) && !isAlive(readPid(dir, 'grandchild')));
    },
  );
});

function readPid(dir: string, name: string): number {
  return Number(readFileSync(join(dir, name), 'utf8'));
}
