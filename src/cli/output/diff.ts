import { escapeControls } from '../../bytes/escape-controls.ts';
import type { Differences, PlanChange } from '../../flow/diff.ts';
import type { FileChange } from '../../image/compare/files.ts';
import type { ImageDifferences } from '../../image/compare/images.ts';
import type { PackageChange } from '../../image/compare/packages.ts';
import type { TextDiff } from '../../image/compare/text-diff.ts';
import type { RootEntry } from '../../image/root-filesystem.ts';
import type { Looks } from '../context.ts';
import { INSPECT_LABELS } from '../lang/inspect-labels.ts';
import { renderLockChanges } from './lock.ts';
import { padEnd, paint, textWidth } from './style.ts';

const SIGN = { added: '+', removed: '-', upgraded: '>', downgraded: '<', changed: '~' } as const;

/** What is different, for a person. */
export function renderDifferences(found: Differences, looks: Looks): readonly string[] {
  const labels = INSPECT_LABELS[looks.lang];
  const rows =
    found.kind === 'image'
      ? renderImages(found.differences, looks)
      : found.kind === 'plan'
        ? found.changes.flatMap((change) => renderChange(change, looks))
        : renderLockChanges(found, looks);
  return rows.length === 0 ? [labels.same] : rows;
}

function renderImages(differences: ImageDifferences, looks: Looks): readonly string[] {
  const labels = INSPECT_LABELS[looks.lang];
  const { release, mape, packages, files, sizes } = differences;
  const names = {
    image: labels.image,
    kernel: labels.kernelSize,
    rootfs: labels.rootfsSize,
    writable: labels.writable,
  };
  const sizeRows = sizes.flatMap(({ name, from, to }) => {
    if (from === undefined || to === undefined || from === to) return [];
    const change = to - from;
    const sign = change > 0 ? '+' : '';
    return [`  ${names[name]}: ${bytes(from)} -> ${bytes(to)} B (${sign}${bytes(change)})`];
  });
  const settings = [...release, ...mape].flatMap(({ name, from, to }) =>
    renderChange({ path: name, from, to }, looks),
  );
  const packageRows =
    packages === undefined ? [`  ${labels.noPackageList}`] : renderPackages(packages, looks);
  return [
    ...section(labels.sizes, sizeRows, looks),
    ...section(labels.settings, settings, looks),
    ...section(labels.packages, packageRows, looks),
    ...section(
      labels.files(files.length),
      files.flatMap((change) => renderFile(change, looks)),
      looks,
    ),
  ];
}

function section(title: string, rows: readonly string[], looks: Looks): readonly string[] {
  return rows.length === 0 ? [] : [paint(looks, 'bold', title), ...rows, ''];
}

/** One row a package; a downgrade stands out by its word as much as by its colour. */
function renderPackages(changes: readonly PackageChange[], looks: Looks): readonly string[] {
  const labels = INSPECT_LABELS[looks.lang];
  const width = Math.max(0, ...changes.map(({ name }) => textWidth(name)));
  const wordWidth = Math.max(0, ...changes.map(({ change }) => textWidth(labels.change[change])));
  return changes.map(({ name, change, from, to }) => {
    const versions = [from, to].filter((version) => version !== undefined).join(' -> ');
    const line = `  ${SIGN[change]} ${padEnd(name, width)}  ${padEnd(labels.change[change], wordWidth)}  ${versions}`;
    return change === 'downgraded' ? paint(looks, 'red', escapeControls(line)) : escapeControls(line);
  });
}

function renderFile(change: FileChange, looks: Looks): readonly string[] {
  const path = escapeControls(change.path);
  switch (change.change) {
    case 'added':
      return [paint(looks, 'green', `  + ${path}  ${describe(change.to)}`)];
    case 'removed':
      return [paint(looks, 'red', `  - ${path}  ${describe(change.from)}`)];
    case 'changed': {
      const details = change.aspects
        .filter((aspect) => aspect !== 'content')
        .map((aspect) => aspectOf(change, aspect));
      return [
        `  ~ ${path}${details.length === 0 ? '' : `  ${details.join(', ')}`}`,
        ...(change.diff === undefined ? [] : renderText(change.diff, change.from, change.to, looks)),
      ];
    }
    default:
      return change satisfies never;
  }
}

function aspectOf(
  { from, to }: Extract<FileChange, { change: 'changed' }>,
  aspect: 'type' | 'mode' | 'owner' | 'content' | 'target' | 'device',
): string {
  const values = [from, to].map((entry) => {
    switch (aspect) {
      case 'mode':
        return mode(entry);
      case 'owner':
        return `${entry.uid}/${entry.gid}`;
      case 'target':
        return escapeControls(entry.target ?? '-');
      case 'device':
        return `${entry.device?.major ?? '-'},${entry.device?.minor ?? '-'}`;
      default:
        return entry.type;
    }
  });
  return `${aspect} ${values.join(' -> ')}`;
}

function renderText(diff: TextDiff, from: RootEntry, to: RootEntry, looks: Looks): readonly string[] {
  const labels = INSPECT_LABELS[looks.lang];
  switch (diff.kind) {
    case 'secret':
      return [`      ${labels.secretDiffers}`];
    case 'binary':
    case 'large':
      return [`      ${labels.binaryDiffers(from.sizeBytes, to.sizeBytes)}`];
    case 'text':
      return diff.patch
        .split('\n')
        .slice(2)
        .filter((line) => line !== '')
        .map((line) => {
          const shown = `      ${escapeControls(line)}`;
          if (line.startsWith('+')) return paint(looks, 'green', shown);
          return line.startsWith('-') ? paint(looks, 'red', shown) : shown;
        });
    default:
      return diff satisfies never;
  }
}

function renderChange({ path, from, to }: PlanChange, looks: Looks): readonly string[] {
  const name = escapeControls(path);
  const [old, now] = [from, to].map((value) => (value === undefined ? undefined : escapeControls(value)));
  const oneLine = `  ~ ${name}: ${old} -> ${now}`;
  if (old === undefined) return [`  + ${name}: ${now}`];
  if (now === undefined) return [`  - ${name}: ${old}`];
  if (textWidth(oneLine) <= looks.columns) return [oneLine];
  return [`  ~ ${name}`, paint(looks, 'red', `      - ${old}`), paint(looks, 'green', `      + ${now}`)];
}

function describe(entry: RootEntry): string {
  const size = entry.type === 'file' ? ` ${bytes(entry.sizeBytes)} B` : '';
  return `${entry.type} ${mode(entry)}${size}`;
}

function mode(entry: RootEntry): string {
  return entry.mode.toString(8).padStart(4, '0');
}

function bytes(count: number): string {
  return count.toLocaleString('en');
}

/** The same for programs. */
export function diffDocument(found: Differences): Record<string, unknown> {
  const { kind, ...rest } = found;
  return {
    schema: 'mape-image/diff@1',
    ok: true,
    kind,
    ...('differences' in rest ? rest.differences : rest),
  };
}
