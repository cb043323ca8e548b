import { createTwoFilesPatch } from 'diff';
import { findSecretPath, mentionsSecret } from '../contents/secret-names.ts';

/** How the contents of a file differ, as far as it can be shown. */
export type TextDiff =
  /** A unified diff with three lines around each change. */
  | { readonly kind: 'text'; readonly patch: string }
  /** It holds, or may hold, a secret: no line of it is shown. */
  | { readonly kind: 'secret' }
  | { readonly kind: 'binary' }
  /** Too long, or too different, to be read by anyone. */
  | { readonly kind: 'large' };

export interface TextDiffInput {
  readonly path: string;
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  readonly secret: boolean;
}

const MAX_BYTES = 64 << 10;
/** Lines added and removed; the time of the comparison grows with its square. */
const MAX_EDITS = 2_000;
/** Configurations that hold keys and passwords on most routers, under names of any kind. */
const SECRET_CONFIG = /^\/etc\/config\/(?:wireless|rpcd|openvpn|ddns|ipsec|xl2tpd|samba4|mosquitto|nut_.*)$/;

/**
 * Compare two contents of a file line by line; a secret shows no line at all, since a diff of one would.
 *
 * @see POSIX.1-2017 XCU diff (unified format)
 */
export function computeTextDiff({ path, from, to, secret }: TextDiffInput): TextDiff {
  if (secret || findSecretPath(path) !== undefined || SECRET_CONFIG.test(path)) return { kind: 'secret' };
  const [old, now] = [decodeText(from), decodeText(to)];
  if (old === undefined || now === undefined) return { kind: 'binary' };
  if (from.byteLength > MAX_BYTES || to.byteLength > MAX_BYTES) return { kind: 'large' };
  if (mentionsSecret(old) || mentionsSecret(now)) return { kind: 'secret' };
  const patch = createTwoFilesPatch(`a${path}`, `b${path}`, old, now, undefined, undefined, {
    context: 3,
    maxEditLength: MAX_EDITS,
  });
  if (patch === undefined) return { kind: 'large' };
  // the library begins with a line of its own, which no diff program prints
  return { kind: 'text', patch: patch.slice(patch.indexOf('---')) };
}

/** Absent for bytes that are no text. */
function decodeText(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
