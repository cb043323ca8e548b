import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasTool, makeBin, makeTempFolder, runAsh } from '../support.ts';

const busybox = hasTool('busybox') && hasTool('awk', ['BEGIN { exit }']);

// Answers are those of uci itself (openwrt/uci 66127cd), asked the same questions.
const CONFIG = `
config zone
	option name 'lan'
	list network 'lan'

config zone
	option name "wan" # the outside
	option masq '1'
	list network wan
	list network 'a b'

config rule 'mape_br'
	option quote 'it'\\''s'
	option lines 'one
two'

`;

let root: string;
let bin: string;
beforeEach(() => {
  root = makeTempFolder();
  bin = makeBin(root);
  for (const folder of ['etc/config', 'tmp']) mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, 'etc/config/firewall'), CONFIG, { mode: 0o600 });
  writeFileSync(join(root, 'etc/config/empty'), '');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

interface Answer {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function uci(command: string, env: Readonly<Record<string, string>> = {}): Answer {
  const { status, stdout, stderr } = runAsh(`uci ${command}`, { root, bin, env });
  return { status, stdout, stderr };
}

function batch(lines: readonly string[], option = ''): Answer {
  writeFileSync(join(root, 'batch'), lines.map((line) => `${line}\n`).join(''));
  return uci(`${option} batch <"$IPKG_INSTROOT/batch"`);
}

const file = (name = 'firewall') => readFileSync(join(root, 'etc/config', name), 'utf8');
const staged = (name = 'firewall') => {
  const path = join(root, 'tmp/.uci', name);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
};

describe.runIf(busybox)('the stand-in of uci reads', () => {
  it.each([
    ['an option', 'get firewall.@zone[1].name', 'wan\n'],
    ['the type of a section', 'get firewall.mape_br', 'rule\n'],
    ['a section from the end', 'get firewall.@zone[-2].name', 'lan\n'],
    ['a section of any type by its place', 'get firewall.@[2].quote', "it's\n"],
    ['a list, items with blanks in quotes', 'get firewall.@zone[1].network', "wan 'a b'\n"],
    ['quotes only where it shows', 'get firewall.mape_br.quote', "it's\n"],
    ['text of two lines', 'get firewall.mape_br.lines', 'one\ntwo\n'],
    ['nothing of a configuration as a whole', 'get firewall', ''],
    ['an unnamed section by its made name', 'get firewall.cfg02dc81.name', 'wan\n'],
    ['one option, shown', 'show firewall.mape_br.quote', "firewall.mape_br.quote='it'\\''s'\n"],
    [
      'one section, shown by its made name',
      'show firewall.@zone[0]',
      "firewall.cfg01dc81=zone\nfirewall.cfg01dc81.name='lan'\nfirewall.cfg01dc81.network='lan'\n",
    ],
    [
      'a configuration, unnamed sections by type and place',
      'show firewall',
      `firewall.@zone[0]=zone
firewall.@zone[0].name='lan'
firewall.@zone[0].network='lan'
firewall.@zone[1]=zone
firewall.@zone[1].name='wan'
firewall.@zone[1].masq='1'
firewall.@zone[1].network='wan' 'a b'
firewall.mape_br=rule
firewall.mape_br.quote='it'\\''s'
firewall.mape_br.lines='one
two'
`,
    ],
    ['every configuration where none is named', 'export', undefined],
    ['an empty configuration', 'show empty', ''],
  ])('%s', (_, command, stdout) => {
    const answer = uci(command);
    expect(answer).toMatchObject({ status: 0, stderr: '' });
    expect(answer.stdout).toBe(
      stdout ??
        `package empty\n\npackage firewall\n${CONFIG.replace(/"wan" .*/, "'wan'").replace(' wan\n', " 'wan'\n")}`,
    );
  });

  it.each([
    ['an option that is not there', 'get firewall.mape_br.none'],
    ['a section that is not there', 'get firewall.@zone[2]'],
    ['a configuration that is not there', 'get none.a.b'],
    ['a place that is none', 'get firewall.@zone[x].name'],
    ['a name with other characters', 'get firewall.mape_br.a-b'],
    ['four steps', 'get firewall.mape_br.quote.x'],
  ])('%s: says so on stderr, not with -q, and ends with 1', (_, command) => {
    expect(uci(command)).toMatchObject({ status: 1, stdout: '', stderr: expect.stringMatching(/^uci: /) });
    expect(uci(`-q ${command}`)).toEqual({ status: 1, stdout: '', stderr: '' });
  });

  it.each([
    ['a word that starts no line', 'foo bar\n'],
    ['an option before the first section', '\toption a 1\n'],
    ['a word too many', "config a 'b' c\n"],
    ['quotes without an end', "config a\n\toption b 'c\n"],
    ['one section of two types', "config a 'n'\n\nconfig b 'n'\n"],
    ['a section name with other characters', "config a 'b-c'\n"],
  ])('a file with %s as broken', (_, text) => {
    writeFileSync(join(root, 'etc/config/firewall'), text);
    expect(uci('show firewall')).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/^uci: Parse error/),
    });
  });

  it.each([
    ['a backslash outside quotes', 'option b it\\ is', 'it is'],
    ['quotes within a word', `option b a'b c'"d'e"`, "ab cd'e"],
    ['a comment within a word', 'option b a#b', 'a'],
    ['what stands behind a semicolon as lost', 'option b a;option b c', 'a'],
    ['a backslash before the end of a line', 'option b a\\\nc', 'ac'],
  ])('%s', (_, line, value) => {
    writeFileSync(join(root, 'etc/config/empty'), `config a 's'\n\t${line}\n`);
    expect(uci('get empty.s.b').stdout).toBe(`${value}\n`);
  });
});

