import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { malformedHint } from '../../src/cli/lang/ja/mape.ts';
import type { Say } from '../../src/cli/lang/ja/text.ts';
import { japanese } from '../../src/cli/lang/ja.ts';
import { translate } from '../../src/cli/lang/translate.ts';
import { renderError } from '../../src/cli/output/error.ts';
import { textWidth, wrap } from '../../src/cli/output/style.ts';
import { parseConfigText } from '../../src/config/parse.ts';
import { type Details, MapeImageError } from '../../src/errors.ts';
import { MapeError } from '../../src/mape/errors.ts';
import { makeCalculator } from '../../src/mape/lookup.ts';
import { serviceTable } from '../support/services.ts';

const ROOT = join(import.meta.dirname, '../..');
const LOOKS = { lang: 'ja', color: false, unicode: true, columns: 80 } as const;
const KANA_OR_KANJI = /[ぁ-んァ-ヶ一-龠]/;
/** Traces of a value that is missing. */
const BROKEN = /undefined|null|NaN|\[object|「」|（）| {2}|！|^[ 、。]|[、。 ]$/;
/** Latin and Japanese letters without a blank between them, and Japanese letters with one. */
const BAD_SPACING =
  /[A-Za-z0-9][ぁ-んァ-ヶ一-龠]|[ぁ-んァ-ヶ一-龠][A-Za-z0-9]|[ぁ-んァ-ヶ一-龠、。（「] [ぁ-んァ-ヶ一-龠、。」）]/;
/** What begins no line of Japanese text. */
const NO_START = /^[、。」）』】]/;

const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.startsWith('cli/lang/'))
  .map((path) => ({ path, text: readFileSync(join(ROOT, 'src', path), 'utf8') }));
const serviceFiles = readdirSync(join(ROOT, 'profiles/services')).map((name) =>
  readFileSync(join(ROOT, 'profiles/services', name), 'utf8'),
);
const entries = Object.entries(japanese);

/** Values as errors and findings carry them, by name. */
const PLAUSIBLE: Details = {
  archive: '/home/me/openwrt-imagebuilder.tar.zst',
  available: 6815744,
  bits: 31,
  boards: ['sample,board'],
  candidates: ['tplink_archer-c6-v2', 'tplink_archer-c6-v2-us'],
  character: ' ',
  characters: 0,
  choices: ['auto', 'ra', 'pd'],
  count: 3,
  encryption: 'sae-mixed',
  endUserBits: 56,
  example: '--prefix 2400:4151:8000:1200::/64',
  exitCode: 2,
  feeds: ['https://downloads.openwrt.org/releases/24.10.4/packages/mips_24kc/base'],
  file: 'secrets/wifi-key',
  first: '--uci',
  found: 'my_router',
  foundType: 'text',
  host: '10.0.0.1',
  hostCount: 2,
  image: 'sysupgrade',
  key: 'ea',
  kind: 'file',
  known: ['biglobe', 'nuro', 'ocn', 'v6plus'],
  lan: '192.168.1.1/24',
  left: 12,
  limit: 32,
  limitBytes: 7798784,
  line: 3,
  lowBytes: 7812345,
  missing: ['Makefile', 'include/version.mk'],
  mode: '4755',
  name: 'web',
  near: ['tplink_archer-c6-v2', 'tplink_archer-c6-v2-us'],
  offset: 8126448,
  origin: '--set lan.address',
  other: 'mail',
  otherPorts: 'tcp 5136-5151',
  overBytes: 131072,
  owner: 'dnsmasq-full',
  package: 'dnsmasq',
  packages: ['gawk', 'unzip'],
  path: 'wifi.networks[0].ssid',
  port: '80',
  problem: 'indent',
  profile: 'tplink_archer-c6',
  program: 'zstd',
  proto: 'tcp',
  readAs: '24.1',
  release: '23.05',
  right: '/home/me/openwrt-imagebuilder-24.10.4-ath79-generic.Linux-x86_64',
  second: '--json',
  seconds: 1800,
  section: 'network.wan6mape',
  service: 'transix',
  signal: 9,
  size: 4,
  sizeBytes: 48,
  source: 'MAPE_ROOT_HASH',
  ssid: '居間の無線',
  subnet: '192.168.1.0/24',
  subnetId: 52,
  suggestion: 'hostname',
  supported: ['22.03', '23.05', '24.10', '25.12', 'snapshot'],
  text: "unknown option '--foo'",
  title: 'TP-Link Archer C6 v2 (EU/RU/JP)',
  tools: ['awk', 'unzip'],
  trailerBytes: 16,
  type: 7,
  types: ['string', 'int'],
  usable: Array.from({ length: 15 }, (_, index) => `${5136 + 4096 * index}-${5151 + 4096 * index}`),
  value: '2400:4151:8000:1234:/64',
  variable: 'PACKAGES',
  version: '24.10.4',
  wanted: 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9',
  wantedBits: 56,
  wgetCode: 4,
  what: 'section',
  where: 'ocn',
  writableKiB: 192,
  zone: 'Asia/Pyongyang',
};

