// `jsonfilter -s TEXT|-i FILE -e 'NAME=@.a["b"][0][*][@.c="d"]'…`: assignments quoted for a shell, nothing for what is not
// there. Written from openwrt/jsonpath main.c (export_value, print_string): strings in '…', numbers bare, booleans 1 and
// 0, several matches parted by `\ `.
import { readFileSync } from 'node:fs';

const args = process.argv.slice(2);
const value = (option) => args[args.indexOf(option) + 1];
const document = JSON.parse(args.includes('-s') ? value('-s') : readFileSync(value('-i'), 'utf8'));

function step(nodes, [, name, quoted, index, star, key, wanted]) {
  return nodes.flatMap((node) => {
    if (node === null || typeof node !== 'object') return [];
    if (star !== undefined) return Object.values(node);
    if (key !== undefined) return Object.values(node).filter((child) => child?.[key] === wanted);
    const child = node[name ?? quoted ?? index];
    return child === undefined ? [] : [child];
  });
}

function quote(match) {
  if (typeof match === 'boolean') return match ? '1' : '0';
  return typeof match === 'string' ? `'${match.replaceAll("'", `'"'"'`)}'` : String(match);
}

for (const [at, option] of args.entries()) {
  if (option !== '-e') continue;
  const [, name, path] = /^([a-z0-9_]+)=@(.*)$/.exec(args[at + 1]);
  const token = /\.([a-z0-9_]+)|\["([a-z0-9-]+)"\]|\[([0-9]+)\]|\[(\*)\]|\[@\.([a-z]+)="([a-z]+)"\]/y;
  let matches = [document];
  while (token.lastIndex < path.length) {
    const found = token.exec(path);
    if (found === null) throw new Error(`a path this stand-in does not know: ${path}`);
    matches = step(matches, found);
  }
  if (matches.length > 0) process.stdout.write(`export ${name}=${matches.map(quote).join('\\ ')}; `);
}
