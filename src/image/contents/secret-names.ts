/** What kind of secret something holds; the secret itself is never shown. */
export type SecretKind =
  | 'wifi-key'
  | 'line-password'
  | 'vpn-key'
  | 'password-hash'
  | 'password'
  | 'private-key';

/** Files that are secret whatever stands in them. */
const SECRET_PATHS: readonly (readonly [RegExp, SecretKind])[] = [
  [/^\/etc\/shadow-?$/, 'password-hash'],
  [/^\/etc\/ppp\/(?:chap|pap)-secrets$/, 'line-password'],
  [/^\/etc\/dropbear\/dropbear_.*host_key$/, 'private-key'],
  [/^\/etc\/ssh\/ssh_host_[a-z0-9]+_key$/, 'private-key'],
  [/^\/etc\/ssl\/private\//, 'private-key'],
  [/\.(?:key|pem|p12|pfx|psk)$/, 'private-key'],
  [/^\/usr\/share\/mape-image\/secret\//, 'password'],
];

/** Public keys and certificates that packages bring. */
const PUBLIC_PATHS = /^\/etc\/(?:apk|opkg)\/keys\/|^\/etc\/ssl\/certs?\/|^\/etc\/ssl\/cert\.pem$/;

/** The kind of secret a file is by its place; absent for a file that may be shown. */
export function findSecretPath(path: string): SecretKind | undefined {
  if (PUBLIC_PATHS.test(path)) return undefined;
  return SECRET_PATHS.find(([form]) => form.test(path))?.[1];
}

/** The kind of secret an option of UCI is by its name. */
export function findSecretOption(config: string, option: string): SecretKind | undefined {
  if (config === 'wireless' && /^(?:key[1-4]?|.*(?:pass|psk|secret|pwd).*)$/i.test(option)) return 'wifi-key';
  if (/private_?key|preshared_?key/i.test(option)) return 'vpn-key';
  if (!/pass(?:word|wd|phrase)|secret|psk|token|pincode|credential/i.test(option) || /Auth$/.test(option))
    return undefined;
  return config === 'network' ? 'line-password' : 'password';
}

/** Whether a text holds something that looks like a secret: a hash of crypt(5), a private key, an option of that name. */
export function mentionsSecret(text: string): boolean {
  return SECRET_TEXT.test(text);
}

const SECRET_NAME = String.raw`[\w-]{0,40}(?:pass(?:word|wd|phrase)(?!auth)|secret|psk|token|pincode|credential|private_?key|preshared_?key)[\w-]{0,40}`;

const SECRET_TEXT = new RegExp(
  [
    String.raw`\$(?:1|2[aby]|5|6|y)\$[^\s$]`,
    '-----BEGIN [A-Z ]{0,40}PRIVATE KEY',
    String.raw`(?:option|list)[ \t]{1,8}['"]?(?:key[1-4]?\b|${SECRET_NAME})`,
    String.raw`${SECRET_NAME}['"]?[ \t]{0,8}[=:]`,
    String.raw`\.key[1-4]?=`,
  ].join('|'),
  'i',
);
