import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isReleaseName, type ReleaseName } from '../../src/release/release-name.ts';
import { parseTargetName } from '../../src/release/target.ts';
import {
  DEFAULT_MIRROR,
  parseMirrorUrl,
  releaseUrl,
  targetFileUrl,
  targetUrl,
  versionsUrl,
} from '../../src/release/urls.ts';
import { codeOf } from './code-of.ts';

const mirror = parseMirrorUrl(DEFAULT_MIRROR);
function release(text: string): ReleaseName {
  if (isReleaseName(text)) return text;
  throw new Error(text);
}

describe('addresses', () => {
  it.each([
    ['24.10.8', 'https://downloads.openwrt.org/releases/24.10.8'],
    ['24.10.0-rc1', 'https://downloads.openwrt.org/releases/24.10.0-rc1'],
    ['24.10-SNAPSHOT', 'https://downloads.openwrt.org/releases/24.10-SNAPSHOT'],
    ['SNAPSHOT', 'https://downloads.openwrt.org/snapshots'],
  ])('of %s', (name, url) => {
    expect(releaseUrl(mirror, release(name))).toBe(url);
    expect(targetUrl(mirror, release(name), parseTargetName('ath79/generic'))).toBe(
      `${url}/targets/ath79/generic`,
    );
  });

  it('a name cannot leave its folder', () => {
    const url = targetFileUrl(mirror, release('24.10.8'), parseTargetName('x86/64'), 'a?b#c/d e');
    expect(new URL(url).pathname).toBe('/releases/24.10.8/targets/x86/64/a%3Fb%23c/d%20e');
  });

  it.each([
    ['https://ftp.example/openwrt/', 'https://ftp.example/openwrt/.versions.json'],
    ['http://192.0.2.1:8080', 'http://192.0.2.1:8080/.versions.json'],
    ['http://[2001:db8::1]//', 'http://[2001:db8::1]/.versions.json'],
    ['HTTPS://Example.ORG', 'https://example.org/.versions.json'],
  ])('mirror %s', (text, url) => expect(versionsUrl(parseMirrorUrl(text))).toBe(url));

  it.each([
    '',
    'downloads.openwrt.org',
    'ftp://downloads.openwrt.org',
    'file:///srv/openwrt',
    'https://user:secret@example.org',
    'https://example.org/?a=b',
    'https://example.org/#a',
    'https://',
  ])('no mirror: %j', (text) => expect(codeOf(() => parseMirrorUrl(text))).toBe('MIRROR_INVALID'));

  it('any text gives an address below it or MIRROR_INVALID', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl()), (text) => {
        expect(['none', 'MIRROR_INVALID']).toContain(codeOf(() => parseMirrorUrl(text)));
      }),
    );
  });

  it('a password in the address stands in no message', () => {
    let message = '';
    try {
      parseMirrorUrl('https://user:secret@example.org');
    } catch (error) {
      message = JSON.stringify({ ...Object(error), text: String(error) });
    }
    expect(message).toContain('MIRROR_INVALID');
    expect(message).not.toContain('secret');
  });
});
