import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isReleaseName, type ReleaseName } from '../../src/release/release-name.ts';
import { findImageBuilder, parseSha256Sums } from '../../src/release/sha256sums.ts';
import { parseTargetName } from '../../src/release/target.ts';
import { fixturePath } from '../support/fixtures.ts';
import { codeOf } from './code-of.ts';

const real = readFileSync(fixturePath('release/usign/sha256sums'), 'latin1');
const A = 'a'.repeat(64);

function release(text: string): ReleaseName {
  if (isReleaseName(text)) return text;
  throw new Error(text);
}

describe('parseSha256Sums', () => {
  it('reads every line of a real one', () => {
    const sums = parseSha256Sums(real);
    expect(sums.size).toBe(1303);
    expect(sums.get('openwrt-imagebuilder-25.12.5-x86-64.Linux-x86_64.tar.zst')).toBe(
      '313221253d9bac534e4a4ee6492a4941b4ba0f43200eceb8d16a4785470ae9df',
    );
  });

  it.each([
    ['nothing', ''],
    ['a line without an end', `${A} *a`],
    ['text mode', `${A}  a\n`],
    ['a digest in capitals', `${A.toUpperCase()} *a\n`],
    ['a short digest', `${A.slice(1)} *a\n`],
    ['a name twice', `${A} *a\n${A} *a\n`],
    ['an absolute name', `${A} */etc/passwd\n`],
    ['a name out of the folder', `${A} *../a\n`],
    ['a name out of the folder in the middle', `${A} *a/../../b\n`],
    ['a point as name', `${A} *./a\n`],
    ['an empty part', `${A} *a//b\n`],
    ['a blank in a name', `${A} *a b\n`],
    ['a control character', `${A} *a\u001b[31m\n`],
    ['CR LF', `${A} *a\r\n`],
    ['an empty line', `${A} *a\n\n${A} *b\n`],
    ['a page', '<html></html>\n'],
    ['a name of 256 characters', `${A} *${'a'.repeat(256)}\n`],
    ['more than 4 MiB', `${A} *a\n`.repeat(70_000)],
  ])('refuses %s', (_name, text) => {
    expect(codeOf(() => parseSha256Sums(text))).toBe('SHA256SUMS_INVALID');
  });

  it('gives only its own errors for any text, and for a real one cut or changed anywhere', () => {
    const some = real.split('\n').slice(0, 5).join('\n');
    const changed = fc
      .tuple(fc.nat({ max: some.length - 1 }), fc.string({ maxLength: 3 }))
      .map(([position, text]) => some.slice(0, position) + text + some.slice(position + 1));
    fc.assert(
      fc.property(fc.oneof(fc.string(), changed), (text) => {
        expect(['none', 'SHA256SUMS_INVALID']).toContain(codeOf(() => parseSha256Sums(text)));
      }),
    );
  });
});

describe('findImageBuilder', () => {
  const listed = (...names: string[]) =>
    parseSha256Sums(names.map((name) => `${A} *${name}\n`).join('') || `${A} *other\n`);
  const find = (sums: ReturnType<typeof listed>, of: string, target: string) =>
    findImageBuilder(sums, release(of), parseTargetName(target));

  it.each([
    ['25.12.5', 'x86/64', parseSha256Sums(real), 'openwrt-imagebuilder-25.12.5-x86-64.Linux-x86_64.tar.zst'],
    [
      '23.05.6',
      'ath79/generic',
      listed('openwrt-imagebuilder-23.05.6-ath79-generic.Linux-x86_64.tar.xz'),
      'openwrt-imagebuilder-23.05.6-ath79-generic.Linux-x86_64.tar.xz',
    ],
    [
      'SNAPSHOT',
      'ath79/generic',
      listed('openwrt-imagebuilder-ath79-generic.Linux-x86_64.tar.zst', 'openwrt-sdk-ath79.tar.zst'),
      'openwrt-imagebuilder-ath79-generic.Linux-x86_64.tar.zst',
    ],
    [
      '24.10-SNAPSHOT',
      'ath79/generic',
      listed('openwrt-imagebuilder-24.10-SNAPSHOT-ath79-generic.Linux-x86_64.tar.zst'),
      'openwrt-imagebuilder-24.10-SNAPSHOT-ath79-generic.Linux-x86_64.tar.zst',
    ],
  ])('%s %s', (of, target, sums, name) => {
    expect(find(sums, of, target).name).toBe(name);
  });

  it.each([
    ['none', listed(), '24.10.8', 'ath79/generic', 'IMAGEBUILDER_NOT_LISTED'],
    [
      'one for another kind of computer',
      listed('openwrt-imagebuilder-24.10.8-ath79-generic.Darwin-arm64.tar.zst'),
      '24.10.8',
      'ath79/generic',
      'IMAGEBUILDER_NOT_LISTED',
    ],
    [
      'one below a folder',
      listed('old/openwrt-imagebuilder-24.10.8-ath79-generic.Linux-x86_64.tar.zst'),
      '24.10.8',
      'ath79/generic',
      'IMAGEBUILDER_NOT_LISTED',
    ],
    ['that of another release', parseSha256Sums(real), '25.12.4', 'x86/64', 'IMAGEBUILDER_OTHER'],
    ['that of another target', parseSha256Sums(real), '25.12.5', 'x86/generic', 'IMAGEBUILDER_OTHER'],
    [
      'that of a release where a snapshot is wanted',
      parseSha256Sums(real),
      'SNAPSHOT',
      'x86/64',
      'IMAGEBUILDER_OTHER',
    ],
    [
      'that of a snapshot where a release is wanted',
      listed('openwrt-imagebuilder-ath79-generic.Linux-x86_64.tar.zst'),
      '24.10.8',
      'ath79/generic',
      'IMAGEBUILDER_OTHER',
    ],
    [
      'two',
      listed(
        'openwrt-imagebuilder-24.10.8-ath79-generic.Linux-x86_64.tar.xz',
        'openwrt-imagebuilder-24.10.8-ath79-generic.Linux-x86_64.tar.zst',
      ),
      '24.10.8',
      'ath79/generic',
      'IMAGEBUILDER_OTHER',
    ],
  ])('refuses %s', (_name, sums, of, target, code) => {
    expect(codeOf(() => find(sums, of, target))).toBe(code);
  });
});
