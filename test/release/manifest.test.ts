import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MapeImageError } from '../../src/errors.ts';
import { parseManifest } from '../../src/release/manifest.ts';
import { readFixture } from '../support/fixtures.ts';
import { codeOf } from './code-of.ts';

describe('parseManifest', () => {
  it.each([
    ['23.05.2-opkg-stub.manifest', 'base-files', '1550-r23630-842932a63d'],
    ['24.10.4-opkg.manifest', 'base-files', '1665~29397011cc'],
    ['25.12.4-apk.manifest', 'base-files', '1707~4ccb782af7'],
  ])('reads every line of %s', (name, key, version) => {
    const text = readFixture(`release/manifests/${name}`);
    const installed = parseManifest(text);
    expect(installed.size).toBe(text.trimEnd().split('\n').length);
    expect(installed.get(key)).toBe(version);
  });

  it('reads the output of make manifest in either form', () => {
    expect([...parseManifest('a - 1\nb 2-r1\n')]).toEqual([
      ['a', '1'],
      ['b', '2-r1'],
    ]);
  });

  it.each([
    ['nothing', ''],
    ['a line without a version', 'a\n'],
    ['a line with more', 'a - 1 - 2\n'],
    ['a name twice', 'a - 1\na - 2\n'],
  ])('refuses %s', (_, text) => {
    expect(codeOf(() => parseManifest(text))).toBe('MANIFEST_INVALID');
  });

  it('gives a result or a coded error for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        try {
          parseManifest(text);
        } catch (error) {
          expect(error).toBeInstanceOf(MapeImageError);
        }
      }),
    );
  });
});
