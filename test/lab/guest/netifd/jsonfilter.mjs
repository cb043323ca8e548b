// jsonfilter: values of a JSON text by paths such as `@.a["b"][0][*][@.role="wan"]`.
// @see openwrt/jsonpath main.c (print_string, export_value)
import { readFileSync } from 'node:fs';

const TOKEN = /\.([A-Za-z0-9_]+)|\["([^"]+)"\]|\[([0-9]+)\]|\[(\*)\]|\[@\.([A-Za-z_]+)="([^"]*)"\]/y;

function find(document, path) {
  let found = [document];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < path.length) {
    const token = TOKEN.exec(path);
    if (token === null) throw new Error(`no path for this stand-in: @${path}`);
    const [, name, quoted, index, star, key, wanted] = token;
    found = found.flatMap((node) => {
      if (node === null || typeof node !== 'object') return [];
      if (star !== undefined) return Object.values(node);
      if (key !== undefined) return Object.values(node).filter((child) => child?.[key] === wanted);
      const child = node[name ?? quoted ?? index];
      return child === undefined ? [] : [child];
    });
  }
  return found;
}

/** A value as a word of a shell: strings quoted, booleans 1 and 0. */
function shellWord(value) {
  if (typeof value === 'boolean') return value ? '1' : '0';
  return typeof value === 'string' ? `'${value.replaceAll("'", `'"'"'`)}'` : String(value);
}

/**
 * @param args `[-i FILE | -s TEXT] -e [NAME=]@PATH…`
 * @param input what stands on standard input
 * @returns `{code, stdout}`: with NAME assignments for a shell, else a value a line; 1 where nothing was found
 */
export function jsonfilter(root, args, input) {
  const paths = [];
  let text;
  for (let at = 0; at < args.length; at += 2) {
    const value = args[at + 1];
    if (args[at] === '-i') text = readFileSync(root + value, 'utf8');
    if (args[at] === '-s') text = value;
    if (args[at] === '-e') paths.push(value);
  }
  const document = JSON.parse(text ?? input());
  const parts = paths.map((path) => {
    const [, name, rest] = /^(?:([A-Za-z_][A-Za-z0-9_]*)=)?@(.*)$/.exec(path);
    const found = find(document, rest);
    if (found.length === 0) return '';
    if (name !== undefined) return `export ${name}=${found.map(shellWord).join('\\ ')}; `;
    return found.map((value) => `${typeof value === 'object' ? JSON.stringify(value) : value}\n`).join('');
  });
  return { code: parts.some((part) => part !== '') ? 0 : 1, stdout: parts.join('') };
}
