import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findNearest } from '../../src/bytes/nearest.ts';
import type { Config } from '../../src/config/config.ts';
import { parseFlagLayer } from '../../src/config/flags.ts';
import { mergeLayers } from '../../src/config/merge.ts';
import { parseConfigText } from '../../src/config/parse.ts';

type Field = readonly [name: string, build: (text: string) => unknown, read: (config: Config) => unknown];

/** Every place of the settings where a text stands, and where the same text is found afterwards. */
const FIELDS: readonly Field[] = [
  ['prefix', (prefix) => ({ prefix }), ({ prefix }) => prefix],
  ['profile', (profile) => ({ profile }), ({ profile }) => profile],
  ['release', (release) => ({ release }), ({ release }) => release],
  ['service', (service) => ({ service }), ({ service }) => service ?? 'auto'],
  ['rule', (rule) => ({ rule }), ({ rule }) => rule],
  ['line', (line) => ({ line }), ({ line }) => line],
  ['add', (name) => ({ packages: { add: [name] } }), ({ packages }) => packages.add[0]],
  ['remove', (name) => ({ packages: { remove: [name] } }), ({ packages }) => packages.remove[0]],
  ['lan', (address) => ({ lan: { address } }), ({ lan }) => lan.address],
  ['hostname', (hostname) => ({ hostname }), ({ hostname }) => hostname],
  ['timezone', (timezone) => ({ timezone }), ({ timezone }) => timezone],
  ['ntp', (server) => ({ ntp: [server] }), ({ ntp }) => ntp[0]],
  ['country', (country) => ({ wifi: { country } }), ({ wifi }) => wifi?.country],
  [
    'ssid',
    (ssid) => ({ wifi: { networks: [{ ssid, encryption: 'owe' }] } }),
    ({ wifi }) => wifi?.networks[0]?.ssid,
  ],
  [
    'key',
    (key) => ({ wifi: { networks: [{ ssid: 'a', encryption: 'psk2', key }] } }),
    ({ wifi }) => Object.values(wifi?.networks[0]?.key ?? {})[0],
  ],
  [
    'key file',
    (file) => ({ wifi: { networks: [{ ssid: 'a', encryption: 'psk2', key: { file } }] } }),
    ({ wifi }) => Object.values(wifi?.networks[0]?.key ?? {})[0],
  ],
  ['ssh key', (key) => ({ ssh: { authorizedKeys: [key] } }), ({ ssh }) => ssh.authorizedKeys[0]],
  [
    'hash env',
    (env) => ({ root: { passwordHash: { env } } }),
    (config) => Object.values(config.rootPasswordHash ?? {})[0],
  ],
  [
    'hash',
    (passwordHash) => ({ root: { passwordHash } }),
    (config) => Object.values(config.rootPasswordHash ?? {})[0],
  ],
  ['opening', (name) => ({ ipv6: { allow: [{ name, ports: [1] }] } }), ({ ipv6 }) => ipv6.allow[0]?.name],
  [
    'opening host',
    (host) => ({ ipv6: { allow: [{ name: 'a', ports: [1], host }] } }),
    ({ ipv6 }) => ipv6.allow[0]?.host,
  ],
  [
    'forward name',
    (name) => ({ forwards: [{ name, proto: 'tcp', port: 1, host: '192.168.1.2' }] }),
    ({ forwards }) => forwards[0]?.name,
  ],
  [
    'forward host',
    (host) => ({ forwards: [{ proto: 'tcp', port: 1, host }] }),
    ({ forwards }) => forwards[0]?.host,
  ],
  ['file from', (from) => ({ files: [{ from, to: '/a' }] }), ({ files }) => files[0]?.content.source],
  ['file to', (to) => ({ files: [{ from: 'a', to }] }), ({ files }) => files[0]?.path],
  ['uci value', (value) => ({ uci: { a: { b: { c: value } } } }), ({ uci }) => uci[0]?.value],
  ['uci type', (type) => ({ uci: { a: { b: { '.type': type } } } }), ({ uci }) => uci[0]?.value],
  [
    'uci option',
    (option) => ({ uci: { a: { b: { [option]: 'x' } } } }),
    ({ uci }) => uci[0]?.option ?? '.type',
  ],
  ['uci section', (section) => ({ uci: { a: { [section]: { c: 'x' } } } }), ({ uci }) => uci[0]?.section],
  ['uci config', (config) => ({ uci: { [config]: { b: { c: 'x' } } } }), ({ uci }) => uci[0]?.config],
];

const hostile = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.stringMatching(/^[a-z0-9.:/_-]{1,12}$/),
  fc.constantFrom(
    '',
    "'",
    '"',
    '\\',
    '$(reboot)',
    '`x`',
    '../..',
    '\u202e',
    '\u0000',
    '%s',
    '{{x}}',
    '__proto__',
    'a\nb',
    '-n',
    '~',
  ),
);

describe('any text at any place', () => {
  it.each(FIELDS)('%s: an error is found, or the configuration holds the very text', (_, build, read) => {
    fc.assert(
      fc.property(hostile, (text) => {
        const { layer, findings } = parseConfigText(escapeJson(build(text)), 'f.yaml');
        if (findings.some(({ severity }) => severity === 'error')) return;
        if (layer === undefined) throw new Error('neither a finding nor a layer');
        expect(read(mergeLayers([layer]).config)).toBe(text);
      }),
      { numRuns: 150 },
    );
  });

  it('no text at all makes the parser throw', () => {
    const piece = fc.constantFrom(
      'hostname',
      ': ',
      '\n',
      '  ',
      '- ',
      '[',
      ']',
      '{',
      '}',
      '"',
      "'",
      '&a ',
      '*a',
      '!x ',
      '|',
      '>',
      '#',
      '? ',
      'wifi',
      'uci',
      ',',
      '\t',
      '---\n',
      '%',
      '1.10',
      'null',
      '~',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(piece, { maxLength: 40 }).map((all) => all.join('')),
        ),
        (text) => {
          const { layer, findings } = parseConfigText(text, 'f.yaml');
          expect(layer !== undefined || findings.length > 0).toBe(true);
          for (const { place } of findings)
            expect(place === undefined || (place.line >= 1 && place.column >= 1)).toBe(true);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('no --set makes the parser throw', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (path, value) => {
        const { layer, findings } = parseFlagLayer({ set: [`${path}=${value}`] });
        expect(layer !== undefined || findings.length > 0).toBe(true);
      }),
    );
  });
});

describe('suggestions', () => {
  it('find a word again after one slip', () => {
    const words = ['prefix', 'profile', 'release', 'hostname', 'timezone', 'reservedPorts'];
    fc.assert(
      fc.property(fc.constantFrom(...words), fc.nat(), fc.constantFrom('', 'q'), (word, at, letter) => {
        const index = at % word.length;
        expect(findNearest(word.slice(0, index) + letter + word.slice(index + 1), words)[0]).toBe(word);
      }),
    );
  });
});

/** JSON is YAML; what JSON leaves bare and YAML refuses is escaped. */
function escapeJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
