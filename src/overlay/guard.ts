import type { OwnFile } from '../config/config.ts';
import type { Finding } from '../errors.ts';
import type { OverlayFindingCode } from './errors.ts';

type Files = readonly Pick<OwnFile<unknown>, 'path' | 'mode'>[];

const ROOTS = ['/etc/', '/lib/firmware/', '/lib/upgrade/', '/opt/', '/root/', '/srv/', '/usr/', '/www/'];

/** Links of the root file system: a file in their place stays what it was at build time. */
const LINKS = new Set(['/etc/TZ', '/etc/localtime', '/etc/mtab', '/etc/ppp/resolv.conf', '/etc/resolv.conf']);

/** Without the original of these the router does not boot, or nobody can log in. */
const VITAL = new Set([
  '/etc/group',
  '/etc/init.d/boot',
  '/etc/init.d/done',
  '/etc/inittab',
  '/etc/passwd',
  '/etc/preinit',
  '/etc/profile',
  '/etc/rc.common',
  '/etc/shadow',
]);

/** Configurations that the first boot, the board or the hardware write parts of. */
const SHARED_CONFIGS = new Set(['dhcp', 'firewall', 'system', 'wireless']);

/**
 * Whether files of the user's own may be laid over the root file system.
 *
 * @param ours paths of the overlay itself, directories included
 * @see openwrt rules.mk (file_copy), package/base-files/files/bin/config_generate
 */
export function checkOwnFiles(files: Files, ours: ReadonlySet<string>): readonly Finding[] {
  const seen = new Set<string>();
  return files.flatMap((file) => {
    const problem = checkPath(file.path) ?? checkMode(file) ?? checkCollision(file.path, ours, files, seen);
    seen.add(file.path);
    return problem === undefined ? checkConfig(file.path) : [problem];
  });
}

function checkPath(path: string): Finding | undefined {
  if (/[\u0000-\u001f\u007f\\]/.test(path))
    return refuse(
      'FILE_NAME_REFUSED',
      path,
      'characters',
      'a path without control characters and backslashes',
    );
  const parts = path.split('/').slice(1);
  if (!path.startsWith('/') || parts.some((part) => part === '' || part === '.' || part === '..'))
    return refuse('FILE_PATH_REFUSED', path, 'form', 'an absolute path without empty parts, . and ..');
  if (
    parts[0] === 'etc' &&
    parts[1] === 'uci-defaults' &&
    !/^[A-Za-z0-9._-]+$/.test(parts.slice(2).join('/'))
  )
    return refuse(
      'FILE_NAME_REFUSED',
      path,
      'uci-defaults',
      'a name of letters, digits, dots, - and _: first boot scripts are run from a list split at blanks',
    );
  if (parts.some((part) => part === '.git' || part === '.svn' || part === 'CVS' || part.startsWith('.#')))
    return refuse('FILE_NAME_REFUSED', path, 'vanishes', 'a name that the ImageBuilder does not leave out');
  if (LINKS.has(path))
    return refuse(
      'FILE_PATH_REFUSED',
      path,
      'link',
      'another path: this one is a link that the system moves',
    );
  if (VITAL.has(path))
    return refuse(
      'FILE_PATH_REFUSED',
      path,
      'vital',
      'another path: without the original the router is lost',
    );
  if (path === '/etc/config/network')
    return refuse(
      'FILE_REPLACES_CONFIG',
      path,
      'network',
      'uci settings instead: a whole file suppresses the ports and switch of the board',
    );
  if (!ROOTS.some((root) => path.startsWith(root) && path.length > root.length))
    return refuse('FILE_PATH_REFUSED', path, 'root', `a path under ${ROOTS.join(', ')}`);
  return undefined;
}

function checkMode({ path, mode }: Files[number]): Finding | undefined {
  if (mode >= 0 && mode <= 0o777) return undefined;
  return {
    severity: 'error',
    code: 'FILE_MODE_REFUSED' satisfies OverlayFindingCode,
    message: `wanted a mode from 0000 to 0777 for ${path}, found ${mode.toString(8)}`,
    hint: 'leave out setuid, setgid and sticky bits',
    details: { path, mode: mode.toString(8) },
  };
}

function checkCollision(
  path: string,
  ours: ReadonlySet<string>,
  files: Files,
  seen: ReadonlySet<string>,
): Finding | undefined {
  const wanted = 'a path of its own';
  if (ours.has(path)) return refuse('FILE_COLLIDES', path, 'ours', wanted);
  if (seen.has(path)) return refuse('FILE_COLLIDES', path, 'twice', wanted);
  const parents = parentsOf(path);
  if (files.some((other) => parents.includes(other.path)))
    return refuse('FILE_COLLIDES', path, 'nested', wanted);
  return undefined;
}

function checkConfig(path: string): readonly Finding[] {
  const config = /^\/etc\/config\/([^/]+)$/.exec(path)?.[1];
  if (config === undefined || !SHARED_CONFIGS.has(config)) return [];
  return [
    {
      severity: 'warning',
      code: 'FILE_REPLACES_CONFIG' satisfies OverlayFindingCode,
      message: `wanted uci settings for ${config}, found a whole file ${path}`,
      hint: 'the file must hold all that this device and MAP-E need there; prefer single settings under uci',
      details: { path, reason: config },
    },
  ];
}

function parentsOf(path: string): readonly string[] {
  const parents: string[] = [];
  for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1))
    parents.push(path.slice(0, slash));
  return parents;
}

function refuse(code: OverlayFindingCode, path: string, reason: string, wanted: string): Finding {
  return {
    severity: 'error',
    code,
    message: `wanted ${wanted}, found ${JSON.stringify(path)}`,
    hint: 'choose another path for this file',
    details: { path, reason },
  };
}
