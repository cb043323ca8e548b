import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { MapeError } from '../mape/errors.ts';
import type { Rule } from '../mape/rule.ts';
import { parseUserRules } from '../mape/rule-file.ts';

/**
 * Read MAP rules of the user's own from a YAML or JSON file.
 *
 * @throws MapeError RULE_INVALID, also for a file that cannot be read
 */
export async function readUserRules(path: string, cwd: string): Promise<readonly Rule[]> {
  let raw: unknown;
  try {
    raw = parse(await readFile(resolve(cwd, path), 'utf8'));
  } catch (cause) {
    const reason = (cause instanceof Error ? cause.message : String(cause)).split('\n')[0] ?? '';
    throw new MapeError('RULE_INVALID', {
      message: `${path} cannot be read as a rule file: ${reason}`,
      hint: 'give the path of a YAML or JSON file with a rule: { ipv6: …, ipv4: …, ea: …, psidOffset: …, br: … }',
      details: { path, reason },
      cause,
    });
  }
  return parseUserRules(raw);
}
