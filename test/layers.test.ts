import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

const SRC = join(import.meta.dirname, '../src');
/** From the ground up: a file imports only from its own folder or from one named before it. */
const LAYERS = [
  'bytes',
  'mape',
  'config',
  'device',
  'release',
  'overlay',
  'plan',
  'image',
  'attest',
  'io',
  'builder',
  'flow',
  'cli',
];
const PURE = LAYERS.slice(0, LAYERS.indexOf('io'));
/** What a pure folder may use of Node.js: functions of their arguments alone. */
const PURE_NODE_MODULES = ['node:crypto', 'node:util', 'node:buffer', 'node:path', 'node:zlib'];
const IMPURE_NAMES =
  /\b(Date\.now|new Date\(\)|performance\.now|Math\.random|randomBytes|randomUUID|process\.|setTimeout|fetch\()/;

interface SourceFile {
  readonly path: string;
  readonly folder: string;
  readonly text: string;
  readonly imports: readonly string[];
}

const files: SourceFile[] = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => {
    const text = readFileSync(join(SRC, path), 'utf8');
    const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '');
    return { path, folder: path.includes('/') ? (path.split('/')[0] ?? '') : '', text, imports };
  });

function layerOf(file: SourceFile, specifier: string): string {
  const target = normalize(join(dirname(file.path), specifier));
  return target.includes('/') ? (target.split('/')[0] ?? '') : '';
}

describe('layers', () => {
  it('there are source files, and every folder has its place in the list', () => {
    expect(files.length).toBeGreaterThan(20);
    expect(
      [...new Set(files.map((file) => file.folder))].filter(
        (folder) => folder !== '' && !LAYERS.includes(folder),
      ),
    ).toEqual([]);
  });

  it('a file imports only from its own folder or one before it', () => {
    const wrong = files.flatMap((file) =>
      file.imports
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => ({ from: file.path, folder: file.folder, to: layerOf(file, specifier) }))
        .filter(
          ({ folder, to }) => folder !== '' && to !== '' && LAYERS.indexOf(to) > LAYERS.indexOf(folder),
        ),
    );
    expect(wrong).toEqual([]);
  });

  it('everything before io is pure', () => {
    const wrong = files
      .filter((file) => PURE.includes(file.folder))
      .flatMap((file) => [
        ...file.imports
          .filter((specifier) => specifier.startsWith('node:') && !PURE_NODE_MODULES.includes(specifier))
          .map((specifier) => `${file.path} imports ${specifier}`),
        ...(IMPURE_NAMES.exec(file.text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')) ?? []).map(
          (name) => `${file.path} uses ${name}`,
        ),
      ]);
    expect(wrong).toEqual([]);
  });

  it('errors.ts imports nothing', () => {
    expect(files.find((file) => file.path === 'errors.ts')?.imports).toEqual([]);
  });
});
