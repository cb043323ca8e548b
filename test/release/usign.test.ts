import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isReleaseName } from '../../src/release/release-name.ts';
import { parseUsignPublicKey, parseUsignSignature, verifyUsign } from '../../src/release/usign.ts';
import { pinnedKeys } from '../../src/release/usign-keys.ts';
import { createTempDir } from '../io/ports.ts';
import { lacksTools } from '../io/tools.ts';
import { fixturePath } from '../support/fixtures.ts';
import { codeOf } from './code-of.ts';

const folder = fixturePath('release/usign');
/** A target of 25.12.5 as downloads.openwrt.org has it. */
const sums = readFileSync(join(folder, 'sha256sums'));
const signature = readFileSync(join(folder, 'sha256sums.sig'), 'latin1');
const publicKey = readFileSync(join(folder, 'b5043e70f9a75cde.pub'), 'latin1');
const verify = (message: Uint8Array, signatureText: string, keyText: string) =>
  verifyUsign('sha256sums', message, parseUsignSignature(signatureText), [parseUsignPublicKey(keyText)]);
const REFUSED = ['SIGNATURE_MALFORMED', 'SIGNATURE_KEY_UNKNOWN', 'SIGNATURE_WRONG', 'USIGN_KEY_INVALID'];

/** Another text with one byte changed. */
function change(text: string, position: number, bits: number): string {
  const bytes = Buffer.from(text, 'latin1');
  bytes[position] = (bytes[position] ?? 0) ^ bits;
  return bytes.toString('latin1');
}
const bits = fc.integer({ min: 1, max: 255 });
const secondLine = (text: string) =>
  fc.integer({ min: text.indexOf('\n') + 1, max: text.trimEnd().length - 1 });

