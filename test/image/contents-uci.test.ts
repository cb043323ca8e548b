import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MapeImageError } from '../../src/errors.ts';
import { splitShell } from '../../src/image/contents/shell.ts';
import { UNKNOWN } from '../../src/image/contents/shell-words.ts';
import { parseUci } from '../../src/image/contents/uci.ts';
import { parseUciBatch, parseUciScript } from '../../src/image/contents/uci-changes.ts';
import { computeUciState } from '../../src/image/contents/uci-state.ts';
import { lacksTools } from '../io/tools.ts';
import { readFixture } from '../support/fixtures.ts';
import { codeOf } from './problem-of.ts';

const PATH = '/etc/config/test';

/** `type.name{option=value}`, `-` for no name, items of lists joined by `|`. */
function show(text: string): readonly string[] {
  return parseUci(text, PATH).map(({ type, name, options }) => {
    const shown = [...options].map(([key, value]) => `${key}=${[value].flat().join('|')}`);
    return `${type}.${name ?? '-'}{${shown.join(',')}}`;
  });
}

describe('parseUci', () => {
  it.each([
    [
      'a section with a name',
      "config interface 'lan'\n\toption proto 'static'\n",
      ['interface.lan{proto=static}'],
    ],
    ['a section without one', 'config dropbear\n', ['dropbear.-{}']],
    ['one letter for a word', 'c a b\no x 1\nl y 2\nl y 3', ['a.b{x=1,y=2|3}']],
    ['comments and blank lines', '\n# x\n  \nconfig a b # c\n\toption x y#z\n', ['a.b{x=y}']],
    ['pieces that join', `config a b\n option x 'it'"s"\\ one\n`, ['a.b{x=its one}']],
    ['the quote OpenWrt writes for a quote', `config a b\n option x 'it'\\''s'\n`, ["a.b{x=it's}"]],
    ['a # inside quotes', `config a b\n option x '#1'\n`, ['a.b{x=#1}']],
    ['backslashes in single quotes', `config a b\n option x 'a\\b'\n`, ['a.b{x=a\\b}']],
    ['backslashes in double quotes', `config a b\n option x "a\\"b\\\\"\n`, ['a.b{x=a"b\\}']],
    ['a line end inside quotes', `config a b\n option x 'one\ntwo'\n option y 1\n`, ['a.b{x=one\ntwo,y=1}']],
    ['a line that goes on', `config a b\n option x one\\\ntwo\n`, ['a.b{x=onetwo}']],
    ['the last of two options', 'config a b\n option x 1\n option x 2\n', ['a.b{x=2}']],
    ['an empty option takes away', "config a b\n option x 1\n option x ''\n", ['a.b{}']],
    ['a list that goes on with an option', 'config a b\n option x 1\n list x 2\n', ['a.b{x=1|2}']],
    ['an option in place of a list', 'config a b\n list x 1\n option x 2\n', ['a.b{x=2}']],
    [
      'a section that comes again',
      'config a b\n option x 1\nconfig c d\nconfig a b\n option y 2\n',
      ['a.b{x=1,y=2}', 'c.d{}'],
    ],
    ['a package line', 'package network\nconfig a b\n', ['a.b{}']],
    ['what stands behind a semicolon is lost', 'config a b; option x 1\n', ['a.b{}']],
    ['the end without a line end', 'config a b\n\toption x 1', ['a.b{x=1}']],
    ['carriage returns', 'config a b\r\n\toption x 1\r\n', ['a.b{x=1}']],
    ['nothing', '', []],
  ])('reads %s', (_, text, expected) => {
    expect(show(text)).toEqual(expected);
  });

  it.each([
    ['another word', 'configure a b', 'command'],
    ['an option first', 'option a b', 'no-section'],
    ['quotes without an end', "config a 'b", 'quotes'],
    ['a backslash at the end of double quotes', 'config a "b\\', 'quotes'],
    ['a NUL', 'config a b\0', 'nul'],
    ['no type', 'config', 'fields'],
    ['too many words', 'config a b c', 'fields'],
    ['an option without a name', 'config a b\noption', 'fields'],
    ['a name with a dash', 'config a b-c', 'characters'],
    ['an option name with a dot', 'config a b\noption c.d e', 'characters'],
    ['a name for two types', 'config a b\nconfig c b', 'type'],
    ['sections without end', 'config a\n'.repeat(6_000), 'too-many'],
  ])('refuses %s', (_, text, problem) => {
    expect(codeOf(() => parseUci(text, PATH))).toBe(`IMAGE_FILE_INVALID: ${problem}`);
  });

  it('says the line, counted through quotes that span lines', () => {
    expect(() => parseUci("config a b\noption x 'one\ntwo\nthree'\nfoo\n", PATH)).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ line: 5, path: PATH }) }),
    );
  });

  it.each(['22.03.7', '23.05.6', '24.10.8', '25.12.5'])('reads the network OpenWrt %s makes', (release) => {
    const sections = parseUci(readFixture(`image/contents/network-v${release}.uci`), '/etc/config/network');
    const wan6 = sections.find(({ name }) => name === 'wan6');
    expect(wan6?.type).toBe('interface');
    expect(wan6?.options.get('proto')).toBe('dhcpv6');
    expect(sections.some(({ type, name }) => type === 'device' && name === undefined)).toBe(true);
  });

  it('gives back whatever was written with single quotes', () => {
    const quote = (value: string) => `'${value.replaceAll("'", "'\\''")}'`;
    const value = fc
      .string({ minLength: 1, unit: 'grapheme' })
      .filter((text) => !/[\0\ud800-\udfff]/.test(text));
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 5 }), (values) => {
        const text = `config a b\n${values.map((item) => `\tlist x ${quote(item)}\n`).join('')}`;
        expect(parseUci(text, PATH)[0]?.options.get('x')).toEqual(values);
      }),
    );
  });
});

