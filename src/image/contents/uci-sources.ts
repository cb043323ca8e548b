import type { Finding } from '../../errors.ts';
import { collectImageError } from './collect.ts';
import type { RootIndex } from './root-index.ts';
import { parseUci } from './uci.ts';
import { parseUciBatch, parseUciScript, type UciChange } from './uci-changes.ts';
import { computeUciState, type UciFile, type UciState } from './uci-state.ts';

const CONFIG = '/etc/config';
const DEFAULTS = '/etc/uci-defaults';
/** Lines for `uci batch`, in the order in which our first-boot script applies them. */
const OUR_BATCHES = [
  '/usr/share/mape-image/uci',
  '/usr/share/mape-image/parts',
  '/usr/share/mape-image/secret',
];

export interface UciSources {
  readonly state: UciState;
  /** Scripts that run at the first boot, in their order. */
  readonly scripts: readonly string[];
  /** Files that could not be read. */
  readonly findings: readonly Finding[];
}

/**
 * The configuration an image brings: `/etc/config`, then the scripts of `/etc/uci-defaults` by name, then our own lines.
 * A file that is no configuration becomes a finding.
 *
 * @see openwrt package/base-files/files/etc/init.d/boot (uci_apply_defaults)
 */
export async function readUciSources(root: RootIndex): Promise<UciSources> {
  const findings: Finding[] = [];
  const files: UciFile[] = [];
  for (const path of listFiles(root, CONFIG)) {
    const sections = await collectImageError(findings, async () => parseUci(await text(root, path), path));
    if (sections !== undefined) files.push({ config: path.slice(CONFIG.length + 1), path, sections });
  }
  const scripts = listFiles(root, DEFAULTS);
  const changes: UciChange[] = [];
  for (const path of scripts) {
    const found = await collectImageError(findings, async () => parseUciScript(await text(root, path), path));
    changes.push(...(found ?? []));
  }
  for (const path of OUR_BATCHES.flatMap((folder) => listFiles(root, folder))) {
    if (!path.endsWith('.uci')) continue;
    const found = await collectImageError(findings, async () => parseUciBatch(await text(root, path), path));
    changes.push(...(found ?? []));
  }
  const state = await collectImageError(findings, async () => computeUciState(files, changes));
  return { state: state ?? new Map(), scripts, findings };
}

function listFiles(root: RootIndex, folder: string): readonly string[] {
  const directory = root.resolve(folder);
  if (directory?.type !== 'directory') return [];
  return root
    .list(directory.path)
    .map(({ path }) => `${folder}${path.slice(path.lastIndexOf('/'))}`)
    .filter((path) => root.resolve(path)?.type === 'file');
}

async function text(root: RootIndex, path: string): Promise<string> {
  return (await root.readText(path)) ?? '';
}
