import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { computeSha256 } from '../../src/bytes/sha256.ts';
import { fixturePath } from '../support/fixtures.ts';
import { makeRandom, mutate } from './mutate.ts';
import { isCoded, makeTargets } from './targets.ts';

/** Seconds for each parser; absent: a number of inputs that is the same each time. */
const seconds = process.env.FUZZ_SECONDS === undefined ? undefined : Number(process.env.FUZZ_SECONDS);
const seed = process.env.FUZZ_SEED === undefined ? 20_261_123 : Number(process.env.FUZZ_SEED);
const INPUTS = 400;
/** Far above what the slowest input takes; one that takes longer has found a loop. */
const TIMEOUT_MS = 30_000 + 1000 * (seconds ?? 0);

const targets = await makeTargets();
const figures: string[] = [];

describe('spoiled input', () => {
  afterAll(() => {
    if (seconds !== undefined) console.log(`seed ${seed}\n${figures.join('\n')}`);
  });

  it.each(targets)(
    '$name: gives a result or a coded error, whatever the bytes',
    async ({ name, seeds, run }) => {
      for (const bytes of seeds) await attempt(run, bytes);
      const random = makeRandom(seed);
      const end = seconds === undefined ? Number.POSITIVE_INFINITY : performance.now() + seconds * 1000;
      let inputs = 0;
      let results = 0;
      for (; seconds === undefined ? inputs < INPUTS : performance.now() < end; inputs += 1) {
        const bytes = mutate(seeds[random() % seeds.length] ?? Buffer.alloc(0), random);
        const outcome = await attempt(run, bytes);
        if (outcome === 'result') results += 1;
        if (outcome !== 'bug') continue;
        keep(name, bytes);
        // once more, so that its stack is the failure's
        await run(bytes);
      }
      figures.push(`${name.padEnd(16)} ${String(inputs).padStart(9)} inputs, ${results} read whole`);
      expect(inputs).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );
});

async function attempt(
  run: (bytes: Uint8Array) => unknown,
  bytes: Uint8Array,
): Promise<'result' | 'error' | 'bug'> {
  try {
    await run(bytes);
    return 'result';
  } catch (error) {
    return isCoded(error) ? 'error' : 'bug';
  }
}

/** What was found stays as a seed: it is committed with the cure. */
function keep(name: string, bytes: Uint8Array): void {
  const folder = fixturePath(`fuzz/${name}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, computeSha256(bytes).slice(0, 16)), bytes);
}
