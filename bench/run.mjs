// npm run bench [name…]: each benchmark prints one line a figure; figures are ratios against a baseline of the same run.
// One that exports `slow` (minutes, root) runs only where it is named.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const wanted = process.argv.slice(2);
const names = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.bench.mjs'))
  .map((name) => name.slice(0, -'.bench.mjs'.length))
  .filter((name) => wanted.length === 0 || wanted.includes(name));
if (names.length === 0) {
  console.error(`no benchmark is called ${wanted.join(', ')}`);
  process.exit(2);
}
for (const name of names.sort()) {
  console.log(`\n${name}`);
  const { bench, slow } = await import(join(import.meta.dirname, `${name}.bench.mjs`));
  if (slow && !wanted.includes(name)) {
    console.log(`  left out: npm run bench ${name}`);
    continue;
  }
  for await (const { what, value, goal } of bench()) {
    console.log(`  ${what.padEnd(58)} ${value.padStart(14)}${goal === undefined ? '' : `   goal ${goal}`}`);
  }
}
