import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MapeImageError } from '../../src/errors.ts';
import { nftString, nftToken, plainLine, shWord, uciKey, uciValue } from '../../src/overlay/quote.ts';
import { parseWords } from './stand-in/uci-text.mjs';
import { hasTool, runAsh } from './support.ts';

const busybox = hasTool('busybox');

/** Text that tries to get out of its quotes. */
const hostile = fc.oneof(
  fc.constantFrom(
    "'",
    "''",
    '"',
    '\\',
    "\\'",
    "'\\''",
    '$(id)',
    '`id`',
    ';',
    '#',
    ' # x',
    '&&',
    '$IFS',
    '*',
    '~',
    '!',
    '家',
    '🏠',
    '=',
    '-n',
    '\n',
    '\0',
    '\t',
    '\r',
    '\x1b',
    '\x85',
    '\u2028',
    '\ud800',
  ),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
);
const text = fc.array(hostile, { maxLength: 6 }).map((parts) => parts.join(''));

const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]|\p{Surrogate}/u;

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof MapeImageError) return error.code;
    throw error;
  }
}

describe('uciValue', () => {
  it.each([
    ['plain', "'plain'"],
    ["it's", "'it'\\''s'"],
    ['#x; "y"', '\'#x; "y"\''],
  ])('quotes %s', (value, expected) => {
    expect(uciValue(value)).toBe(expected);
  });

  it('is read back as it was by UCI, or refused', () => {
    fc.assert(
      fc.property(text, (value) => {
        if (control.test(value) || value === '')
          expect(codeOf(() => uciValue(value))).toBe('OVERLAY_UNSAFE_VALUE');
        else expect(parseWords(`set a.b.c=${uciValue(value)}`)).toEqual(['set', `a.b.c=${value}`]);
      }),
      { numRuns: 500 },
    );
  });
});

describe('shWord', () => {
  it.runIf(busybox)('is read back as it was by ash, or refused', () => {
    const accepted: string[] = [];
    fc.assert(
      fc.property(text, (value) => {
        if (control.test(value)) expect(codeOf(() => shWord(value))).toBe('OVERLAY_UNSAFE_VALUE');
        else accepted.push(value);
      }),
      { numRuns: 500 },
    );
    const run = runAsh(accepted.map((value) => `printf '%s\\n' ${shWord(value)}`).join('\n'), { root: '' });
    expect(run.stderr).toBe('');
    expect(run.stdout.split('\n').slice(0, -1)).toEqual(accepted);
  });
});

describe('tokens', () => {
  it.each([
    [uciKey, 'network.wan6mape.proto'],
    [uciKey, 'firewall.@zone[1].network'],
    [uciKey, 'my-app.main'],
    [nftToken, '14.8.52.86'],
    [nftToken, '5136-5151'],
    [nftToken, '5136'],
    [nftToken, '65535'],
    [nftToken, 'mape_image'],
    [plainLine, 'ssh-ed25519 AAAA me@example'],
  ])('%o takes %s as it is', (quote, value) => {
    expect(quote(value)).toBe(value);
  });

  it('puts device names in double quotes', () => {
    expect([nftString('map-wan6mape'), nftString('map-*')]).toEqual(['"map-wan6mape"', '"map-*"']);
    expect(nftToken(7)).toBe('7');
  });

  it.each([
    ['a key with a value', uciKey, 'a.b=c'],
    ['a key with a blank', uciKey, 'a.b c'],
    ['a package alone', uciKey, 'network'],
    ['an address that is none', nftToken, '14.8.52.256'],
    ['a range upside down', nftToken, '10-9'],
    ['a range beyond the ports', nftToken, '10-65536'],
    ['a port beyond the ports', nftToken, '65536'],
    ['a range of one port', nftToken, '10-10'],
    ['an nft statement', nftToken, 'a; flush ruleset'],
    ['a negative number', nftToken, -1],
    ['a fraction', nftToken, 1.5],
    ['a star inside a name', nftString, 'map-*x'],
    ['a quote in a name', nftString, 'a"b'],
    ['a name the kernel cuts', nftString, 'map-wan6mapetwelve'],
    ['nothing', uciValue, undefined],
    ['a number where text belongs', uciValue, 1],
  ])('refuse %s', (_, quote, value) => {
    expect(codeOf(() => quote(value))).toBe('OVERLAY_UNSAFE_VALUE');
  });
});
