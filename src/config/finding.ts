import type { Details, Finding } from '../errors.ts';
import type { ConfigErrorCode } from './errors.ts';
import { formatSettingPath, isSecretPath, quoteValue, type SettingPath } from './problem.ts';
import type { Spot } from './spot.ts';

interface FindingInit {
  readonly severity?: 'warning';
  readonly code: ConfigErrorCode;
  readonly path: SettingPath;
  readonly spot: Spot;
  readonly wanted: string;
  /** The value at fault; it is left out where the setting is a secret. */
  readonly found?: unknown;
  readonly hint: string;
  readonly details?: Details;
}

/**
 * Put a finding into words: where, what was wanted, what was found.
 *
 * `details` holds `path`, `origin` where the value came by a flag or the environment, `found` where it may be shown, and
 * what the code adds.
 */
export function describeFinding(init: FindingInit): Finding {
  const path = formatSettingPath(init.path);
  const found = isSecretPath(path) ? undefined : showFound(init.found);
  const subject = path === '' ? 'settings' : path;
  const origin = init.spot.place === undefined ? ` (${init.spot.label})` : '';
  return {
    severity: init.severity ?? 'error',
    code: init.code,
    message: `${subject}${origin}: wanted ${init.wanted}${found === undefined ? '' : `, found ${found.shown}`}`,
    hint: init.hint,
    ...(init.spot.place === undefined ? {} : { place: init.spot.place }),
    details: {
      path,
      ...(init.spot.place === undefined ? { origin: init.spot.label } : {}),
      ...(found === undefined ? {} : { found: found.raw }),
      ...init.details,
    },
  };
}

function showFound(found: unknown): { shown: string; raw: string | number | boolean } | undefined {
  if (typeof found === 'string') return { shown: quoteValue(found), raw: found };
  if (typeof found === 'number' || typeof found === 'boolean') return { shown: String(found), raw: found };
  return undefined;
}

/** By place; findings without one come first, in the order they were made. */
export function sortFindings(findings: readonly Finding[]): readonly Finding[] {
  return [...findings].sort(
    (a, b) =>
      Number(a.place !== undefined) - Number(b.place !== undefined) ||
      compareText(a.place?.file ?? '', b.place?.file ?? '') ||
      (a.place?.line ?? 0) - (b.place?.line ?? 0) ||
      (a.place?.column ?? 0) - (b.place?.column ?? 0),
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
