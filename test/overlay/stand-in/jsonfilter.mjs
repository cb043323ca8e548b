// `jsonfilter [-i FILE] -e '@.a.b'`: members by name only; nothing printed and 1 where there is none.
import { readFileSync } from 'node:fs';

const args = process.argv.slice(2);
const expression = args[args.indexOf('-e') + 1];
const file = args.includes('-i') ? args[args.indexOf('-i') + 1] : 0;
const keys = [...expression.matchAll(/\.([a-z_]+)|\["([a-z0-9-]+)"\]|\[([0-9]+)\]/g)].map(
  (m) => m[1] ?? m[2] ?? m[3],
);
let value = JSON.parse(readFileSync(file, 'utf8'));
for (const key of keys) value = value?.[key];
if (value === undefined) process.exitCode = 1;
else console.log(value);
