import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { lacksTools } from '../io/tools.ts';
import { makeTempDir } from '../support/cli.ts';

const root = join(import.meta.dirname, '../..');
const step = z.object({
  id: z.string().optional(),
  if: z.string().optional(),
  name: z.string().optional(),
  uses: z.string().optional(),
  with: z.record(z.string(), z.unknown()).default({}),
  shell: z.string().optional(),
  env: z.record(z.string(), z.string()).default({}),
  run: z.string().optional(),
});
const actionSchema = z.object({
  inputs: z.record(z.string(), z.object({ default: z.string(), description: z.string() })),
  outputs: z.record(z.string(), z.object({ value: z.string(), description: z.string() })),
  runs: z.object({ using: z.literal('composite'), steps: z.array(step) }),
});
const workflowSchema = z.object({
  permissions: z.record(z.string(), z.string()),
  jobs: z.record(z.string(), z.object({ steps: z.array(step) })),
});

const readYaml = (path: string): unknown => parse(readFileSync(join(root, path), 'utf8'));
const action = actionSchema.parse(readYaml('action.yml'));
const workflows = ['.github/workflows/ci.yml', 'samples/workflow/image.yml'].map((path) => ({
  path,
  ...workflowSchema.parse(readYaml(path)),
}));
const allSteps = [
  ...action.runs.steps,
  ...workflows.flatMap(({ jobs }) => Object.values(jobs).flatMap(({ steps }) => steps)),
];
const scripts = allSteps.flatMap(({ run }) => (run === undefined ? [] : [run]));

describe('action.yml and the workflows', () => {
  it('every action of others is pinned to a commit', () => {
    const used = allSteps.flatMap(({ uses }) => (uses === undefined ? [] : [uses]));
    expect(used.length).toBeGreaterThan(4);
    const own = used.filter((uses) => uses.startsWith('mape-image/'));
    expect(own).toHaveLength(1);
    expect(used.filter((uses) => !own.includes(uses) && !/@[0-9a-f]{40}$/.test(uses))).toEqual([]);
  });

  it('no expression stands in a script: values come by the environment', () => {
    expect(scripts.filter((script) => script.includes('${{'))).toEqual([]);
  });

  it('every input that is named exists, and every one that exists is named', () => {
    const text = JSON.stringify(action.runs);
    const named = new Set([...text.matchAll(/inputs\.([a-z-]+)/g)].map(([, name]) => name ?? ''));
    expect([...named].sort()).toEqual(Object.keys(action.inputs).sort());
  });

  it('every output is one the build step writes', () => {
    const writer = readFileSync(join(root, 'scripts/action-result.mjs'), 'utf8');
    for (const [, { value }] of Object.entries(action.outputs)) {
      const [, name = ''] = /^\$\{\{ steps\.build\.outputs\.([a-z0-9]+) \}\}$/.exec(value) ?? [];
      expect(writer).toContain(`    ${name}: document.`);
    }
  });

  it('a workflow may read and nothing else', () => {
    for (const { permissions } of workflows) expect(permissions).toEqual({ contents: 'read' });
  });

  it.skipIf(lacksTools('shellcheck'))('shellcheck finds nothing in the scripts', () => {
    for (const script of scripts) {
      const found = spawnSync('shellcheck', ['--shell=bash', '-'], { input: script, encoding: 'utf8' });
      expect(found.stdout).toBe('');
    }
  });
});

/** What a runner puts in place of an expression; one it does not know is an error of the test. */
function fillIn(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\{\{ ([^}]+) \}\}/g, (_, expression: string) => {
    const value = values[expression];
    if (value === undefined) throw new Error(`no value for ${expression}`);
    return value;
  });
}

