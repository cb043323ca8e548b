import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ashProblem, fileText, hasTool, overlayFolder, templates } from './support.ts';

const scripts = [...templates.keys()].filter(
  (path) => templates.get(path)?.type === 'file' && /\.sh$|\/99-mape$|\/init\.d\/|\/hotplug\.d\//.test(path),
);
const busybox = hasTool('busybox');
const shellcheck = hasTool('shellcheck', ['--version']);

describe('scripts of the router', () => {
  it.runIf(busybox).each(scripts)('%s is taken by ash', (path) => {
    expect(ashProblem(fileText(templates, path))).toBeUndefined();
  });

  it.runIf(shellcheck).each(scripts)('%s is taken by shellcheck', (path) => {
    // SC3043: `local`, which every ash has
    const run = spawnSync('shellcheck', ['-s', 'dash', '-e', 'SC3043', join(overlayFolder, path)], {
      encoding: 'utf8',
    });
    expect(run.stdout).toBe('');
  });

  it.each(scripts)('%s names programs that every image has', (path) => {
    expect(fileText(templates, path)).not.toMatch(/\b(?:base64|bash|python|perl|stat -|readlink -f|seq) /);
  });
});