/** What `details.reason` and `details.problem` tell apart. */
const REASONS =
  'alias anonymous blank-inside blob brackets characters colon control-character documentation documents empty escape ' +
  'folder forced form full-width groups host indent ipv4 ipv4-mapped key length link link-local long loopback minus ' +
  'missing nested network not-unicode number ours outside-user-rules path plain private range root schema short start ' +
  'tag tilde twice type uci-defaults unexpected unique-local unknown-range unknown-rule unspecified value vanishes ' +
  'version vital yescrypt zone';

const NOTHING: Details = {};
const CASES: readonly (readonly [name: string, details: Details])[] = [
  ['nothing known', NOTHING],
  ['everything known', PLAUSIBLE],
  ['everything known and long', { ...PLAUSIBLE, found: '値'.repeat(500), value: '値'.repeat(500) }],
  ['empty values', { ...PLAUSIBLE, found: '', value: '', near: [], packages: [], boards: [], kind: 'env' }],
  ['a scalar found', { ...PLAUSIBLE, found: 24, former: true, givenUp: true, reason: 'forced' }],
  ...REASONS.split(' ').map((reason) => [reason, { ...PLAUSIBLE, reason, problem: reason }] as const),
];

/** Every code with every set of details. */
function* all(): Generator<readonly [name: string, details: Details, code: string, say: Say]> {
  for (const [name, details] of CASES) for (const [code, say] of entries) yield [name, details, code, say];
}

