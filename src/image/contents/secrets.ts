import type { RootIndex } from './root-index.ts';
import { findSecretOption, findSecretPath, type SecretKind } from './secret-names.ts';
import type { UciState } from './uci-state.ts';
import type { User } from './users.ts';

/** Where a secret stands in an image: everyone who has the image can read it there. */
export interface Secret {
  readonly kind: SecretKind;
  readonly path: string;
  /** `wireless.default_radio0.key`, `root`; absent where the file as a whole is secret. */
  readonly place: string | undefined;
}

/** The secrets of an image by their places, never by their values. */
export function listSecrets(root: RootIndex, state: UciState, users: readonly User[]): readonly Secret[] {
  return [...listSecretFiles(root, users), ...listSecretOptions(state)];
}

function listSecretFiles(root: RootIndex, users: readonly User[]): readonly Secret[] {
  const hashes = users
    .filter(({ password }) => password === 'set')
    .map(({ name }): Secret => ({ kind: 'password-hash', path: '/etc/shadow', place: name }));
  const files = root.rootfs.entries.flatMap(({ path, type, sizeBytes }): Secret[] => {
    const kind = findSecretPath(path);
    // every image has a shadow file; what counts is who has a password in it
    if (kind === undefined || type !== 'file' || sizeBytes === 0 || path.startsWith('/etc/shadow')) return [];
    return [{ kind: OURS.get(path) ?? kind, path, place: undefined }];
  });
  return [...hashes, ...files];
}

const OURS: ReadonlyMap<string, SecretKind> = new Map([
  ['/usr/share/mape-image/secret/root', 'password-hash'],
  ['/usr/share/mape-image/secret/wifi', 'wifi-key'],
]);

function listSecretOptions(state: UciState): readonly Secret[] {
  return [...state].flatMap(([config, sections]) =>
    sections.flatMap(({ name, type, options }) =>
      [...options].flatMap(([option, { value, path }]): Secret[] => {
        const kind = findSecretOption(config, option);
        // `$p$root` stands for the password of root
        if (kind === undefined || value === null || [value].flat()[0]?.startsWith('$p$')) return [];
        // a number of a WEP key, not the key
        if (config === 'wireless' && option === 'key' && /^[1-4]$/.test([value].flat()[0] ?? '')) return [];
        return [{ kind, path, place: `${config}.${name ?? `@${type ?? ''}`}.${option}` }];
      }),
    ),
  );
}