describe.runIf(busybox)('the stand-in of uci changes', () => {
  it.each([
    ['set a new option', ["set firewall.mape_br.a='1'"], "firewall.mape_br.a='1'\n"],
    ['set a new section', ["set firewall.new='rule'"], "firewall.new='rule'\n"],
    ['set what is there already', ["set firewall.@zone[1].masq='1'"], ''],
    [
      'set an unnamed section, by its made name',
      ["set firewall.@zone[1].a='1'"],
      "firewall.cfg02dc81.a='1'\n",
    ],
    ['set to nothing, which deletes', ["set firewall.mape_br.quote=''"], '-firewall.mape_br.quote\n'],
    ['set to nothing what is not there', ["set firewall.mape_br.none=''"], ''],
    ['delete an option', ['delete firewall.mape_br.quote'], '-firewall.mape_br.quote\n'],
    ['delete a section', ['delete firewall.@zone[0]'], '-firewall.cfg01dc81\n'],
    ['add to a list', ["add_list firewall.mape_br.l='x'"], "firewall.mape_br.l+='x'\n"],
    ['take from a list', ["del_list firewall.@zone[1].network='a b'"], "firewall.cfg02dc81.network-='a b'\n"],
    ['take from what is no list', ["del_list firewall.mape_br.quote='x'"], ''],
    ['rename a section', ['rename firewall.@zone[0]=lan'], "firewall.cfg01dc81='lan'\n"],
    ['text with quotes', [`set firewall.mape_br.a="it's"`], "firewall.mape_br.a='it'\\''s'\n"],
  ])('%s: staged, seen at once, in the file after a commit', (_, lines, changes) => {
    const before = file();
    expect(batch(lines)).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(uci('changes firewall').stdout).toBe(changes);
    expect(file()).toBe(before);
    const seen = uci('export firewall').stdout;
    expect(uci('commit firewall')).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(staged()).toBe('');
    expect(uci('changes').stdout).toBe('');
    expect(file()).toBe(changes === '' ? before : seen.replace('package firewall\n', ''));
  });

  it('adds an unnamed section and says its name', () => {
    expect(uci('add firewall rule').stdout).toBe('cfg0492bd\n');
    expect(uci('get firewall.@rule[-1]').stdout).toBe('rule\n');
    uci('commit');
    expect(file().endsWith('\nconfig rule\n\n')).toBe(true);
  });

  it('makes a list of an option that something is added to, in its place', () => {
    batch(["add_list firewall.@zone[1].masq='2'"]);
    uci('commit firewall');
    expect(file()).toContain("\toption name 'wan'\n\tlist masq '1'\n\tlist masq '2'\n\tlist network 'wan'\n");
  });

  it('leaves an option in its place where it is set again, and moves one that was deleted to the end', () => {
    batch([
      "set firewall.@zone[1].name='x'",
      'delete firewall.@zone[1].masq',
      "set firewall.@zone[1].masq='0'",
    ]);
    uci('commit firewall');
    expect(file()).toContain(
      "config zone\n\toption name 'x'\n\tlist network 'wan'\n\tlist network 'a b'\n\toption masq '0'\n",
    );
  });

  it.each([
    ['set of an option in no section', "set firewall.none.a='1'", 'Invalid argument'],
    ['set without a value', 'set firewall.mape_br.a', 'Invalid argument'],
    ['add_list in no section', "add_list firewall.none.a='1'", 'Invalid argument'],
    ['delete of what is not there', 'delete firewall.none', 'Entry not found'],
    ['rename of what is not there', 'rename firewall.none=a', 'Entry not found'],
    ['a configuration that is not there', "set none.a='b'", 'Entry not found'],
    ['a control character', "set firewall.mape_br.a='\u0001'", 'Parse error'],
    ['a command that is none', 'sett firewall.a=b', 'Unknown command'],
    ['four words', 'set a b c', 'Too many arguments'],
    ['quotes without an end', "set firewall.mape_br.a='b", 'Parse error'],
  ])('%s: complains, changes nothing, and a batch goes on and ends with 0', (_, line, error) => {
    const lines =
      error === 'Parse error' && line.endsWith("'b") ? [line] : [line, "set firewall.mape_br.z='1'"];
    const answer = batch(lines);
    expect(answer).toMatchObject({ status: 0, stdout: '' });
    expect(answer.stderr).toContain(error);
    expect(staged()).toBe(lines.length > 1 ? "firewall.mape_br.z='1'\n" : '');
  });

  it('is quiet in a batch with -q', () => {
    expect(batch(['delete firewall.none', 'foo', 'set firewall.none.a=1'], '-q')).toEqual({
      status: 0,
      stdout: '',
      stderr: '',
    });
  });

  it('ends alone with 1 where it complains', () => {
    expect(uci('set firewall.none.a=1')).toMatchObject({ status: 1, stderr: 'uci: Invalid argument\n' });
    expect(uci('foo')).toMatchObject({ status: 255 });
  });

  it.each([
    ['everything', 'firewall', ''],
    ['a section', 'firewall.mape_br', "firewall.new='rule'\n"],
    ['an option', 'firewall.mape_br.a', "firewall.new='rule'\nfirewall.mape_br.b='2'\n"],
  ])('takes back %s', (_, place, left) => {
    batch(["set firewall.new='rule'", "set firewall.mape_br.a='1'", "set firewall.mape_br.b='2'"]);
    expect(uci(`revert ${place}`)).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(staged()).toBe(left);
  });

  it('sees within a batch what a commit in it has written', () => {
    const answer = batch([
      "set firewall.mape_br.a='1'",
      'commit firewall',
      'get firewall.mape_br.a',
      'changes',
    ]);
    expect(answer.stdout).toBe('1\n');
    expect(file()).toContain("\toption a '1'\n");
  });

  it('keeps the mode of a file', () => {
    batch(["set firewall.new='rule'"]);
    uci('commit firewall');
    expect(statSync(join(root, 'etc/config/firewall')).mode & 0o777).toBe(0o600);
  });

  it('fails a commit where the flash is said to be full, and leaves file and changes', () => {
    const before = file();
    batch(["set firewall.new='rule'"]);
    expect(uci('commit firewall', { UCI_FULL_FLASH: 'firewall' })).toMatchObject({ status: 1 });
    expect(file()).toBe(before);
    expect(staged()).toBe("firewall.new='rule'\n");
  });

  it.each([
    'import firewall',
    'reorder firewall.mape_br=0',
    'delete firewall.@zone[1].network=0',
    '-c /x show',
  ])('refuses what it does not know, instead of guessing: %s', (command) => {
    expect(uci(command).status).toBe(99);
  });
});

