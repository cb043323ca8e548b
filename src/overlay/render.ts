import type { Finding } from '../errors.ts';
import { checkOverlay } from './check.ts';
import { OverlayError } from './errors.ts';
import { type FileTree, makeFileTree, type OverlayPath, type TreeEntry } from './file-tree.ts';
import { renderTemplate } from './templates.ts';
import { computeOverlayView, type OverlayView, type ViewInput } from './view.ts';

export interface OverlayInput extends ViewInput {
  /** The files of `overlays/mape` as they are, the path as on the router, `.hbs` kept. */
  readonly templates: FileTree;
  /** 64 hexadecimal digits. */
  readonly planId: string;
}

/** The only file that depends on the plan id; scripts read it there. */
export const PLAN_ID_PATH = '/usr/share/mape-image/plan-id';

const SUFFIX = '.hbs';

/** Files that stand only where there is something to say. */
const ONLY_WHERE: Readonly<Record<OverlayPath, (view: OverlayView) => boolean>> = {
  '/etc/dropbear/authorized_keys': (view) => view.authorizedKeys.length > 0,
  '/usr/share/mape-image/parts/10-system.uci': (view) => view.uci.system.length > 0,
  '/usr/share/mape-image/parts/20-lan.uci': (view) => view.uci.lan.length > 0,
  '/usr/share/mape-image/parts/30-ssh.uci': (view) => view.uci.ssh.length > 0,
  '/usr/share/mape-image/secret/own.uci': (view) => view.uci.own.length > 0,
  '/usr/share/mape-image/secret/root': (view) => view.rootHash !== null,
  '/usr/share/mape-image/secret/wifi': (view) => view.wifi !== null,
};

/** Holds the Wi-Fi keys, the hash of root's password and the user's own UCI settings, whatever those are. */
const SECRETS = '/usr/share/mape-image/secret';

/**
 * The overlay as it will stand on the router: files, modes, sorted.
 *
 * All bytes but those of `PLAN_ID_PATH` are the same for every plan id. Files with a secret are marked and 0600.
 *
 * @throws OverlayError OVERLAY_REFUSED with every finding of `checkOverlay`, OVERLAY_UNSAFE_VALUE,
 * OVERLAY_TEMPLATE_INVALID
 */
export function renderOverlay(input: OverlayInput): FileTree {
  const ours = renderOurs(input);
  refuseErrors(checkOverlay(input, ours));
  const own = input.config.files.map(({ path, mode, content }): [OverlayPath, TreeEntry] => [
    path,
    { type: 'file', mode, bytes: content, secret: (mode & 0o077) === 0 },
  ]);
  return makeFileTree([...ours, ...own]);
}

/** The same without the user's own files, whatever they are. @throws OverlayError as `renderOverlay`, but OVERLAY_REFUSED */
export function renderOurs(input: OverlayInput): FileTree {
  if (!/^[0-9a-f]{64}$/.test(input.planId))
    throw new OverlayError('OVERLAY_VIEW_INVALID', {
      message: `wanted a plan id of 64 hexadecimal digits, found ${input.planId.length} characters`,
      hint: 'report this',
      details: { characters: input.planId.length },
    });
  const view = computeOverlayView(input);
  const entries: [OverlayPath, TreeEntry][] = [];
  for (const [path, entry] of input.templates) {
    const target = path.endsWith(SUFFIX) ? path.slice(0, -SUFFIX.length) : path;
    if (entry.type === 'directory' || ONLY_WHERE[target]?.(view) === false) continue;
    if (entry.type === 'symlink') entries.push([target, entry]);
    else entries.push([target, makeFile(target, renderFile(path, entry.bytes, view))]);
  }
  entries.push([PLAN_ID_PATH, makeFile(PLAN_ID_PATH, new TextEncoder().encode(`${input.planId}\n`))]);
  if (entries.some(([path]) => path.startsWith(`${SECRETS}/`)))
    entries.push([SECRETS, { type: 'directory', mode: 0o700 }]);
  if (entries.some(([path]) => path.startsWith('/etc/dropbear/')))
    entries.push(['/etc/dropbear', { type: 'directory', mode: 0o700 }]);
  return makeFileTree(entries);
}

function renderFile(path: OverlayPath, bytes: Uint8Array, view: OverlayView): Uint8Array {
  if (!path.endsWith(SUFFIX)) return bytes;
  const source = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  return new TextEncoder().encode(renderTemplate(path, source, view));
}

/** Modes follow from the place alone: what a checkout did to them does not reach the image. */
function makeFile(path: OverlayPath, bytes: Uint8Array): TreeEntry {
  const secret = path.startsWith(`${SECRETS}/`);
  const executable = /^\/(?:etc\/init\.d|usr\/s?bin|lib\/netifd\/proto)\//.test(path);
  const closed = secret || path === '/etc/dropbear/authorized_keys';
  return { type: 'file', mode: closed ? 0o600 : executable ? 0o755 : 0o644, bytes, secret };
}

function refuseErrors(findings: readonly Finding[]): void {
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return;
  throw new OverlayError('OVERLAY_REFUSED', {
    message: `wanted settings that fit this line and this router, found ${errors.length} that do not`,
    hint: 'correct the settings named',
    details: { count: errors.length, codes: errors.map(({ code }) => code) },
    findings,
  });
}
