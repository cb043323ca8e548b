import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from './support/cli.ts';

const rows = readFileSync(join(PROJECT_ROOT, 'docs/router.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && line.includes('`test/'));

describe('docs/router.md', () => {
  it('has a line for each behaviour', () => {
    expect(rows.length).toBeGreaterThan(25);
  });

  it.each(rows.map((row) => [row.split(' | ')[0]?.slice(2) ?? '', row]))(
    '"%s" names tests that exist',
    (_name, row) => {
      let file = '';
      let titles = 0;
      for (const [, path, title] of row.matchAll(/`(test\/[^`]+)`|"([^"]+)"/g)) {
        if (path !== undefined) file = readFileSync(join(PROJECT_ROOT, path), 'utf8');
        else {
          titles += 1;
          expect(file).toContain(title);
        }
      }
      expect(titles).toBeGreaterThan(0);
    },
  );
});
