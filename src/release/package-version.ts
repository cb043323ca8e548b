export type PackageManager = 'opkg' | 'apk';

/** Negative: `a` is older; positive: `a` is newer; 0: neither. */
export type VersionOrder = -1 | 0 | 1;

/**
 * Compare two versions by the rules of the package manager that installed them; total, also over text that is no version.
 *
 * @see Debian Policy §5.6.12 (opkg follows it); apk-tools doc/apk-package.5.scd (package version)
 */
export function comparePackageVersions(manager: PackageManager, a: string, b: string): VersionOrder {
  return manager === 'opkg' ? compareOpkg(a, b) : compareApk(a, b);
}

/** Which way a package went; `changed`: another version, of which neither is the newer one. */
export type VersionStep = 'upgraded' | 'downgraded' | 'changed';

/** Which way a package went from one version to another. The hash of a commit says nothing of its age and does not count. */
export function findVersionStep(manager: PackageManager, from: string, to: string): VersionStep {
  const withoutHash = (version: string) => version.replace(/~[0-9a-f]{6,64}/g, '');
  const order = comparePackageVersions(manager, withoutHash(from), withoutHash(to));
  return order < 0 ? 'upgraded' : order > 0 ? 'downgraded' : 'changed';
}

/** `[epoch:]upstream[-revision]`, part by part. */
function compareOpkg(a: string, b: string): VersionOrder {
  const [left, right] = [splitOpkg(a), splitOpkg(b)];
  return (
    compareNumbers(left.epoch, right.epoch) ||
    compareOpkgPart(left.upstream, right.upstream) ||
    compareOpkgPart(left.revision, right.revision)
  );
}

function splitOpkg(version: string): { epoch: string; upstream: string; revision: string } {
  const [before = '', epoch = '0'] = /^([0-9]+):/.exec(version) ?? [];
  const rest = version.slice(before.length);
  const dash = rest.lastIndexOf('-');
  if (dash < 0) return { epoch, upstream: rest, revision: '' };
  return { epoch, upstream: rest.slice(0, dash), revision: rest.slice(dash + 1) };
}

/** Runs of other characters and of digits by turns; `~` sorts before the end, letters before all the rest. */
function compareOpkgPart(a: string, b: string): VersionOrder {
  const [left, right] = [splitRuns(a), splitRuns(b)];
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const [x, y] = [left[index] ?? '', right[index] ?? ''];
    const order = index % 2 === 0 ? compareOpkgText(x, y) : compareNumbers(x, y);
    if (order !== 0) return order;
  }
  return 0;
}

/** Text, digits, text, digits …, beginning with text, which may be empty. */
function splitRuns(part: string): readonly string[] {
  return [...part.matchAll(/([^0-9]*)([0-9]*)/g)].flatMap(([, text = '', digits = '']) => [text, digits]);
}

function compareOpkgText(a: string, b: string): VersionOrder {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const order = sign(weighOpkg(a[index]) - weighOpkg(b[index]));
    if (order !== 0) return order;
  }
  return 0;
}

function weighOpkg(character: string | undefined): number {
  if (character === undefined) return 0;
  if (character === '~') return -1;
  const code = character.charCodeAt(0);
  return /[A-Za-z]/.test(character) ? code : code + 0x10000;
}

/**
 * The kinds of token in the order that decides where versions differ in kind: `1.2` (number, part), `b` (letter), `_rc1`
 * (suffix, count), `~1f2e` (hash), `-r3` (revision), the end, and what no version has.
 */
const APK_KINDS = [
  'number',
  'part',
  'letter',
  'suffix',
  'count',
  'hash',
  'revision',
  'end',
  'invalid',
] as const;

interface ApkToken {
  readonly kind: (typeof APK_KINDS)[number];
  readonly text: string;
}

const BEFORE_RELEASE = ['alpha', 'beta', 'pre', 'rc'];
const SUFFIXES = [...BEFORE_RELEASE, 'cvs', 'svn', 'git', 'hg', 'p'];

