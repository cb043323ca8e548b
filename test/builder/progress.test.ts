import { describe, expect, it } from 'vitest';
import { type BuildProgress, PROGRESS_START, readProgressLine } from '../../src/builder/local/progress.ts';
import { readFixture } from '../support/fixtures.ts';

function readAll(text: string): readonly BuildProgress[] {
  let state = PROGRESS_START;
  return text.split('\n').flatMap((line) => {
    const step = readProgressLine(state, line);
    state = step.state;
    return step.progress ?? [];
  });
}

const stages = (all: readonly BuildProgress[]) =>
  all.map(({ id }) => id).filter((id, index, ids) => id !== ids[index - 1]);

describe('readProgressLine', () => {
  it('goes through every stage of a real cold opkg build in order', () => {
    expect(stages(readAll(readFixture('builder/errors/opkg-23.05.2/00-cold-first-run/stdout')))).toEqual([
      'checking-prerequisites',
      'indexing-packages',
      // Three runs of opkg: libc, kernel, all others.
      ...Array(3).fill(['installing-packages', 'configuring-packages']).flat(),
      'finalizing-root',
      'building-images',
      'computing-checksums',
    ]);
  });

  it.each([
    ['23.05.2', 'builder/errors/opkg-23.05.2/07b-bindir-relative/stdout', 36],
    ['24.10.4', 'builder/logs/make-image-24.10.4-archer-c6-v2-ok.log', undefined],
  ])('counts the packages asked for of %s up to all of them, never back', (_, name, total) => {
    const counts = readAll(readFixture(name)).flatMap(({ id, count }) =>
      id === 'installing-packages' && count ? [count] : [],
    );
    for (const [index, count] of counts.entries())
      expect(count.done).toBeGreaterThanOrEqual(counts[index - 1]?.done ?? 0);
    const last = counts.at(-1);
    expect(last?.done).toBe(last?.total);
    if (total !== undefined) expect(last?.total).toBe(total);
  });

  it('counts what opkg configures up to what it installed', () => {
    const counts = readAll(readFixture('builder/errors/opkg-23.05.2/07b-bindir-relative/stdout')).flatMap(
      ({ id, count }) => (id === 'configuring-packages' && count ? [count] : []),
    );
    expect(counts.at(-1)?.done).toBe(counts.at(-1)?.total);
  });

  it("takes apk's own count of a real build", () => {
    const all = readAll(readFixture('builder/errors/apk/01-image/stdout'));
    expect(stages(all)).toEqual([
      'indexing-packages',
      'installing-packages',
      'finalizing-root',
      'building-images',
      'computing-checksums',
    ]);
    const installs = all.filter(({ count }) => count !== undefined);
    expect(installs).toHaveLength(128);
    expect(installs.at(-1)).toEqual({
      id: 'installing-packages',
      package: 'wpad-basic-mbedtls',
      count: { done: 128, total: 128 },
    });
  });

  it('says nothing of other lines', () => {
    expect(readProgressLine(PROGRESS_START, 'Filesystem size 4859.02 Kbytes (4.75 Mbytes)')).toEqual({
      state: PROGRESS_START,
    });
  });
});