describe('Japanese sentences', () => {
  it('there is one for every error code', () => {
    const codes = sources
      .filter(({ path }) => path.endsWith('/errors.ts'))
      .flatMap(({ text }) => {
        const table = /const KIND = \{([\s\S]*?)\n\} as const/.exec(text)?.[1] ?? '';
        return [...table.matchAll(/^\s+([A-Z0-9_]+): '/gm)].map(([, code = '']) => code);
      });
    expect(codes.length).toBeGreaterThan(100);
    expect(codes.filter((code) => !Object.hasOwn(japanese, code))).toEqual([]);
  });

  it('there is one for every code of a finding or a warning', () => {
    const codes = [
      ...sources.flatMap(({ text }) =>
        [...text.matchAll(/\bcode: (?:\([^)\n]*\)|[^,\n]*)/g)].flatMap(([line]) =>
          [...line.matchAll(/'([A-Z]+(?:_[A-Z0-9]+)+)'/g)].map(([, code = '']) => code),
        ),
      ),
      ...serviceFiles.flatMap((text) =>
        [...text.matchAll(/^\s+- code: (\S+)$/gm)].map(([, code = '']) => code),
      ),
    ];
    expect(codes).toContain('IMAGE_SAMPLE_BOARD');
    expect(codes).toContain('NURO_RULE_PREDICTED');
    expect(codes.filter((code) => !Object.hasOwn(japanese, code))).toEqual([]);
  });

  it('say something readable, whatever is known', () => {
    for (const [name, details, code, say] of all()) {
      const { message, hint } = say(details);
      for (const text of [message, hint ?? 'かな']) {
        expect(text, `${code}: ${name}`).toMatch(KANA_OR_KANJI);
        expect(text, `${code}: ${name}`).not.toMatch(BROKEN);
        if (details === NOTHING) expect(text, code).not.toMatch(BAD_SPACING);
      }
    }
  });

  it('fit into 80 columns and break as Japanese text does', () => {
    for (const [name, details, code] of all()) {
      const error = new MapeImageError(code, 'input', {
        message: 'wanted a, found b',
        hint: 'do c',
        details,
      });
      for (const line of renderError(error, LOOKS)) {
        expect(textWidth(line), `${code}: ${name}`).toBeLessThanOrEqual(80);
        expect(line.trimStart(), `${code}: ${name}`).not.toMatch(NO_START);
      }
    }
  });

  it('read no detail that no source names', () => {
    const read = new Set<string>();
    const spy = (details: Details): Details =>
      new Proxy(details, {
        get(target, name) {
          read.add(String(name));
          return Reflect.get(target, name);
        },
      });
    for (const [, details, , say] of all()) say(spy(details));
    const unknown = [...read].filter(
      (name) => !sources.some(({ text }) => new RegExp(`\\b${name}\\b`).test(text)),
    );
    expect(unknown).toEqual([]);
  });

  it('tell every line that is not MAP-E by its own name and advice', () => {
    const nobody = japanese.PREFIX_NOT_MAP_E({ service: 'nobody' });
    for (const { id } of serviceTable.others) {
      expect(japanese.PREFIX_NOT_MAP_E({ service: id }).hint, id).not.toEqual(nobody.hint);
      expect(japanese.SERVICE_NOT_MAP_E({ service: id }).hint, id).not.toEqual(nobody.hint);
    }
  });

  it('tell every MAP-E service by the name its customers know', () => {
    for (const { id } of serviceTable.services)
      expect(japanese.PREFIX_NO_RULE({ reason: 'unknown-rule', service: id }).message).not.toContain(
        `「${id}」`,
      );
  });

  it.each([
    ['2409:10:1:2::/64', 'gw.transix.jp'],
    ['2408:1:2:3::/64', 'IPoE'],
    ['240b:12::/31', '/56'],
    ['fe80::1', 'WAN'],
    ['２４００::', '半角'],
    ['192.0.2.1', 'IPv4'],
  ])('give the advice for %s', (prefix, word) => {
    const error = thrownBy(() => makeCalculator(serviceTable)(prefix));
    expect(translate('ja', error).hint).toContain(word);
  });

  it('give each way of mistyping a prefix a hint of its own', () => {
    const reasons = ['empty', 'blank-inside', 'full-width', 'ipv4', 'zone', 'length', 'characters', 'groups'];
    expect(new Set(reasons.map((reason) => malformedHint({ reason }))).size).toBe(reasons.length);
  });

  it('name the setting and the value found in every finding of a settings file', () => {
    const { findings } = parseConfigText(MISTAKES, 'f.yaml');
    expect(findings.length).toBeGreaterThan(10);
    for (const finding of findings) {
      const { message } = translate('ja', finding);
      const { path, found, foundType } = finding.details ?? {};
      expect(message, finding.code).toContain(String(path));
      if (typeof found === 'string' && foundType === undefined && finding.code !== 'CONFIG_UNKNOWN_KEY')
        expect(message, finding.code).toContain(found);
    }
  });

  it('make line ends, control characters and marks of direction visible, and cut long values', () => {
    const { message } = japanese.PROFILE_UNKNOWN({ profile: `a\n\u001b[31m\u202e${'b'.repeat(500)}` });
    expect(message).toContain('「a\\n\\x1b[31m\\u202eb');
    expect(message.length).toBeLessThan(100);
    const found = 'x'.repeat(500);
    expect(japanese.CONFIG_BAD_HOSTNAME({ path: 'hostname', found }).message.length).toBeLessThan(150);
  });
});

describe('translate', () => {
  const thrown = { code: 'SOMETHING_NEW', message: 'wanted a, found b', hint: 'do c' };

  it.each(['ja', 'en'] as const)('leaves the sentence of an unknown code as it is: %s', (lang) => {
    expect(translate(lang, thrown)).toEqual({ message: thrown.message, hint: thrown.hint });
  });

  it('leaves English sentences as they were thrown', () => {
    expect(translate('en', { ...thrown, code: 'FILE_MISSING' }).message).toBe(thrown.message);
  });
});

describe('wrap', () => {
  it.each([
    ['breaks between kanji', '日本語日本語', 6, ['日本語', '日本語']],
    ['lets no line begin with a full stop', '日本語。日本', 6, ['日本', '語。日', '本']],
    ['lets no line begin with a closing bracket', '日本「語」語', 8, ['日本', '「語」語']],
    ['lets no line end with an opening bracket', '日本「語」', 6, ['日本', '「語」']],
    ['keeps katakana words whole', '別のプレフィックス', 16, ['別の', 'プレフィックス']],
    [
      'keeps signs with the word they enclose',
      'IPv4は「2001:db8::1」、',
      20,
      ['IPv4は', '「2001:db8::1」、'],
    ],
    ['breaks English at blanks', 'one two three', 7, ['one two', 'three']],
    ['keeps a word that is too wide in one piece', 'see /a/long/path now', 8, ['see', '/a/long/path', 'now']],
    ['counts no colours', '\u001b[31mred\u001b[39m blue', 8, ['\u001b[31mred\u001b[39m blue']],
    ['makes nothing of nothing', '', 8, []],
  ])('%s', (_name, text, width, lines) => {
    expect(wrap(text, width)).toEqual(lines);
  });

  it('loses no character and breaks no line it need not, whatever the text', () => {
    const words = fc.array(
      fc.constantFrom('日', '本', 'ー', '「', '」', '、', '。', 'カナ', 'abc', '…', ' ', '\u3000'),
    );
    fc.assert(
      fc.property(words, fc.integer({ min: 4, max: 20 }), (pieces, width) => {
        const text = pieces.join('');
        const lines = wrap(text, width);
        expect(lines.join('').replace(/\s/g, '')).toBe(text.replace(/\s/g, ''));
        if (textWidth(text) <= width) expect(lines.length).toBeLessThanOrEqual(1);
      }),
    );
  });
});

const MISTAKES = `
profil: x
release: 24.10
hostname: my_router
line: rq
lan: { address: 192.168.1.0/24 }
timezone: tokyo
wifi:
  networks:
    - { ssid: 日本語の長いネットワーク名前です, key: short }
    - { ssid: guest }
forwards: [tcp 80 to 192.168.1.10]
ntp: time.google.com
packages: { add: [luci, -ppp, foo=1.2] }
root: { passwordHash: secret }
ssh: { authorizedKeys: [ssh-ed25519 AAAA me] }
files: [{ from: x, to: relative }]
`;

function thrownBy(run: () => void): MapeError {
  try {
    run();
  } catch (error) {
    if (error instanceof MapeError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
