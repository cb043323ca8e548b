import { expect } from 'vitest';
import { z } from 'zod';
import { type Files, runStatus } from './status-scene.ts';

/** The part of a document that the tests look at. */
export const answerSchema = z.object({
  verdict: z.object({ code: z.string(), level: z.string(), text: z.string() }),
  ports: z.object({
    set: z.array(z.string()),
    count: z.number(),
    kept: z.array(z.string()),
    pool: z.number().nullable(),
    inUse: z.record(z.string(), z.number()).nullable(),
  }),
  forwards: z.array(z.record(z.string(), z.unknown())),
  line: z.record(z.string(), z.unknown()),
  tunnel: z.record(z.string(), z.unknown()),
  nat: z.object({ loaded: z.boolean(), leaks: z.record(z.string(), z.number()).nullable() }),
  lastError: z.object({ code: z.string().nullable(), text: z.string().nullable() }).nullable(),
  firstBoot: z.object({ lastLog: z.string().nullable() }),
  ceOnLink: z.boolean().nullable(),
});

/** What `mape-status --json` says of such a router. */
export function ask(files: Files, options?: Parameters<typeof runStatus>[2]): z.infer<typeof answerSchema> {
  const run = runStatus(files, ['--json'], options);
  expect(run.stderr).toBe('');
  return answerSchema.parse(JSON.parse(run.stdout));
}
