import { invalidFile } from './invalid-file.ts';
import type { RootIndex } from './root-index.ts';

/** `empty`: whoever asks is let in; `locked`: no password fits. */
export type PasswordState = 'set' | 'empty' | 'locked';

export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly shell: string;
  /** The hash itself is never kept. */
  readonly password: PasswordState;
}

interface PasswdLine extends Omit<User, 'password'> {
  readonly password: PasswordState | 'shadow';
}

const MAX_USERS = 5_000;
const PASSWD = '/etc/passwd';
const SHADOW = '/etc/shadow';

/**
 * The users of an image, in the order of `/etc/passwd`.
 *
 * @throws ImageError IMAGE_FILE_INVALID, IMAGE_FILE_TOO_LARGE, and what the root's own reader throws
 */
export async function readUsers(root: RootIndex): Promise<readonly User[]> {
  const users = parsePasswd((await root.readText(PASSWD)) ?? '', PASSWD);
  const shadow = parseShadow((await root.readText(SHADOW)) ?? '', SHADOW);
  return users.map((user) => ({
    ...user,
    password: user.password === 'shadow' ? (shadow.get(user.name) ?? 'locked') : user.password,
  }));
}

/**
 * Parse the list of users: `name:password:uid:gid:comment:home:shell`, where `x` as password stands for the one in the
 * shadow file.
 *
 * @throws ImageError IMAGE_FILE_INVALID
 * @see passwd(5)
 */
export function parsePasswd(text: string, path: string): readonly PasswdLine[] {
  return splitLines(text, path, 'passwd').map(({ line, fields }) => {
    const [name = '', password = '', uid = '', gid = '', , , shell = ''] = fields;
    if (fields.length !== 7) throw invalidFile('passwd', path, line, 'fields');
    if (!/^[A-Za-z0-9_.$-]{1,64}$/.test(name)) throw invalidFile('passwd', path, line, 'characters');
    if (![uid, gid].every((id) => /^[0-9]{1,10}$/.test(id)))
      throw invalidFile('passwd', path, line, 'number');
    const state = password === 'x' ? 'shadow' : judgePassword(password);
    return { name, uid: Number(uid), gid: Number(gid), shell, password: state };
  });
}

/**
 * Parse the shadow file, `name:password:…`, into the state of each password.
 *
 * @throws ImageError IMAGE_FILE_INVALID
 * @see shadow(5)
 */
export function parseShadow(text: string, path: string): ReadonlyMap<string, PasswordState> {
  const states = new Map<string, PasswordState>();
  for (const { line, fields } of splitLines(text, path, 'shadow')) {
    const [name = '', password] = fields;
    if (password === undefined || fields.length > 9) throw invalidFile('shadow', path, line, 'fields');
    states.set(name, judgePassword(password));
  }
  return states;
}

function splitLines(
  text: string,
  path: string,
  form: 'passwd' | 'shadow',
): readonly { readonly line: number; readonly fields: readonly string[] }[] {
  const lines = text.split('\n').flatMap((content, index) => {
    if (content.includes('\0')) throw invalidFile(form, path, index + 1, 'nul');
    return content.trim() === '' ? [] : [{ line: index + 1, fields: content.split(':', 32) }];
  });
  if (lines.length > MAX_USERS) throw invalidFile(form, path, MAX_USERS + 1, 'too-many');
  return lines;
}

/** A hash of crypt(5), `$6$…`, or the thirteen signs of the old DES form; nothing else fits any password. */
function judgePassword(text: string): PasswordState {
  if (text === '') return 'empty';
  return /^\$[a-z0-9]+\$/i.test(text) || /^[./0-9A-Za-z]{13}$/.test(text) ? 'set' : 'locked';
}
