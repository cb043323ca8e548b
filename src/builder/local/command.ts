import { isSafePath } from '../../io/exec-env.ts';
import { parsePackageItem } from '../../release/package-name.ts';
import { BuilderError } from '../errors.ts';

export interface ImageCommand {
  readonly profile: string;
  readonly packages: readonly string[];
  readonly extraImageName: string;
  /** Absolute folder that is laid over the root file system. */
  readonly filesDir: string;
  /** Absolute folder, empty. */
  readonly binDir: string;
}

const PROFILE = /^[A-Za-z0-9][A-Za-z0-9_.,-]*$/;
const EXTRA_IMAGE_NAME = /^[a-z0-9-]*$/;

/**
 * The arguments of `make image`. The Makefile hands each value on through make and sh as it is, where `$(shell …)`,
 * backticks and quotes are executed: so each is held against a list of the characters it may have.
 *
 * @throws BuilderError ARGUMENT_UNSAFE; ReleaseError PACKAGE_NAME_INVALID, PACKAGE_VERSION_PINNED
 * @see OpenWrt target/imagebuilder/files/Makefile (image)
 */
export function renderImageArguments(command: ImageCommand): readonly string[] {
  check('PROFILE', command.profile, PROFILE.test(command.profile));
  check('EXTRA_IMAGE_NAME', command.extraImageName, EXTRA_IMAGE_NAME.test(command.extraImageName));
  check('FILES', command.filesDir, isSafePath(command.filesDir));
  check('BIN_DIR', command.binDir, isSafePath(command.binDir));
  const packages = command.packages.map(parsePackageItem);
  return [
    'image',
    `PROFILE=${command.profile}`,
    `PACKAGES=${packages.map(({ name, remove }) => (remove ? `-${name}` : name)).join(' ')}`,
    `FILES=${command.filesDir}`,
    `BIN_DIR=${command.binDir}`,
    `EXTRA_IMAGE_NAME=${command.extraImageName}`,
  ];
}

function check(variable: string, value: string, safe: boolean): void {
  if (safe) return;
  throw new BuilderError('ARGUMENT_UNSAFE', {
    message: `wanted a value of plain characters for ${variable}, found ${JSON.stringify(value)}`,
    hint: 'this is a bug; please report it',
    details: { variable, value },
  });
}
