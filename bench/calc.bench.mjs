import { join } from 'node:path';
import { runOnce } from './measure.mjs';

const main = join(import.meta.dirname, '../dist/main.js');
const COUNT = 100_000;

/** Many prefixes through a pipe in one process. */
export async function* bench() {
  const bare = await runOnce(process.execPath, ['-e', 'setTimeout(() => 0, 200)']);
  const one = await runOnce(process.execPath, [main, 'calc', '-', '--json'], { input: makePrefixes(1) });
  const all = await runOnce(process.execPath, [main, 'calc', '-', '--json'], { input: makePrefixes(COUNT) });
  const more = await runOnce(process.execPath, [main, 'calc', '-', '--json'], {
    input: makePrefixes(4 * COUNT),
  });
  const perSecond = (COUNT - 1) / ((all.ms - one.ms) / 1000);
  yield {
    what: `prefixes per second (${COUNT} in one process)`,
    value: Math.round(perSecond).toLocaleString('en'),
  };
  yield { what: 'output', value: `${(all.stdoutBytes / 2 ** 20).toFixed(0)} MiB` };
  yield { what: 'peak memory / bare node', value: (all.peakMiB / bare.peakMiB).toFixed(2) };
  yield {
    what: `peak memory of ${4 * COUNT} prefixes / of ${COUNT}`,
    value: (more.peakMiB / all.peakMiB).toFixed(2),
    goal: 'near 1',
  };
}

/** Prefixes of all four services, the same in every run. */
function makePrefixes(count) {
  const heads = ['240b:10', '240b:252', '2404:7a80', '2404:7a86', '2400:4050', '2400:4151', '240d:f'];
  let state = 1;
  const next = () => {
    state = (state * 48271) % 2147483647;
    return state;
  };
  let text = '';
  for (let index = 0; index < count; index += 1) {
    const third = (next() & 0xffff).toString(16);
    const fourth = ((next() & 0xff) << 8).toString(16);
    text += `${heads[index % heads.length]}:${third}:${fourth}::/64\n`;
  }
  return text;
}
