import { z } from 'zod';
import type { Outcome, Problem, SettingPath } from './problem.ts';

interface IssueSink {
  addIssue(issue: {
    code: 'custom';
    message: string;
    path: (string | number)[];
    params: object;
    continue: false;
  }): void;
}

/**
 * Hand a field's problem to zod, which adds the path; nothing where there is none.
 *
 * What stands around the field is then not judged: its own checks may count on fields that hold what their types say.
 */
export function report(ctx: IssueSink, problem: Problem | undefined, path: SettingPath = []): void {
  if (problem === undefined) return;
  ctx.addIssue({
    code: 'custom',
    message: problem.wanted,
    path: [...path],
    params: { problem },
    continue: false,
  });
}

/** Text that `check` accepts, kept as it is. */
export function text(check: (value: string) => Problem | undefined) {
  return z.string().superRefine((value, ctx) => report(ctx, check(value)));
}

/** Text that `parse` turns into its value. */
export function parsed<T>(parse: (value: string) => Outcome<T>) {
  return z.string().transform((value, ctx): T => {
    const outcome = parse(value);
    if ('value' in outcome) return outcome.value;
    report(ctx, outcome.problem);
    return z.NEVER;
  });
}

/** A list in which no two items share a key; `field` is where the key stands inside an item. */
export function unique<Item extends z.ZodType>(
  list: z.ZodArray<Item>,
  keyOf: (item: z.output<Item>) => string,
  field?: string,
) {
  return list.superRefine((items, ctx) => {
    const seen = new Set<string>();
    for (const [index, item] of items.entries()) {
      const key = keyOf(item);
      if (seen.has(key))
        report(
          ctx,
          {
            code: 'CONFIG_DUPLICATE_VALUE',
            wanted: 'each one once',
            hint: 'remove it or give it another name',
            details: { value: key },
          },
          field === undefined ? [index] : [index, field],
        );
      seen.add(key);
    }
  });
}
