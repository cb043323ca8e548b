import { describe, expect, it } from 'vitest';
import { selectLogLines } from '../../src/builder/local/log-lines.ts';
import { readFixture } from '../support/fixtures.ts';

const stderrOf = (name: string) => readFixture(`builder/errors/${name}/stderr`);
const stdoutOf = (name: string) => readFixture(`builder/errors/${name}/stdout`);

describe('selectLogLines', () => {
  it('shows the cause of a missing package and one line of make', () => {
    const name = 'opkg-23.05.2/02-missing-package';
    expect(selectLogLines(stdoutOf(name), stderrOf(name))).toEqual([
      "Unknown package 'no-such-package'.",
      'Collected errors:',
      ' * opkg_install_cmd: Cannot install package no-such-package.',
      'make[2]: *** [Makefile:189: package_install] Error 255',
    ]);
  });

  it('finds the line about the size among those that follow from it', () => {
    const name = 'apk/06-too-big';
    const lines = selectLogLines(stdoutOf(name), stderrOf(name));
    expect(lines).toContain('file-system partition too big (more than 5506968 bytes): Success');
    expect(lines.join('\n')).not.toMatch(/post-install: Not found|records in/);
  });

  it('falls back to the last lines where none tells', () => {
    expect(selectLogLines('', 'one\ntwo\n\nthree\n')).toEqual(['one', 'two', 'three']);
    expect(selectLogLines('', '')).toEqual([]);
  });

  it('cuts a flood in the middle', () => {
    const lines = selectLogLines('', Array.from({ length: 100 }, (_, index) => `error ${index}`).join('\n'));
    expect(lines).toHaveLength(13);
    expect([lines[0], lines[6], lines[12]]).toEqual(['error 0', '[88 lines left out]', 'error 99']);
  });
});

describe('a long line', () => {
  it('is shortened', () => expect(selectLogLines(`error: ${'x'.repeat(1000)}\n`, '')[0]?.length).toBe(301));
});