/** What may stand next, by kind, and behind which kinds: `digit{.digit}…{letter}{_suffix{digits}}…{~hash}{-r digits}`. */
const APK_TOKENS: readonly {
  readonly kind: ApkToken['kind'];
  readonly form: RegExp;
  readonly behind: readonly ApkToken['kind'][];
}[] = [
  { kind: 'part', form: /\.([0-9]+)/y, behind: ['number', 'part'] },
  { kind: 'letter', form: /([a-z])/y, behind: ['number', 'part'] },
  {
    kind: 'suffix',
    form: new RegExp(`_(${SUFFIXES.join('|')})(?![a-z])`, 'y'),
    behind: ['number', 'part', 'letter', 'suffix', 'count'],
  },
  { kind: 'count', form: /([0-9]+)/y, behind: ['suffix'] },
  {
    kind: 'hash',
    form: /~([0-9a-f]+)/y,
    behind: ['number', 'part', 'letter', 'suffix', 'count'],
  },
  {
    kind: 'revision',
    form: /-r([0-9]+)/y,
    behind: ['number', 'part', 'letter', 'suffix', 'count', 'hash'],
  },
];

/** Token by token; where one version goes on, it is the newer one, unless it goes on towards a release (`_rc1`). */
function compareApk(a: string, b: string): VersionOrder {
  const [left, right] = [splitApk(a), splitApk(b)];
  for (let index = 0; ; index += 1) {
    const [x, y] = [left[index] ?? INVALID, right[index] ?? INVALID];
    if (x.kind !== y.kind) return compareApkKinds(x, y);
    if (x.kind === 'end' || x.kind === 'invalid') return 0;
    const order = compareApkTokens(x, y);
    if (order !== 0) return order;
  }
}

const INVALID: ApkToken = { kind: 'invalid', text: '' };

function splitApk(version: string): readonly ApkToken[] {
  const [first = ''] = /^[0-9]+/.exec(version) ?? [];
  if (first === '') return [INVALID];
  const tokens: ApkToken[] = [{ kind: 'number', text: first }];
  let at = first.length;
  while (at < version.length) {
    const before = tokens.at(-1)?.kind ?? 'invalid';
    const next = APK_TOKENS.find(({ form, behind }) => {
      form.lastIndex = at;
      return behind.includes(before) && form.test(version);
    });
    if (next === undefined) return [...tokens, INVALID];
    next.form.lastIndex = at;
    const [whole = '', text = ''] = next.form.exec(version) ?? [];
    tokens.push({ kind: next.kind, text });
    at += whole.length;
  }
  return [...tokens, { kind: 'end', text: '' }];
}

function compareApkTokens(a: ApkToken, b: ApkToken): VersionOrder {
  switch (a.kind) {
    case 'suffix':
      return sign(SUFFIXES.indexOf(a.text) - SUFFIXES.indexOf(b.text));
    case 'letter':
    case 'hash':
      return compareText(a.text, b.text);
    case 'part':
      // a fraction, as Gentoo has it: 1.05 is older than 1.1
      return a.text.startsWith('0') || b.text.startsWith('0')
        ? compareText(a.text, b.text)
        : compareNumbers(a.text, b.text);
    default:
      return compareNumbers(a.text, b.text);
  }
}

function compareApkKinds(a: ApkToken, b: ApkToken): VersionOrder {
  if (a.kind === 'suffix' && BEFORE_RELEASE.includes(a.text)) return -1;
  if (b.kind === 'suffix' && BEFORE_RELEASE.includes(b.text)) return 1;
  return sign(APK_KINDS.indexOf(b.kind) - APK_KINDS.indexOf(a.kind));
}

/** Digits of any length. */
function compareNumbers(a: string, b: string): VersionOrder {
  const [x, y] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  return sign(x.length - y.length) || compareText(x, y);
}

function compareText(a: string, b: string): VersionOrder {
  return a < b ? -1 : a > b ? 1 : 0;
}

function sign(difference: number): VersionOrder {
  return difference < 0 ? -1 : difference > 0 ? 1 : 0;
}
