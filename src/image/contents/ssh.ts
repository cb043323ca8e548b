import { createHash } from 'node:crypto';
import type { RootIndex } from './root-index.ts';
import type { UciState } from './uci-state.ts';

export interface SshKey {
  /** `ssh-ed25519` */
  readonly type: string;
  /** As `ssh-keygen -l` shows it, `SHA256:…`. */
  readonly fingerprint: string;
}

/** One server of dropbear; absent: the image does not say it. */
export interface DropbearServer {
  readonly port: string | undefined;
  readonly interface: string | undefined;
  readonly passwordLogin: boolean | undefined;
  readonly rootPasswordLogin: boolean | undefined;
}

export interface SshAccess {
  /** Keys that may log in as root. */
  readonly keys: readonly SshKey[];
  /** Lines of the key file that are no key. */
  readonly unreadableLines: number;
  readonly servers: readonly DropbearServer[];
}

/** Where dropbear looks for root's keys. @see openwrt package/network/services/dropbear (root-key path patch) */
const KEY_FILES = ['/etc/dropbear/authorized_keys', '/root/.ssh/authorized_keys'];
const MAX_KEYS = 1_000;

/** @throws ImageError IMAGE_FILE_TOO_LARGE, and what the root's own reader throws */
export async function readSshAccess(root: RootIndex, state: UciState): Promise<SshAccess> {
  const texts = await Promise.all(KEY_FILES.map((path) => root.readText(path)));
  const found = texts.map((text) => parseAuthorizedKeys(text ?? ''));
  return {
    keys: found.flatMap(({ keys }) => keys),
    unreadableLines: found.reduce((sum, { unreadableLines }) => sum + unreadableLines, 0),
    servers: listServers(state),
  };
}

/**
 * The keys of a file of them: `[options] type base64 [comment]` a line. Total; at most 1000 lines count.
 *
 * @see RFC 4253 §6.6 (the key begins with its type); OpenSSH sshd(8) (AUTHORIZED_KEYS FILE FORMAT)
 */
export function parseAuthorizedKeys(text: string): Pick<SshAccess, 'keys' | 'unreadableLines'> {
  const lines = text
    .split('\n', MAX_KEYS)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const keys = lines.flatMap((line) => readKey(line) ?? []);
  return { keys, unreadableLines: lines.length - keys.length };
}

function readKey(line: string): SshKey | undefined {
  const [, type, base64] =
    /(?:^|[ \t])((?:sk-)?(?:ssh|ecdsa)-[A-Za-z0-9@.-]{1,80})[ \t]+([A-Za-z0-9+/]{16,20000}={0,2})(?:[ \t]|$)/.exec(
      line.slice(0, 30_000),
    ) ?? [];
  if (type === undefined || base64 === undefined) return undefined;
  const blob = Buffer.from(base64, 'base64');
  const nameBytes = blob.byteLength < 4 ? 0 : blob.readUInt32BE(0);
  if (blob.toString('latin1', 4, 4 + Math.min(nameBytes, 100)) !== type) return undefined;
  const digest = createHash('sha256').update(blob).digest('base64').replace(/=+$/, '');
  return { type, fingerprint: `SHA256:${digest}` };
}

function listServers(state: UciState): readonly DropbearServer[] {
  return (state.get('dropbear') ?? []).map(({ options }) => {
    const text = (name: string) => {
      const value = options.get(name)?.value;
      return typeof value === 'string' ? value : undefined;
    };
    return {
      port: text('Port'),
      interface: text('Interface'),
      passwordLogin: readSwitch(text('PasswordAuth')),
      rootPasswordLogin: readSwitch(text('RootPasswordAuth')),
    };
  });
}

/** @see openwrt package/base-files/files/lib/functions.sh (get_bool) */
function readSwitch(text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  return ['1', 'on', 'true', 'yes', 'enabled'].includes(text);
}