describe('splitShell', () => {
  const words = (text: string) => splitShell(text).map((command) => command.words);

  it.each([
    ['quotes and backslashes', `uci set a='b c' "d e" f\\ g`, [['uci', 'set', 'a=b c', 'd e', 'f g']]],
    ['commands on one line', 'a; b && c || d | e & f', [['a'], ['b'], ['c'], ['d'], ['e'], ['f']]],
    ['a line that goes on', 'a b \\\n c', [['a', 'b', 'c']]],
    ['comments', '# x\na # y\nb#c', [['a'], ['b#c']]],
    ['variables of the script', `X='1 2'\na $X "\${X}" '$X'`, [['X=1 2'], ['a', '1 2', '1 2', '$X']]],
    ['variables of the router', 'a $Y "b$1" `c d`', [['a', UNKNOWN, `b${UNKNOWN}`, UNKNOWN]]],
    ['commands inside', `a "$(b ")" | c)" d`, [['a', UNKNOWN, 'd']]],
    ['redirections', 'a 2>/dev/null >b <c d2', [['a', 'd2']]],
    ['a dollar alone', 'a $ "$"', [['a', '$', '$']]],
  ])('reads %s', (_, text, expected) => {
    expect(words(text)).toEqual(expected);
  });

  it.each([
    ['a bare delimiter expands', 'X=1\ncat <<EOF\na $X \\$X\nEOF\nb\n', 'a 1 $X\n'],
    ['a quoted one does not', "X=1\ncat <<'EOF'\na $X\nEOF\nb\n", 'a $X\n'],
    ['a dash strips tabs', "cat <<-'EOF'\n\t\ta\n\tEOF\nb\n", 'a\n'],
    ['an end that never comes', 'cat <<EOF\na\n', 'a\n'],
  ])('reads a here-document: %s', (_, text, expected) => {
    const commands = splitShell(text);
    expect(commands.find((command) => command.words[0] === 'cat')?.here).toBe(expected);
  });
});

describe.skipIf(lacksTools('busybox'))('splitShell against busybox ash', () => {
  const piece = fc.constantFrom(
    'a',
    'b-c',
    ' ',
    "' x  y'",
    '"z $V"',
    '"\\$V \\" \\a"',
    '\\ ',
    '\\\n',
    '$V ',
    `\${V}`,
    "'\"'",
    '"\'"',
    '#n',
    '=',
    '.',
    '@x[-1]',
    '*',
  );

  it('finds the words that the shell hands to uci', () => {
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 8 }), (pieces) => {
        const script = `V=value\nuci ${pieces.join('')}\n`;
        const shown = `set -f\nuci() { printf '%s\\n' uci "$@" ; }\n${script}`;
        const run = spawnSync('busybox', ['ash', '-c', shown], { encoding: 'utf8', cwd: '/' });
        expect(run.error).toBeUndefined();
        const words = splitShell(script).find((command) => command.words[0] === 'uci')?.words;
        expect(words?.map((word) => `${word}\n`).join('')).toBe(run.stdout);
      }),
      { numRuns: 150 },
    );
  });
});

