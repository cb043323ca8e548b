import type { RootIndex } from '../contents/root-index.ts';
import type { CheckedOverlay } from './checked-plan.ts';

/** Files of the overlay that a program has to look at, by their path on the router. */
export interface ScriptWork {
  /** For `ash -n`. */
  readonly shell: readonly string[];
  /** For `nft -c -f`, in the order in which fw4 includes them. */
  readonly nft: readonly string[];
}

/** Folders whose files are sourced or run by ash, whatever their first line. */
const SHELL_FOLDERS =
  /^\/(?:etc\/(?:uci-defaults|hotplug\.d\/[^/]+|init\.d|rc\.button|profile\.d)|lib\/netifd(?:\/proto)?|lib\/preinit|lib\/functions|lib\/upgrade)\/[^/]+$/;
const SHELL_LINE = /^#![ \t]*\/bin\/(?:a|da)?sh(?:[ \t\n]|$)/;

/**
 * What of the overlay is a shell script or a set of nftables rules, for those who can run the programs that judge them.
 *
 * @throws what the root's own reader throws
 */
export async function listScripts(plan: CheckedOverlay, root: RootIndex): Promise<ScriptWork> {
  const shell: string[] = [];
  const nft: string[] = [];
  for (const { path, type } of plan.overlay) {
    const entry = root.entry(path);
    if (type !== 'file' || entry?.type !== 'file') continue;
    if (path.endsWith('.nft')) nft.push(path);
    else if (path.endsWith('.sh') || SHELL_FOLDERS.test(path) || (await beginsAsShell(root, path)))
      shell.push(path);
  }
  return { shell, nft };
}

async function beginsAsShell(root: RootIndex, path: string): Promise<boolean> {
  const bytes = await root.rootfs.readFile(path);
  return SHELL_LINE.test(new TextDecoder().decode(bytes.subarray(0, 100)));
}
