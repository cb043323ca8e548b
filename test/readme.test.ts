import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCodes, renderCodes } from '../scripts/list-codes.mjs';
import { makeTempDir, PROJECT_ROOT, runCli } from './support/cli.ts';

const readme = readFileSync(join(PROJECT_ROOT, 'README.md'), 'utf8');

const project = makeTempDir();

describe('README', () => {
  it('lists every error code (node scripts/list-codes.mjs --write)', () => {
    expect(renderCodes()).toContain('PREFIX_MALFORMED');
    expect(readCodes()).toBe(renderCodes());
  });

  it('shows a configuration that the program accepts as it stands', async () => {
    const yaml = /```yaml\n(# yaml-language-server[\s\S]*?)```/.exec(readme)?.[1] ?? '';
    const key = Buffer.concat([
      ...['\0\0\0\u000bssh-ed25519', '\0\0\0 '].map((text) => Buffer.from(text)),
      Buffer.alloc(32, 7),
    ]);
    mkdirSync(join(project, 'secrets'));
    writeFileSync(join(project, 'secrets/wifi'), 'a passphrase\n');
    writeFileSync(join(project, 'motd'), 'hello\n');
    writeFileSync(join(project, 'id_ed25519.pub'), `ssh-ed25519 ${key.toString('base64')} me\n`);
    writeFileSync(join(project, 'mape-image.yaml'), yaml);
    const { exitCode, stderr } = await runCli(['plan', '--json'], {
      cwd: project,
      env: { ROOT_HASH: `$6$saltsalt$${'A'.repeat(86)}` },
    });
    expect({ exitCode, stderr: stderr.split('\n').filter((line) => line.includes('error')) }).toEqual({
      exitCode: 0,
      stderr: [],
    });
  });

  it.each([
    'calc',
    'plan',
    'render',
    'build',
    'inspect',
    'verify',
    'diff',
    'services',
    'profiles',
    'fetch',
    'lock',
    'reproduce',
    'cache',
  ])('help of %s has examples that name the command', async (name) => {
    const { exitCode, stdout } = await runCli(['help', name]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(new RegExp(`Examples:\\n {2}mape-image ${name}`));
    expect(readme).toContain(`\`${name}`);
  });
});
