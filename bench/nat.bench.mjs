import { execFileSync } from 'node:child_process';
import { release } from 'node:os';
import { DESIGNS } from './nat/designs.mjs';
import { compareThroughput, MEASURES } from './nat/measures.mjs';
import { writeReport } from './nat/report.mjs';

/** Designs whose cost a packet is compared; the others differ from these in the first packet alone. */
const PUMPED = ['rotate', 'pool', 'chosen'];
/** Masquerade against itself: what the machine's noise is. */
const CONTROL = { name: 'masquerade itself', rules: () => '' };

/** Run where it is named alone. */
export const slow = true;

/**
 * Every design of NAT over a port set against every measure, about 20 minutes; writes the table and the chart of docs.
 *
 * Needs root, nft, iproute2, busybox and perl.
 */
export async function* bench() {
  const results = new Map(MEASURES.map((measure) => [measure, new Map()]));
  for (const measure of MEASURES) {
    const waiting = [...DESIGNS];
    // What mostly waits can wait together.
    const workers = Array.from({ length: measure.parallel ?? 1 }, async () => {
      for (let design = waiting.shift(); design !== undefined; design = waiting.shift())
        results.get(measure).set(design, await measure.run(design));
    });
    await Promise.all(workers);
    const shown = DESIGNS.map((design) => `${design.name} ${results.get(measure).get(design).text}`);
    console.log(`  ${measure.title}\n    ${shown.slice(0, -1).join(' | ')}`);
    const { text, detail } = results.get(measure).get(DESIGNS.at(-1));
    if (detail !== undefined) console.log(`    chosen: ${JSON.stringify(detail)}`);
    yield { what: measure.short ?? measure.title, value: text, goal: measure.goal };
  }
  const pumped = [CONTROL, ...DESIGNS.filter(({ name }) => PUMPED.includes(name))];
  const throughput = await compareThroughput(pumped);
  for (const [index, { name }] of pumped.entries())
    yield {
      what: `throughput, ${name} / masquerade`,
      value: throughput.ratios[index].median.toFixed(2),
      goal: 'near 1',
    };
  const nft = /v([\d.]+)/.exec(execFileSync('nft', ['--version'], { encoding: 'utf8' }))?.[1];
  writeReport({ results, designs: DESIGNS, pumped, throughput, kernel: release(), nft });
}
