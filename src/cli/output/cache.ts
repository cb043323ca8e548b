import { escapeControls } from '../../bytes/escape-controls.ts';
import type { CacheItem, CacheItemKind } from '../../flow/cache.ts';
import type { Pruned } from '../../flow/cache-prune.ts';
import type { CacheVerdict } from '../../flow/cache-verify.ts';
import type { Looks } from '../context.ts';
import { padEnd, paint, textWidth } from './style.ts';

const LABELS = {
  en: {
    kind: {
      imagebuilder: 'ImageBuilders',
      tree: 'Unpacked trees',
      packages: 'Packages that were fetched',
      log: 'Build logs',
      download: 'Beginnings of downloads',
      object: 'Files no ImageBuilder needs',
      record: 'Records that cannot be read',
    },
    empty: 'nothing is kept',
    inUse: 'in use',
    total: (size: string, dir: string) => `${size} in ${dir}`,
    files: (count: number) => `${count} files`,
    verified: (count: number, files: number, packages: number) =>
      `${count} ImageBuilders, ${files} files and ${packages} packages are sound`,
    removedPath: (path: string) => `removed ${path}`,
    nothingToRemove: 'nothing to remove',
    freed: (size: string) => `freed ${size}`,
    wouldFree: (size: string) => `would free ${size}`,
  },
  ja: {
    kind: {
      imagebuilder: 'ImageBuilder',
      tree: '展開済みのツリー',
      packages: '取得済みのパッケージ',
      log: 'ビルドのログ',
      download: '途中までのダウンロード',
      object: 'どの ImageBuilder も使わないファイル',
      record: '読めない記録',
    },
    empty: '何もありません',
    inUse: '使用中',
    total: (size: string, dir: string) => `合計 ${size}、${dir}`,
    files: (count: number) => `${count} 個`,
    verified: (count: number, files: number, packages: number) =>
      `ImageBuilder ${count} 個、ファイル ${files} 個、パッケージ ${packages} 個は正常です`,
    removedPath: (path: string) => `取り除きました: ${path}`,
    nothingToRemove: '取り除くものはありません',
    freed: (size: string) => `${size} を空けました`,
    wouldFree: (size: string) => `${size} が空きます`,
  },
} as const;

/** What is kept, by kind. */
export function renderItems(items: readonly CacheItem[], dir: string, looks: Looks): readonly string[] {
  const labels = LABELS[looks.lang];
  if (items.length === 0) return [labels.empty];
  return [...renderTable(items, looks), '', labels.total(showBytes(sum(items)), escapeControls(dir))];
}

export function renderVerdict(verdict: CacheVerdict, looks: Looks): string[] {
  const labels = LABELS[looks.lang];
  const { imagebuilders, objects, packages, removed } = verdict;
  const sound = labels.verified(imagebuilders, objects, packages);
  return [...removed.map((path) => labels.removedPath(escapeControls(path))), paint(looks, 'green', sound)];
}

export function renderPruned({ removed, inUse }: Pruned, dryRun: boolean, looks: Looks): readonly string[] {
  const labels = LABELS[looks.lang];
  if (removed.length + inUse.length === 0) return [labels.nothingToRemove];
  const freed = showBytes(sum(removed));
  const held = inUse.map((item) => ({ ...item, inUse: true }));
  return [
    ...renderTable([...removed, ...held], looks),
    '',
    dryRun ? labels.wouldFree(freed) : labels.freed(freed),
  ];
}

/** An item for programs. */
export function itemDocument({ kind, name, path, sizeBytes, usedAtMs, inUse, sha256, packages }: CacheItem) {
  return { kind, name, path, sizeBytes, usedAt: new Date(usedAtMs).toISOString(), inUse, sha256, packages };
}

/** Lines of at most 80 columns: size, day of the last use, name. */
function renderTable(items: readonly CacheItem[], looks: Looks): string[] {
  const labels = LABELS[looks.lang];
  const kinds = [...new Set(items.map(({ kind }): CacheItemKind => kind))];
  return kinds.flatMap((kind) => [
    paint(looks, 'bold', labels.kind[kind]),
    ...items
      .filter((item) => item.kind === kind)
      .map(({ sizeBytes, usedAtMs, name, inUse, packages }) => {
        const day = new Date(usedAtMs).toISOString().slice(0, 10);
        const marks = [
          ...(packages === undefined ? [] : [labels.files(packages)]),
          ...(inUse ? [labels.inUse] : []),
        ];
        const mark = marks.length === 0 ? '' : `  (${marks.join(', ')})`;
        const width = looks.columns - textWidth(`  123456789  2000-01-01  ${mark}`) - 1;
        return `  ${padStart(showBytes(sizeBytes), 9)}  ${day}  ${cutMiddle(escapeControls(name), width)}${mark}`;
      }),
  ]);
}

/** A name is told by its beginning and its end. */
function cutMiddle(name: string, width: number): string {
  if (name.length <= width) return name;
  const half = Math.floor((width - 3) / 2);
  return `${name.slice(0, half)}...${name.slice(-half)}`;
}

function showBytes(bytes: number): string {
  if (bytes >= 1e6) return `${(bytes / 1e6).toLocaleString('en', { maximumFractionDigits: 0 })} MB`;
  return bytes >= 1000 ? `${Math.round(bytes / 1000)} kB` : `${bytes} B`;
}

function sum(items: readonly CacheItem[]): number {
  return items.reduce((total, { sizeBytes }) => total + sizeBytes, 0);
}

function padStart(text: string, width: number): string {
  return padEnd('', width - textWidth(text)) + text;
}