describe.skipIf(lacksTools('bash', 'make', 'mksquashfs', 'zstd', 'flock'))('the build step', () => {
  const dir = makeTempDir();
  const workspace = join(dir, 'workspace');
  mkdirSync(workspace);
  const tree = join(dir, 'imagebuilder');
  const setup = join(root, 'samples/imagebuilder/setup.mjs');
  const assembled = spawnSync(process.execPath, [setup, '--flavour', 'opkg', tree]);
  const settings = `prefix: 2400:4151:8000:1200::/64\nprofile: sample_big-flash\n`;
  writeFileSync(join(workspace, 'mape-image.yaml'), settings);

  const runBuild = (inputs: Readonly<Record<string, string>>, name: string) => {
    const build = action.runs.steps.find(({ id }) => id === 'build');
    const values = {
      'github.action_path': root,
      'runner.temp': join(dir, name),
      ...Object.fromEntries(
        Object.entries(action.inputs).map(([id, input]) => [`inputs.${id}`, inputs[id] ?? input.default]),
      ),
    };
    mkdirSync(join(dir, name), { recursive: true });
    const outputs = join(dir, name, 'outputs');
    writeFileSync(outputs, '');
    const env = Object.entries(build?.env ?? {}).map(([id, text]) => [id, fillIn(text, values)]);
    const { status, stdout, stderr } = spawnSync('bash', ['-eo', 'pipefail', '-c', build?.run ?? 'false'], {
      cwd: workspace,
      encoding: 'utf8',
      env: {
        PATH: process.env.PATH ?? '',
        HOME: dir,
        MAPE_IMAGE_IMAGEBUILDER: tree,
        RUNNER_TEMP: join(dir, name),
        GITHUB_OUTPUT: outputs,
        ...Object.fromEntries(env),
      },
    });
    const lines = readFileSync(outputs, 'utf8').split('\n').filter(Boolean);
    return { status, stdout, stderr, outputs: Object.fromEntries(lines.map((line) => line.split('='))) };
  };

  it('builds and says where everything is', () => {
    expect(assembled.status).toBe(0);
    const { status, stderr, outputs } = runBuild({ lock: '' }, 'plain');
    expect(stderr).not.toContain('Error');
    expect(status).toBe(0);
    expect(existsSync(join(workspace, outputs.image)) || existsSync(outputs.image)).toBe(true);
    expect(outputs.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(readdirSync(outputs.directory)).toContain('sha256sums');
  });

  it('under a lock builds what the lock says, and nothing else', () => {
    const cli = (args: readonly string[]) =>
      spawnSync(process.execPath, [join(root, 'dist/main.js'), ...args], {
        cwd: workspace,
        encoding: 'utf8',
        env: { PATH: process.env.PATH ?? '', HOME: dir, MAPE_IMAGE_IMAGEBUILDER: tree },
      });
    expect(cli(['lock']).status).toBe(0);
    const locked = runBuild({}, 'locked');
    expect({ status: locked.status, stdout: locked.stdout }).toEqual({ status: 0, stdout: '' });
    const lock = join(workspace, 'mape-image.lock.json');
    const text = readFileSync(lock, 'utf8');
    writeFileSync(lock, text.replace(/("name": ?"map","version": ?")[^"]+/, '$11'));
    const { status, stdout } = runBuild({}, 'other');
    expect(status).toBe(4);
    expect(stdout).toContain('::error title=LOCK_DIFFERS::');
  });

  it('masks the prefix and gives it by the environment alone', () => {
    const prefix = '2400:4151:8000:5600::/64';
    const { status, stdout } = runBuild({ lock: '', prefix }, 'masked');
    expect(status).toBe(0);
    expect(stdout.split('\n').filter((line) => line.includes(prefix))).toEqual([`::add-mask::${prefix}`]);
  });

  it('ends with the exit code of the program and shows code and message', () => {
    const { status, stdout } = runBuild({ lock: '', prefix: '2400:4151::/24' }, 'failing');
    expect(status).toBe(3);
    expect(stdout).toContain('::error title=PREFIX_TOO_SHORT::');
  });
});
