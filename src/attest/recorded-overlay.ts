import { z } from 'zod';
import { type FileTree, holdsSecret, makeFileTree, type TreeEntry } from '../overlay/file-tree.ts';
import { describeTree } from '../plan/compute-plan.ts';
import { invalidRecord, parseRecordJson, type RecordedPlan } from './recorded-plan.ts';

const text = z.string().min(1).max(4096);
const mode = z.string().regex(/^[0-7]{4}$/);

const schema = z.strictObject({
  schema: z.literal('mape-image/overlay@1'),
  entries: z
    .array(
      z.union([
        z.strictObject({ path: text, type: z.literal('directory'), mode }),
        z.strictObject({ path: text, type: z.literal('symlink'), target: text }),
        z.strictObject({ path: text, type: z.literal('file'), mode, text: z.string() }),
        z.strictObject({ path: text, type: z.literal('file'), mode, base64: z.base64() }),
      ]),
    )
    .max(100_000),
});

type RecordedEntry = z.infer<typeof schema>['entries'][number];

/**
 * The overlay as a record keeps it, so that a build can be repeated from the record alone, by whatever version of this
 * program; it tells the line, as the plan does.
 *
 * @returns undefined where any file holds a secret: those are never written beside an image
 */
export function renderRecordedOverlay(overlay: FileTree): string | undefined {
  if (holdsSecret(overlay)) return undefined;
  const entries = [...overlay].map(([path, entry]) => recordEntry(path, entry));
  return `${JSON.stringify({ schema: 'mape-image/overlay@1', entries }, null, 1)}\n`;
}

function recordEntry(path: string, entry: TreeEntry): RecordedEntry {
  if (entry.type === 'symlink') return { path, type: 'symlink', target: entry.target };
  const octal = entry.mode.toString(8).padStart(4, '0');
  if (entry.type === 'directory') return { path, type: 'directory', mode: octal };
  const bytes = Buffer.from(entry.bytes);
  const utf8 = bytes.toString('utf8');
  return Buffer.from(utf8).equals(bytes)
    ? { path, type: 'file', mode: octal, text: utf8 }
    : { path, type: 'file', mode: octal, base64: bytes.toString('base64') };
}

/**
 * Parse the overlay of a record and hold every entry against the plan beside it.
 *
 * @throws AttestError RECORD_INVALID
 */
export function parseRecordedOverlay(content: string, plan: RecordedPlan): FileTree {
  const result = schema.safeParse(parseRecordJson(content, 'overlay.json'));
  if (!result.success) {
    const place = result.error.issues[0]?.path.map(String).join('.').slice(0, 200) ?? '';
    throw invalidRecord(
      'overlay.json',
      place || 'top',
      `another form at ${place || 'its top'}`,
      result.error,
    );
  }
  const tree = makeFileTree(result.data.entries.map((entry) => [entry.path, restoreEntry(entry)]));
  const [wanted, found] = [plan.overlay, describeTree(tree)].map((entries) => entries.map(toLine));
  const at = wanted?.findIndex((line, index) => line !== found?.[index]) ?? -1;
  if (at >= 0 || wanted?.length !== found?.length) {
    const place = plan.overlay[Math.max(at, 0)]?.path.slice(0, 200) ?? 'end';
    throw invalidRecord('overlay.json', place, `another overlay than the plan's at ${place}`);
  }
  return tree;
}

function restoreEntry(entry: RecordedEntry): TreeEntry {
  if (entry.type === 'symlink') return { type: 'symlink', target: entry.target };
  const bits = Number.parseInt(entry.mode, 8);
  if (entry.type === 'directory') return { type: 'directory', mode: bits };
  const bytes = 'text' in entry ? Buffer.from(entry.text) : Buffer.from(entry.base64, 'base64');
  return { type: 'file', mode: bits, bytes, secret: false };
}

/** Members in one order, whichever of the two lists an entry comes from. */
function toLine(entry: object): string {
  return JSON.stringify(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1)));
}
