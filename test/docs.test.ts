import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from './support/cli.ts';

const read = (path: string) => readFileSync(join(PROJECT_ROOT, path), 'utf8');

const rows = read('docs/router.md')
  .split('\n')
  .filter((line) => line.startsWith('| ') && line.includes('`test/'));

/** Tests that a row names, in the order file, titles, file, titles. */
function namedTests(row: string): { readonly path: string; readonly title: string }[] {
  let path = '';
  const found: { path: string; title: string }[] = [];
  for (const [, file, title] of row.matchAll(/`(test\/[^`]+)`|"([^"]+)"/g)) {
    if (file !== undefined) path = file;
    else if (title !== undefined) found.push({ path, title });
  }
  return found;
}

/** Titles as they stand in a file of tests, those of `it.each` with their placeholders. */
function titlesOf(path: string): string[] {
  const text = read(path);
  return [...text.matchAll(/(?:\bit\(|\)\()\s*(['"`])(.+?)\1,/g)]
    .filter((match) => !/describe[^\n]*$/.test(text.slice(0, match.index)))
    .map((match) => match[2] ?? '');
}

/** What runs on a kernel of its own: nothing there may be missing from the list. */
const ON_A_KERNEL = ['test/lab/cases', 'test/nat'].flatMap((folder) =>
  readdirSync(join(PROJECT_ROOT, folder))
    .filter((name) => folder === 'test/lab/cases' || name.endsWith('.test.ts'))
    .map((name) => `${folder}/${name}`),
);

describe('docs/router.md', () => {
  it('has a line for each behaviour', () => {
    expect(rows.length).toBeGreaterThan(60);
  });

  it.each(rows.map((row) => [row.split(' | ')[0]?.slice(2) ?? '', row]))(
    '"%s" names tests that exist',
    (_name, row) => {
      const named = namedTests(row);
      expect(named.length).toBeGreaterThan(0);
      for (const { path, title } of named)
        expect(
          titlesOf(path).some((one) => one.includes(title)),
          `${path} has no test "${title}"`,
        ).toBe(true);
    },
  );

  it.each(ON_A_KERNEL)('names every test of %s', (path) => {
    const named = rows.flatMap(namedTests).filter((test) => test.path === path);
    const titles = titlesOf(path);
    expect(titles.length).toBeGreaterThan(0);
    expect(titles.filter((title) => !named.some((test) => title.includes(test.title)))).toEqual([]);
  });

  it('speaks of the cases that the laboratory runs', () => {
    const imported = read('test/lab/lab.test.ts');
    for (const path of ON_A_KERNEL.filter((name) => name.startsWith('test/lab/')))
      expect(imported).toContain(`./cases/${path.slice('test/lab/cases/'.length)}`);
  });
});
