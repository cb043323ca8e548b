import type { InputName, PackageChange, PackageChangeKind } from '../../attest/compare-locks.ts';
import { escapeControls } from '../../bytes/escape-controls.ts';
import type { LockResult } from '../../flow/lock.ts';
import type { Looks } from '../context.ts';
import { renderFacts } from './plan.ts';
import { padEnd, paint, textWidth } from './style.ts';

/** A sign and a word for each kind, so that none is told by its colour alone. */
const KINDS: Readonly<
  Record<
    PackageChangeKind,
    { readonly sign: string; readonly en: string; readonly ja: string; readonly style?: 'red' | 'yellow' }
  >
> = {
  added: { sign: '+', en: 'added', ja: '追加' },
  removed: { sign: '-', en: 'removed', ja: '削除', style: 'yellow' },
  upgraded: { sign: '>', en: 'upgraded', ja: '新しく' },
  downgraded: { sign: '<', en: 'DOWNGRADED', ja: '古くなる', style: 'red' },
  rebuilt: { sign: '=', en: 'other file', ja: '別のファイル', style: 'yellow' },
  changed: { sign: '~', en: 'changed', ja: '変更' },
};

const INPUTS: Readonly<Record<InputName, { readonly en: string; readonly ja: string }>> = {
  program: { en: 'mape-image', ja: 'mape-image' },
  profile: { en: 'profile', ja: '機種' },
  release: { en: 'release', ja: 'リリース' },
  target: { en: 'target', ja: 'ターゲット' },
  versionCode: { en: 'version code', ja: 'リビジョン' },
  packageManager: { en: 'package manager', ja: 'パッケージ管理' },
  imagebuilder: { en: 'ImageBuilder sha256', ja: 'ImageBuilder の sha256' },
  key: { en: 'key', ja: '署名の鍵' },
  repositories: { en: 'repositories', ja: '取得元' },
};

const LABELS = {
  en: {
    release: 'Release',
    imagebuilder: 'ImageBuilder',
    key: 'Signed with',
    packages: 'Packages',
    count: (all: number, known: number) => `${all}, ${known} with the digest of their file`,
    unsigned: 'no signature was verified',
    same: 'The lock is up to date.',
    differences: 'Differences',
    kept: 'Nothing was written (--dry-run).',
  },
  ja: {
    release: 'リリース',
    imagebuilder: 'ImageBuilder',
    key: '署名の鍵',
    packages: 'パッケージ',
    count: (all: number, known: number) => `${all} 個（ファイルのダイジェストあり ${known} 個）`,
    unsigned: '署名は検証していません',
    same: 'ロックに変更はありません。',
    differences: '違い',
    kept: '何も書き込んでいません (--dry-run)。',
  },
} as const;

/** A lock and what became of the former one, for a person. */
export function renderLockResult(result: LockResult, looks: Looks): readonly string[] {
  const labels = LABELS[looks.lang];
  const { lock } = result;
  const { imagebuilder } = lock;
  const known = lock.packages.filter(({ sha256 }) => sha256 !== null).length;
  const facts = renderFacts(
    [
      [labels.release, `${lock.release} ${lock.target} (${lock.versionCode})`],
      [labels.imagebuilder, `${imagebuilder.name} ${imagebuilder.sha256}`],
      [labels.key, imagebuilder.keyId === null ? labels.unsigned : `usign ${imagebuilder.keyId}`],
      [labels.packages, labels.count(lock.packages.length, known)],
    ],
    looks,
  );
  const rows = renderLockChanges(result, looks);
  if (result.former === undefined) return facts;
  if (rows.length === 0) return [...facts, '', labels.same];
  const heading = paint(looks, 'bold', labels.differences);
  return [...facts, '', heading, ...rows, ...(result.written ? [] : ['', labels.kept])];
}

/** A row for each setting, input and package that is not the same in two locks. */
export function renderLockChanges(
  { settings, inputs, packages }: Pick<LockResult, 'settings' | 'inputs' | 'packages'>,
  looks: Looks,
): readonly string[] {
  const row = (name: string, wanted: unknown, found: unknown): string =>
    escapeControls(`  ~ ${name}: ${wanted} -> ${found}`);
  return [
    ...settings.map(({ details }) => row(String(details?.setting), details?.wanted, details?.found)),
    ...inputs.map(({ name, wanted, found }) => row(INPUTS[name][looks.lang], wanted, found)),
    ...renderPackageChanges(packages, looks),
  ];
}

/** One row for each package: sign, name, what happened, the versions. */
function renderPackageChanges(changes: readonly PackageChange[], looks: Looks): readonly string[] {
  const words = changes.map(({ kind }) => KINDS[kind][looks.lang]);
  const nameWidth = Math.max(0, ...changes.map(({ name }) => textWidth(name)));
  const wordWidth = Math.max(0, ...words.map(textWidth));
  return changes.map((change, index) => {
    const { sign, style } = KINDS[change.kind];
    const line = `  ${sign} ${padEnd(change.name, nameWidth)}  ${padEnd(words[index] ?? '', wordWidth)}  ${versionsOf(change)}`;
    const shown = escapeControls(line.trimEnd());
    return style === undefined ? shown : paint(looks, style, shown);
  });
}

function versionsOf({ kind, wanted, found }: PackageChange): string {
  if (wanted === undefined || found === undefined) return (wanted ?? found)?.version ?? '';
  if (kind !== 'rebuilt') return `${wanted.version} -> ${found.version}`;
  return `${found.version} (sha256 ${short(wanted.sha256)} -> ${short(found.sha256)})`;
}

function short(sha256: string | null): string {
  return sha256?.slice(0, 12) ?? '?';
}

/** The same for programs. */
export function lockDocument(result: LockResult): Record<string, unknown> {
  const { lock, path, former, settings, inputs, packages, written } = result;
  const change = (one: PackageChange) => ({
    name: one.name,
    kind: one.kind,
    wanted: one.wanted ?? null,
    found: one.found ?? null,
  });
  return {
    schema: 'mape-image/lock-result@1',
    ok: true,
    path,
    written,
    isNew: former === undefined,
    differences: { settings, inputs, packages: packages.map(change) },
    lock,
  };
}
