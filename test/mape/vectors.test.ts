import { describe, expect, it } from 'vitest';
import { MapeError } from '../../src/mape/errors.ts';
import { makeCalculator } from '../../src/mape/lookup.ts';
import type { MapeParameters } from '../../src/mape/parameters.ts';
import { readJsonLines } from '../support/fixtures.ts';
import { serviceTable } from '../support/services.ts';

type Expected = Omit<MapeParameters, 'service' | 'warnings' | 'sources' | 'confidence'> & {
  altRule?: unknown;
};

const calculate = makeCalculator(serviceTable);
const positive = readJsonLines<{ service: string; form: string; prefix: string; expected: Expected }>(
  'mape/positive.jsonl',
);
const ambiguous = readJsonLines<{ service: string; prefix: string; subnetId: number; expected: Expected }>(
  'mape/ambiguous.jsonl',
);
const negative = readJsonLines<{ input: string; expect: string; reason: string; service: string | null }>(
  'mape/negative.jsonl',
);
const quirks = readJsonLines<{
  input: string;
  note: string;
  correct: { endUserPrefix: string; ipv4: string; firstRange: string };
}>('mape/parse-quirks.jsonl');

const CODE: Record<string, string> = {
  malformed: 'PREFIX_MALFORMED',
  'prefix-too-short': 'PREFIX_TOO_SHORT',
  'not-map-e': 'PREFIX_NOT_MAP_E',
  'no-internet-prefix': 'PREFIX_NO_INTERNET',
  'no-rule': 'PREFIX_NO_RULE',
};

function codeOf(input: string): { code: string; service: string | null } {
  try {
    calculate(input);
  } catch (error) {
    if (error instanceof MapeError) return { code: error.code, service: error.service };
    throw error;
  }
  return { code: 'none', service: null };
}

describe('vectors agreed on by OpenWrt mapcalc and the independent calculators', () => {
  it('there are as many as were recorded', () => {
    expect([positive.length, ambiguous.length, negative.length, quirks.length]).toEqual([842, 14, 45, 5]);
  });

  it.each(positive)(
    '$service $form $prefix',
    ({ service, prefix, expected: { altRule: _, ...expected } }) => {
      expect(calculate(prefix)).toMatchObject({ service, ...expected });
    },
  );

  it.each(ambiguous)(
    '$prefix computes with subnet 0 and warns',
    ({ service, prefix, subnetId, expected: { altRule: _, ...expected } }) => {
      const result = calculate(prefix);
      expect(result).toMatchObject({ service, ...expected });
      expect(result.warnings.find(({ code }) => code === 'SUBNET_BITS_NONZERO')?.details).toMatchObject({
        subnetId,
      });
    },
  );

  it.each(negative)('$input: $reason', ({ input, expect: kind, service }) => {
    expect(codeOf(input)).toEqual({ code: CODE[kind], service });
  });

  it.each(quirks)('$input: $note', ({ input, correct }) => {
    const { endUserPrefix, ipv4Address, portRanges } = calculate(input);
    expect({ endUserPrefix, ipv4: ipv4Address, firstRange: portRanges[0]?.join('-') }).toEqual(correct);
  });
});
