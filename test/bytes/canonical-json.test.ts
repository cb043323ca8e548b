import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../src/bytes/canonical-json.ts';

describe('canonicalJson', () => {
  it.each([
    ['keys sorted by code unit, not by locale', { b: 1, a: 2, Z: 3, é: 4 }, '{"Z":3,"a":2,"b":1,"é":4}'],
    ['members without a value left out', { a: undefined, b: null }, '{"b":null}'],
    ['arrays in their order', [3, 1, [true, 'x']], '[3,1,[true,"x"]]'],
    ['control characters escaped', 'a\nb\u0001', '"a\\nb\\u0001"'],
  ])('%s', (_name, value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });

  it('refuses numbers other implementations would write differently', () => {
    expect(() => canonicalJson(0.1)).toThrow(TypeError);
    expect(() => canonicalJson(Number.NaN)).toThrow(TypeError);
    expect(() => canonicalJson(2 ** 53)).toThrow(TypeError);
  });
});
