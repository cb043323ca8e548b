import type { Finding } from '../../errors.ts';
import type { ServiceTable } from '../../mape/service.ts';
import type { RootFilesystem } from '../root-filesystem.ts';
import { collectImageError } from './collect.ts';
import { findImpliedService, type ImpliedService } from './implied-service.ts';
import { findMapeSettings, type MapeSettings } from './mape-settings.ts';
import { checkModes } from './modes.ts';
import { type OwnFiles, readOwnFiles } from './own-files.ts';
import { type PackageList, readPackages } from './packages.ts';
import { type ReleaseInfo, readRelease } from './release.ts';
import { indexRoot } from './root-index.ts';
import { listSecrets, type Secret } from './secrets.ts';
import { readSshAccess, type SshAccess } from './ssh.ts';
import { readUciSources } from './uci-sources.ts';
import { readUsers, type User } from './users.ts';

/** A MAP-E interface with the service it is for. */
export interface BakedMape extends MapeSettings {
  readonly implied: ImpliedService;
}

/** What is inside a root file system; no value of a secret is among it. */
export interface Contents {
  readonly release: ReleaseInfo;
  /** Absent: the image has no list of packages, or none that can be read. */
  readonly packages: PackageList | undefined;
  readonly users: readonly User[];
  readonly ssh: SshAccess;
  readonly mape: readonly BakedMape[];
  /** Absent: the image is not ours. */
  readonly own: OwnFiles | undefined;
  readonly secrets: readonly Secret[];
  /** Scripts that run at the first boot, in their order. */
  readonly firstBootScripts: readonly string[];
  /** What is worth a warning, and files that could not be read. */
  readonly findings: readonly Finding[];
}

/**
 * Read what is inside a root file system, whoever made it.
 *
 * @throws what the root's own reader throws; a single file that is damaged is a finding
 */
export async function readContents(rootfs: RootFilesystem, table: ServiceTable): Promise<Contents> {
  const root = indexRoot(rootfs);
  const findings: Finding[] = [];
  const packages = await collectImageError(findings, () => readPackages(root));
  const users = (await collectImageError(findings, () => readUsers(root))) ?? [];
  const uci = await readUciSources(root);
  const release = await collectImageError(findings, () => readRelease(root));
  const ssh = await collectImageError(findings, () => readSshAccess(root, uci.state));
  const mape = findMapeSettings(uci.state);
  return {
    release: release ?? NO_RELEASE,
    packages,
    users,
    ssh: ssh ?? { keys: [], unreadableLines: 0, servers: [] },
    mape: mape.map((settings) => ({ ...settings, implied: findImpliedService(table, settings) })),
    own: await collectImageError(findings, () => readOwnFiles(root)),
    secrets: listSecrets(root, uci.state, users),
    firstBootScripts: uci.scripts,
    findings: [...findings, ...uci.findings, ...checkModes(rootfs.entries), ...checkUsers(users)],
  };
}

const NO_RELEASE: ReleaseInfo = {
  distribution: undefined,
  version: undefined,
  revision: undefined,
  target: undefined,
  architecture: undefined,
  kernelVersions: [],
};

function checkUsers(users: readonly User[]): readonly Finding[] {
  return users
    .filter(({ uid, name }) => uid === 0 && name !== 'root')
    .map(({ name }) => ({
      severity: 'warning',
      code: 'IMAGE_SECOND_ROOT',
      message: `the user ${name} has all rights of root`,
      hint: 'take the user out of /etc/passwd unless you put it there yourself',
      details: { name },
    }));
}