describe('the signature of OpenWrt 25.12.5 x86/64', () => {
  it('holds with the key file and with the key in the program', () => {
    expect(verify(sums, signature, publicKey).id).toBe('b5043e70f9a75cde');
    const release = '25.12.5';
    if (!isReleaseName(release)) throw new Error(release);
    const found = verifyUsign('sha256sums', sums, parseUsignSignature(signature), pinnedKeys(release));
    expect(found.id).toBe('b5043e70f9a75cde');
  });

  it('breaks with one changed byte of the list, wherever', () => {
    fc.assert(
      fc.property(fc.nat({ max: sums.byteLength - 1 }), bits, (position, flipped) => {
        const changed = Buffer.from(sums);
        changed[position] = (changed[position] ?? 0) ^ flipped;
        expect(codeOf(() => verify(changed, signature, publicKey))).toBe('SIGNATURE_WRONG');
      }),
      { numRuns: 200 },
    );
  });

  it('breaks with one changed byte of the signature, wherever', () => {
    fc.assert(
      fc.property(secondLine(signature), bits, (position, flipped) => {
        expect(REFUSED).toContain(
          codeOf(() => verify(sums, change(signature, position, flipped), publicKey)),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('breaks with one changed byte of the key, wherever', () => {
    fc.assert(
      fc.property(secondLine(publicKey), bits, (position, flipped) => {
        expect(REFUSED).toContain(
          codeOf(() => verify(sums, signature, change(publicKey, position, flipped))),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('breaks with bytes before, behind or missing', () => {
    const changed = [sums.subarray(1), sums.subarray(0, -1), Buffer.concat([sums, Buffer.from('\n')])];
    for (const message of changed)
      expect(codeOf(() => verify(message, signature, publicKey))).toBe('SIGNATURE_WRONG');
  });

  it('does not cover the comment, which is not signed', () => {
    expect(verify(sums, signature.replace('verify with', 'whatever'), publicKey).id).toBe('b5043e70f9a75cde');
  });
});

describe('pinnedKeys', () => {
  const files = readdirSync(join(folder, 'keys'));

  it.each(files)('the key file %s has the number it is named by', (name) => {
    expect(parseUsignPublicKey(readFileSync(join(folder, 'keys', name), 'utf8')).id).toBe(name);
  });

  it.each([
    ['22.03.7', ['4d017e6f1ed5d616']],
    ['23.05.6', ['b5043e70f9a75cde']],
    ['24.10.8', ['d310c6f2833e97f7']],
    ['24.10.0-rc1', ['d310c6f2833e97f7']],
    ['24.10-SNAPSHOT', ['d310c6f2833e97f7', 'b5043e70f9a75cde']],
    ['25.12.5', ['b5043e70f9a75cde']],
    ['25.12-SNAPSHOT', ['b5043e70f9a75cde']],
    ['SNAPSHOT', ['b5043e70f9a75cde']],
  ])('%s: %j, with the bytes of the key files', (release, ids) => {
    if (!isReleaseName(release)) throw new Error(release);
    const keys = pinnedKeys(release);
    expect(keys.map(({ id }) => id)).toEqual(ids);
    for (const { id, key } of keys)
      expect(key).toEqual(parseUsignPublicKey(readFileSync(join(folder, 'keys', id), 'utf8')).key);
  });
});

describe('verifyUsign', () => {
  const keys = (name: string) => parseUsignPublicKey(readFileSync(join(folder, 'keys', name), 'utf8'));

  it('refuses a signature of a key that is not trusted, though it is a right one', () => {
    const trusted = [keys('d310c6f2833e97f7'), keys('4d017e6f1ed5d616')];
    const run = () => verifyUsign('sha256sums', sums, parseUsignSignature(signature), trusted);
    expect(codeOf(run)).toBe('SIGNATURE_KEY_UNKNOWN');
  });

  it('refuses a key that only has the number of the right one', () => {
    const impostor = { ...keys('b5043e70f9a75cde'), key: keys('d310c6f2833e97f7').key };
    const run = () => verifyUsign('sha256sums', sums, parseUsignSignature(signature), [impostor]);
    expect(codeOf(run)).toBe('SIGNATURE_WRONG');
  });

  it('tries every key of a number', () => {
    const impostor = { ...keys('b5043e70f9a75cde'), key: keys('d310c6f2833e97f7').key };
    const right = keys('b5043e70f9a75cde');
    expect(verifyUsign('sha256sums', sums, parseUsignSignature(signature), [impostor, right])).toBe(right);
  });
});

describe('parseUsignSignature', () => {
  const [comment = '', base64 = ''] = signature.split('\n');
  const bytes = Buffer.from(base64, 'base64');
  const encode = (data: Uint8Array) => `${comment}\n${Buffer.from(data).toString('base64')}\n`;

  it.each([
    ['nothing', ''],
    ['a page', '<html><body>Welcome</body></html>\n'],
    ['a comment alone', `${comment}\n`],
    ['three lines', `${comment}\n${base64}\n${base64}\n`],
    ['another first line', `trusted comment: x\n${base64}\n`],
    ['another algorithm', encode(Buffer.concat([Buffer.from('ED'), bytes.subarray(2)]))],
    ['a byte too few', encode(bytes.subarray(0, -1))],
    ['a byte too many', encode(Buffer.concat([bytes, Buffer.from([0])]))],
    ['a public key', publicKey],
    ['a blank in the base64', `${comment}\n${base64.slice(0, 20)} ${base64.slice(20)}\n`],
    ['base64 for addresses', `${comment}\n${base64.replaceAll('+', '-').replaceAll('/', '_')}\n`],
    ['base64 without its padding', `${comment}\n${base64.replace(/=+$/, '')}\n`],
    ['far too much', `${comment}\n${base64}\n${'x'.repeat(100_000)}`],
  ])('refuses %s', (_name, text) => {
    expect(codeOf(() => parseUsignSignature(text))).toBe('SIGNATURE_MALFORMED');
  });

  it.each([
    ['CR LF', `${comment}\r\n${base64}\r\n`],
    ['no end of the last line', `${comment}\n${base64}`],
    ['no comment', base64],
  ])('takes %s', (_name, text) => {
    expect(parseUsignSignature(text)).toEqual(parseUsignSignature(signature));
  });

  it('gives only its own errors for any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String({ minLength: 90, maxLength: 110 })), (text) => {
        expect(['none', 'SIGNATURE_MALFORMED']).toContain(codeOf(() => parseUsignSignature(text)));
        expect(['none', 'USIGN_KEY_INVALID']).toContain(codeOf(() => parseUsignPublicKey(text)));
      }),
    );
  });
});

describe.skipIf(lacksTools('signify-openbsd'))('signify', () => {
  it('judges as we do', () => {
    const dir = createTempDir();
    const run = (message: Uint8Array) => {
      writeFileSync(join(dir, 'sha256sums'), message);
      const args = ['-V', '-p', join(folder, 'b5043e70f9a75cde.pub'), '-x', join(folder, 'sha256sums.sig')];
      execFileSync('signify-openbsd', [...args, '-m', join(dir, 'sha256sums')], { stdio: 'ignore' });
    };
    expect(() => run(sums)).not.toThrow();
    expect(() => run(sums.subarray(1))).toThrow();
  });
});
