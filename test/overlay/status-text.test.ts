import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { textWidth } from '../../src/cli/output/style.ts';
import { fixturePath, readFixture } from '../support/fixtures.ts';
import { runStatus } from './status-scene.ts';
import { STATES } from './status-states.ts';
import { hasTool } from './support.ts';

const busybox = hasTool('busybox');

function compareGolden(name: string, text: string): void {
  if (process.env.UPDATE_GOLDEN === '1') {
    mkdirSync(dirname(fixturePath(name)), { recursive: true });
    writeFileSync(fixturePath(name), text);
  }
  expect(text).toBe(readFixture(name));
}

describe.runIf(busybox).each(['en', 'ja'])('the answer for people, %s', (lang) => {
  it.each(STATES)('$name is what was read in review, within 80 columns', ({ name, files, exit, input }) => {
    const run = runStatus(files, ['-l', lang], input === undefined ? {} : { input });
    expect(run.stderr).toBe('');
    expect(run.status).toBe(exit);
    compareGolden(`overlay/status/golden/${name}.${lang}.txt`, run.stdout);
    for (const line of run.stdout.split('\n')) expect(textWidth(line), line).toBeLessThanOrEqual(80);
  });
});
