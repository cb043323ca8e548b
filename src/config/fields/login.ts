import type { Problem } from '../problem.ts';

/** Key types that dropbear of 22.03 and later knows, with the number of fields in their blob. */
const FIELDS_OF_TYPE: Readonly<Record<string, number>> = {
  // RFC 8709 §4, RFC 4253 §6.6, RFC 5656 §3.1, OpenSSH PROTOCOL.u2f
  'ssh-ed25519': 2,
  'ssh-rsa': 3,
  'ecdsa-sha2-nistp256': 3,
  'ecdsa-sha2-nistp384': 3,
  'ecdsa-sha2-nistp521': 3,
  'sk-ssh-ed25519@openssh.com': 3,
  'sk-ecdsa-sha2-nistp256@openssh.com': 4,
};

/**
 * Check one public key line: type, base64 of a blob that starts with that type, comment.
 *
 * @see RFC 4253 §6.6; sshd(8) AUTHORIZED_KEYS FILE FORMAT (options before the type are not taken)
 */
export function checkSshKey(value: string): Problem | undefined {
  if (value.includes('PRIVATE KEY'))
    return badKey('private', 'give the public key, the file that ends in .pub');
  if (value.length > 4096)
    return badKey('long', 'give one public key, one line of the file that ends in .pub');
  const match = /^([a-z0-9@.-]+) +([A-Za-z0-9+/]+={0,2})(?: +\S.*)?$/.exec(value);
  const [, type, base64] = match ?? [];
  if (type === undefined || base64 === undefined)
    return badKey(
      'form',
      'copy the whole line of the file that ends in .pub, such as "ssh-ed25519 AAAA… me"',
    );
  const fieldCount = Object.hasOwn(FIELDS_OF_TYPE, type) ? FIELDS_OF_TYPE[type] : undefined;
  if (fieldCount === undefined) return badKey('type', 'make a key with: ssh-keygen -t ed25519');
  const blob = Buffer.from(base64, 'base64');
  const fields = splitFields(blob);
  const whole = blob.toString('base64').replace(/=+$/, '') === base64.replace(/=+$/, '');
  if (!whole || fields?.length !== fieldCount || fields[0]?.toString('latin1') !== type)
    return badKey('blob', 'the key is cut or altered; copy the whole line of the file that ends in .pub');
  return undefined;
}

function badKey(reason: string, hint: string): Problem {
  return { code: 'CONFIG_BAD_SSH_KEY', wanted: 'an ssh public key', hint, details: { reason } };
}

/** Fields of a blob, each a big-endian length of four bytes and its bytes (RFC 4251 §5 "string"). */
function splitFields(blob: Buffer): readonly Buffer[] | undefined {
  const fields: Buffer[] = [];
  let at = 0;
  while (at < blob.length) {
    if (blob.length - at < 4) return undefined;
    const sizeBytes = blob.readUInt32BE(at);
    if (sizeBytes === 0 || sizeBytes > blob.length - at - 4) return undefined;
    fields.push(blob.subarray(at + 4, at + 4 + sizeBytes));
    at += 4 + sizeBytes;
  }
  return fields;
}

/**
 * Check a password hash as crypt(3) of OpenWrt's musl reads it: `$1$`, `$2a$` (also b, y), `$5$`, `$6$`.
 *
 * yescrypt (`$y$`), which Debian and Fedora write, is unknown to musl: nobody could log in.
 *
 * @see musl src/crypt/crypt_r.c; openwrt toolchain/musl/Config.in (MUSL_DISABLE_CRYPT_SIZE_HACK, on in official builds)
 */
export function checkPasswordHash(value: string): Problem | undefined {
  const known =
    /^\$1\$[./0-9A-Za-z]{1,8}\$[./0-9A-Za-z]{22}$/.test(value) ||
    /^\$2[aby]\$(?:0[4-9]|[12][0-9]|3[01])\$[./0-9A-Za-z]{53}$/.test(value) ||
    /^\$5\$(?:rounds=[1-9][0-9]{3,6}\$)?[./0-9A-Za-z]{1,16}\$[./0-9A-Za-z]{43}$/.test(value) ||
    /^\$6\$(?:rounds=[1-9][0-9]{3,6}\$)?[./0-9A-Za-z]{1,16}\$[./0-9A-Za-z]{86}$/.test(value);
  if (known) return undefined;
  const reason = /^\$(?:y|gy|7)\$/.test(value) ? 'yescrypt' : value.startsWith('$') ? 'form' : 'plain';
  const hint = {
    yescrypt: 'OpenWrt cannot check yescrypt, nobody could log in; make one with: openssl passwd -6',
    form: 'the hash is cut or altered; make one with: openssl passwd -6',
    plain: 'this is no hash, and a plain password is not taken; make one with: openssl passwd -6',
  }[reason];
  return {
    code: 'CONFIG_BAD_PASSWORD_HASH',
    wanted: 'a password hash of crypt(3), $6$salt$…',
    hint,
    details: { reason },
  };
}

/** Check the name of an environment variable. @see POSIX.1-2017 XBD §8.1 */
export function checkEnvName(value: string): Problem | undefined {
  if (/^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(value)) return undefined;
  return {
    code: 'CONFIG_BAD_ENV_NAME',
    wanted: 'the name of an environment variable',
    hint: 'write its name without $, such as MAPE_ROOT_HASH',
  };
}
