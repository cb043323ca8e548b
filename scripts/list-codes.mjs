// Print the README's list of error codes, made from the tables in src/*/errors.ts. With --write, put it into the README.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const START = '<!-- codes: node scripts/list-codes.mjs --write -->';
const END = '<!-- /codes -->';

/** The codes of all folders by kind, as Markdown. */
export function renderCodes() {
  const byKind = new Map();
  for (const folder of readdirSync(join(root, 'src')).sort()) {
    let text;
    try {
      text = readFileSync(join(root, 'src', folder, 'errors.ts'), 'utf8');
    } catch {
      continue;
    }
    const table = /const KIND = \{([\s\S]*?)\} as const/.exec(text)?.[1] ?? '';
    for (const [, code, kind] of table.matchAll(/^ {2}([A-Z][A-Z0-9_]+): '([a-z]+)'/gm)) {
      byKind.set(kind, [...(byKind.get(kind) ?? []), code]);
    }
  }
  const kinds = [
    'usage',
    'input',
    'verification',
    'tool',
    'unavailable',
    'device',
    'interrupted',
    'internal',
  ];
  const rows = kinds
    .filter((kind) => byKind.has(kind))
    .map(
      (kind) =>
        `- **${kind}**: ${byKind
          .get(kind)
          .sort()
          .map((code) => `\`${code}\``)
          .join(' ')}`,
    );
  return [START, ...rows, END].join('\n');
}

/** The list as the README has it now. */
export function readCodes() {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  return readme.slice(readme.indexOf(START), readme.indexOf(END) + END.length);
}

if (process.argv[1] === import.meta.filename) {
  if (process.argv.includes('--write')) {
    const path = join(root, 'README.md');
    writeFileSync(path, readFileSync(path, 'utf8').replace(readCodes(), renderCodes()));
  } else {
    console.log(renderCodes());
  }
}