describe.runIf(busybox)('the stand-in of jsonfilter', () => {
  const text =
    '{"a":{"b-c":[{"d":"one","n":7},{"d":2}],"t":true,"n":null,"e":"","q":"say \\"hi\\"","s":"it\'s\\n\\u001b"},"l":["x","y"],"o":{}}';
  it.each([
    ['@.a.t', 0, 'true\n'],
    ['@["a"]["b-c"][0].d', 0, 'one\n'],
    ['@.a["b-c"][*].d', 0, 'one\n2\n'],
    ['@.l[1]', 0, 'y\n'],
    ['@.a.e', 0, '\n'],
    ['@.a.q', 0, 'say "hi"\n'],
    ['@.a.n', 1, ''],
    ['@.none', 1, ''],
    ['@.l[2]', 1, ''],
    ['@.a[@.t=true]', 99, ''],
    ['t=@.a.t', 0, 'export t=1; '],
    ['x=@.a["b-c"][*].d', 0, `export x='one'\\ 2; `],
    ['q=@.a.s', 0, `export q='it'"'"'s\n\u001b'; `],
    ['n=@.a["b-c"][@.d="one"].n', 0, 'export n=7; '],
    ['n=@.a["b-c"][@.d="two"].n', 1, ''],
  ])('%s', (path, status, stdout) => {
    writeFileSync(join(root, 'value.json'), text);
    for (const input of ['-i "$IPKG_INSTROOT/value.json" -e', '<"$IPKG_INSTROOT/value.json" -e'])
      expect(runAsh(`jsonfilter ${input} '${path}'`, { root, bin })).toMatchObject({ status, stdout });
  });

  it('answers several paths of a text at once', () => {
    expect(
      runAsh(`jsonfilter -s '${text.replace("'", `'\\''`)}' -e l=@.l[0] -e none=@.none -e @.a.t`, {
        root,
        bin,
      }),
    ).toMatchObject({
      status: 0,
      stdout: "export l='x'; true\n",
    });
  });

  it('finds nothing in what is no JSON', () => {
    writeFileSync(join(root, 'value.json'), '{"a":');
    expect(runAsh(`jsonfilter -i "$IPKG_INSTROOT/value.json" -e @.a`, { root, bin }).status).toBe(1);
  });
});
