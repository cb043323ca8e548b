import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { runStatus } from './status-scene.ts';
import { STATES } from './status-states.ts';
import { hasTool } from './support.ts';

const busybox = hasTool('busybox');
const path = join(import.meta.dirname, '../../profiles/schema/mape-status.schema.json');
const document = JSON.parse(readFileSync(path, 'utf8'));
const schema = z.fromJSONSchema(document);
const codesOf = z.object({
  verdict: z.object({ code: z.string(), level: z.string(), text: z.string() }),
  others: z.array(z.object({ code: z.string() })),
});
const LEVEL = ['ok', 'warning', 'down'];

describe('the schema of --json', () => {
  it.runIf(busybox)('refuses keys it does not name and values of another kind', () => {
    const answer = z.record(z.string(), z.unknown()).parse(JSON.parse(runStatus({}).stdout));
    expect(schema.safeParse(answer).success).toBe(true);
    for (const change of [
      { extra: 1 },
      { verdict: undefined },
      { ceOnLink: 1 },
      { ports: {} },
      { nat: null },
    ])
      expect(schema.safeParse({ ...answer, ...change }).success, JSON.stringify(change)).toBe(false);
  });

  it('knows the states that are tried here, and no other', () => {
    const known: unknown = document.$defs.verdict.properties.code.enum;
    expect(new Set(z.array(z.string()).parse(known))).toEqual(new Set(STATES.flatMap(({ codes }) => codes)));
  });
});

describe.runIf(busybox)('mape-status --json', () => {
  it.each(STATES)(
    '$name: code, level and exit code, in a document of the schema',
    ({ files, codes, exit, input }) => {
      const run = runStatus(files, ['--json'], input === undefined ? {} : { input });
      expect(run.stderr).toBe('');
      const answer: unknown = JSON.parse(run.stdout);
      expect(schema.safeParse(answer).error).toBeUndefined();
      const { verdict, others } = codesOf.parse(answer);
      expect([verdict.code, ...others.map(({ code }) => code)]).toEqual(codes);
      expect(verdict.level).toBe(LEVEL[exit]);
      expect(run.status).toBe(exit);
      expect(verdict.text).toMatch(/^\S.*\S$/);
    },
  );

  it('says the same in Japanese but for the sentences', () => {
    const [en, ja] = ['en', 'ja'].map((lang) => {
      const run = runStatus(STATES.at(-1)?.files ?? {}, ['--json', '-l', lang]);
      return run.stdout.replace(/"(?:text|notice)": ".*"/g, '');
    });
    expect(ja).toBe(en);
  });
});
