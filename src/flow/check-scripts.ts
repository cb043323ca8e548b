import { basename, join } from 'node:path';
import { escapeControls } from '../bytes/escape-controls.ts';
import type { Finding } from '../errors.ts';
import type { ScriptWork } from '../image/check/scripts.ts';
import type { RootFilesystem } from '../image/root-filesystem.ts';
import { execEnv } from '../io/exec-env.ts';
import type { ExecResult, Ports } from '../io/ports.ts';
import { withTempDir } from '../io/temp.ts';

const TIMEOUT_MS = 20_000;
const SHELLS_AT_ONCE = 8;
/** nft talks to the kernel even where it only checks, so it needs a network namespace in which it may. */
const NFT_WAYS = [['unshare', '-n', 'nft'], ['unshare', '-r', '-n', 'nft'], ['nft']] as const;
/** What fw4 puts around a file by the folder it stands in. @see openwrt firewall4 root/usr/share/firewall4/templates/ruleset.uc */
const AROUND_NFT: readonly (readonly [folder: RegExp, wrap: (text: string) => string])[] = [
  [/\/ruleset-(?:pre|post)\/[^/]+$/, (text) => text],
  [/\/table-(?:pre|post)\/[^/]+$/, (text) => `table inet fw4 {\n${text}\n}\n`],
  [
    /\/chain-(?:pre|post)\/[A-Za-z0-9_]+\/[^/]+$/,
    (text) => `table inet fw4 {\n\tchain here {\n${text}\n\t}\n}\n`,
  ],
];

/**
 * Let the programs that know judge the scripts of an image: a shell those of the shell, nft the rules.
 *
 * @param root the image they stand in
 * @param tempDir where they are written for it, absolute
 * @throws what the root's own reader throws; IoError
 */
export async function checkScripts(
  ports: Ports,
  work: ScriptWork,
  root: RootFilesystem,
  tempDir: string,
): Promise<readonly Finding[]> {
  if (work.shell.length + work.nft.length === 0) return [];
  return withTempDir(ports, tempDir, async (dir) => [
    ...(await checkShell(ports, work.shell, root, dir)),
    ...(await checkRules(ports, work.nft, root, dir)),
  ]);
}

/** The router's shell where it is here, otherwise that of the system: both read POSIX and no more. */
async function checkShell(
  ports: Ports,
  paths: readonly string[],
  root: RootFilesystem,
  dir: string,
): Promise<readonly Finding[]> {
  const shell = (await ports.exec.has('busybox')) ? ['busybox', 'ash'] : ['sh'];
  const check = async (path: string, index: number): Promise<readonly Finding[]> => {
    const copy = join(dir, `${index}.sh`);
    await ports.files.writeFile(copy, await root.readFile(path));
    const result = await run(ports, [...shell, '-n', copy]);
    if (result.exitCode === 0) return [];
    return [broken('VERIFY_SCRIPT_BROKEN', path, 'ash', lastWords(result, copy))];
  };
  const findings: Finding[] = [];
  for (let from = 0; from < paths.length; from += SHELLS_AT_ONCE) {
    const some = paths.slice(from, from + SHELLS_AT_ONCE);
    findings.push(...(await Promise.all(some.map((path, index) => check(path, from + index)))).flat());
  }
  return findings;
}

async function checkRules(
  ports: Ports,
  paths: readonly string[],
  root: RootFilesystem,
  dir: string,
): Promise<readonly Finding[]> {
  const known = paths.flatMap((path) => {
    const wrap = AROUND_NFT.find(([folder]) => folder.test(path))?.[1];
    return wrap === undefined ? [] : [{ path, wrap }];
  });
  if (known.length === 0) return [];
  const nft = await findNft(ports, dir);
  if (nft === undefined) return [unchecked(known.map(({ path }) => path))];
  const findings: Finding[] = [];
  for (const [index, { path, wrap }] of known.entries()) {
    const copy = join(dir, `${index}.nft`);
    await ports.files.writeFile(copy, wrap(new TextDecoder().decode(await root.readFile(path))));
    const result = await run(ports, [...nft, '-c', '-f', copy]);
    if (result.exitCode !== 0)
      findings.push(broken('VERIFY_RULES_REFUSED', path, 'nft', lastWords(result, copy)));
  }
  return findings;
}

/** How nft may be asked here; the first way in which it takes a table without anything in it. */
async function findNft(ports: Ports, dir: string): Promise<readonly string[] | undefined> {
  if (!(await ports.exec.has('nft'))) return undefined;
  const probe = join(dir, 'probe.nft');
  await ports.files.writeFile(probe, 'table inet mape_image_probe {\n}\n');
  for (const way of NFT_WAYS) {
    if (!(await ports.exec.has(way[0]))) continue;
    if ((await run(ports, [...way, '-c', '-f', probe])).exitCode === 0) return way;
  }
  return undefined;
}

function run(ports: Ports, [file = '', ...args]: readonly string[]): Promise<ExecResult> {
  const env = execEnv(ports.env);
  return ports.exec.run({ file, args, env, timeoutMs: TIMEOUT_MS, signal: ports.signal });
}

/** The first line that is said, without the path of the copy. */
function lastWords({ stderr, stdout }: ExecResult, copy: string): string {
  const line = `${stderr}\n${stdout}`.split('\n').find((text) => text.trim() !== '') ?? 'no word';
  return escapeControls(line.replaceAll(copy, basename(copy))).slice(0, 200);
}

function broken(
  code: 'VERIFY_SCRIPT_BROKEN' | 'VERIFY_RULES_REFUSED',
  path: string,
  program: string,
  words: string,
): Finding {
  return {
    severity: 'error',
    code,
    message: `wanted ${path} to be one that ${program} takes, found: ${words}`,
    hint: 'do not flash it; correct the file where it is yours, otherwise build the image again',
    details: { path, program, words },
  };
}

function unchecked(paths: readonly string[]): Finding {
  return {
    severity: 'warning',
    code: 'VERIFY_RULES_UNCHECKED',
    message: `${paths.length} files of nftables rules were not loaded for a check: nft cannot be used here`,
    hint: 'install nftables, or check on another machine, where rules of your own are among them',
    details: { count: paths.length, paths },
  };
}