describe('parseUciScript', () => {
  const read = (text: string) =>
    parseUciScript(text, '/etc/uci-defaults/99').map(
      ({ verb, config, section, option, value }) => `${verb} ${config}.${section}.${option ?? ''}=${value}`,
    );

  it.each([
    ['set', "uci set network.wan.proto='dhcp'", ['set network.wan.proto=dhcp']],
    ['several at once', 'uci -q set a.b=c a.b.d=e', ['set a.b.=c', 'set a.b.d=e']],
    ['behind other words', 'if [ -e x ]; then uci -c /tmp -q add_list a.b.c=d; fi', ['add_list a.b.c=d']],
    [
      'a section by its place',
      "uci set system.@system[-1].hostname='x'",
      ['set system.@system[-1].hostname=x'],
    ],
    ['a section found out on the router', 'uci set firewall.$s.name=x', ['set firewall.?.name=x']],
    ['a value found out on the router', 'uci set a.b.c="$(cat /x)"', ['set a.b.c=null']],
    ['a value of the script', 'KEY=secret\nuci set a.b.c=$KEY', ['set a.b.c=secret']],
    [
      'a batch',
      "uci -q batch <<'EOF'\nset a.b=c\nset a.b.d='e f'\ndelete a.g\nEOF\n",
      ['set a.b.=c', 'set a.b.d=e f', 'delete a.g.='],
    ],
    ['a batch through a pipe', 'cat <<EOF | uci batch\nset a.b.c=d\nEOF\n', ['set a.b.c=d']],
    [
      'a file written',
      "cat >/etc/config/a <<'EOF'\nconfig t n\n\toption x 1\nconfig t\n\tlist y 2\nEOF\n",
      ['set a.n.=t', 'set a.n.x=1', 'add a..=t', 'add_list a.@t[-1].y=2'],
    ],
    ['a section added', 'uci add firewall rule', ['add firewall..=rule']],
    ['what changes nothing', 'uci get a.b.c; uci commit; uci; echo uci set a.b=c', []],
  ])('sees %s', (_, text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  it('says the line of a change inside a here-document', () => {
    const text = '#!/bin/sh\n\nuci batch <<EOF\nset a.b=c\nset a.b.d=e\nEOF\n';
    expect(parseUciScript(text, '/x').map(({ line }) => line)).toEqual([4, 5]);
  });
});

describe('computeUciState', () => {
  it('is the configuration with the changes of the scripts over it', () => {
    const files = [
      {
        config: 'a',
        path: '/etc/config/a',
        sections: parseUci('config t n\noption x 1\noption y 2\nconfig t\noption z 3\n', '/etc/config/a'),
      },
    ];
    const script =
      'uci set a.n.x=9; uci delete a.n.y; uci set a.@t[-1].z=8; uci add_list a.n.l=1; uci add_list a.n.l=2; uci add a u; uci set a.@u[-1].v=1; uci set b.c.d=e; uci delete a.nothing';
    const state = computeUciState(files, parseUciScript(script, '/s'));
    const shown = [...state].map(([config, sections]) => [
      config,
      sections.map(({ type, name, options }) => [
        type,
        name,
        [...options].map(([key, { value, path }]) => [key, value, path]),
      ]),
    ]);
    expect(shown).toEqual([
      [
        'a',
        [
          [
            't',
            'n',
            [
              ['x', '9', '/s'],
              ['l', ['1', '2'], '/s'],
            ],
          ],
          ['t', undefined, [['z', '8', '/s']]],
          ['u', undefined, [['v', '1', '/s']]],
        ],
      ],
      ['b', [[undefined, 'c', [['d', 'e', '/s']]]]],
    ]);
  });
});

describe('hostile text', () => {
  const piece = fc.constantFrom(
    "'",
    '"',
    '\\',
    '\n',
    ' ',
    '#',
    ';',
    '$',
    '`',
    '(',
    ')',
    '{',
    '}',
    '<<',
    '<<-',
    '>',
    '|',
    '&',
    '=',
    'uci ',
    'set ',
    'config ',
    'option ',
    'a.b.c=',
    'a',
    '\0',
    '\u{10ffff}',
    '@x[-1]',
  );
  const text = fc.oneof(
    fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join('')),
    fc.string(),
  );

  it('gives a result or a coded error, never anything else', () => {
    fc.assert(
      fc.property(text, (input) => {
        for (const parse of [parseUci, parseUciBatch, parseUciScript]) {
          try {
            parse(input, PATH);
          } catch (error) {
            expect(error).toBeInstanceOf(MapeImageError);
          }
        }
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    "'",
    '"',
    '\\',
    '$(',
    '${',
    '`',
    '(',
    '<<E\n',
    '<',
    '>',
    '\\\n',
    'a ',
    "a'b'",
    '#\n',
    'set a.b.c=d\n',
    'uci set a.b=c\n',
    'X=$X$X\n',
  ])('takes bounded time and memory over a megabyte of %j', (repeated) => {
    const input = repeated.repeat(Math.ceil(1_000_000 / repeated.length));
    const startedMs = performance.now();
    for (const parse of [parseUci, parseUciBatch, parseUciScript])
      expect(codeOf(() => parse(input, PATH))).toMatch(/^(?:none|IMAGE_FILE_INVALID: )/);
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  });
});
