import type { Outcome, Problem } from '../problem.ts';

/** Check the path of a file to read on this machine; it is relative to the folder of the file that names it. */
export function checkSourcePath(value: string): Problem | undefined {
  const reason =
    value === '' || value.length > 1024
      ? 'length'
      : value.startsWith('~')
        ? 'tilde'
        : /\/$/.test(value)
          ? 'folder'
          : undefined;
  if (reason === undefined) return undefined;
  const hint = {
    length: 'give the path of a file',
    tilde: 'write the path in full; ~ is expanded by a shell only',
    folder: 'name each file on its own',
  }[reason];
  return { code: 'CONFIG_BAD_PATH', wanted: 'the path of a file', hint, details: { reason } };
}

/** Check an absolute path on the router, made of plain names. Which paths must not be laid over is decided later. */
export function checkTargetPath(value: string): Problem | undefined {
  const plain = value.length <= 255 && /^(?:\/[A-Za-z0-9_.+@-]+)+$/.test(value);
  if (plain && !/\/\.{1,2}(?:\/|$)/.test(value)) return undefined;
  return {
    code: 'CONFIG_BAD_TARGET_PATH',
    wanted: 'an absolute path on the router',
    hint: 'write a path such as /etc/motd, of letters, digits and _ . + @ -',
  };
}

/** Read the mode of a file, octal in text: `"0644"`. Bits above 0777 (setuid and the like) are not taken. */
export function parseMode(value: string): Outcome<number> {
  if (/^0?[0-7]{3}$/.test(value)) return { value: Number.parseInt(value, 8) };
  return {
    problem: {
      code: 'CONFIG_BAD_MODE',
      wanted: 'an octal mode from "0000" to "0777"',
      hint: 'write "0644" for a file, "0755" for a program, "0600" for a secret',
    },
  };
}
