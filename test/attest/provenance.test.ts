import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { computeProvenance } from '../../src/attest/provenance.ts';
import { readFixture } from '../support/fixtures.ts';
import { facts, PACKAGES, PREFIX } from './sample.ts';

const validate = new Ajv({ strictTypes: false, allErrors: true }).compile(
  JSON.parse(readFixture('attest/provenance.schema.json')),
);
const byproducts = new Map([
  ['plan.json', '11'.repeat(32)],
  ['lock.json', '22'.repeat(32)],
]);
const statement = computeProvenance(facts, byproducts);

describe('the provenance', () => {
  it('has the fields of an in-toto statement with the predicate of SLSA', () => {
    validate(JSON.parse(JSON.stringify(statement)));
    expect(validate.errors).toBeNull();
    expect(validate({ ...statement, subject: [{ name: 'x' }] })).toBe(false);
  });

  it('speaks of the image by its digest', () => {
    expect(statement.subject).toEqual([
      { name: 'openwrt-24.10.8-mape-sysupgrade.bin', digest: { sha256: 'ab'.repeat(32) } },
    ]);
  });

  it('names the ImageBuilder and every package by digest', () => {
    const { resolvedDependencies } = statement.predicate.buildDefinition;
    expect(resolvedDependencies[0]).toMatchObject({
      digest: { sha256: '29cc9bb6489af980fa7fd25873ae8605229d05343a3f0c107d924fefc87b6a3f' },
    });
    expect(resolvedDependencies.slice(1).map(({ digest }) => digest.sha256)).toEqual(
      PACKAGES.map(({ sha256 }) => sha256),
    );
  });

  it('lists what lies beside the image, sorted', () => {
    expect(statement.predicate.runDetails.byproducts).toEqual([
      { name: 'lock.json', digest: { sha256: '22'.repeat(32) } },
      { name: 'plan.json', digest: { sha256: '11'.repeat(32) } },
    ]);
  });

  it('is the same each time and holds no prefix', () => {
    expect(JSON.stringify(computeProvenance({ ...facts }, new Map([...byproducts].reverse())))).toBe(
      JSON.stringify(statement),
    );
    expect(JSON.stringify(statement)).not.toContain(PREFIX.slice(0, 10));
  });
});
