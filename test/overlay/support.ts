import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ResolvedConfig } from '../../src/config/config.ts';
import { makeCalculator } from '../../src/mape/lookup.ts';
import type { MapeParameters } from '../../src/mape/parameters.ts';
import { type FileTree, makeFileTree, type TreeEntry } from '../../src/overlay/file-tree.ts';
import type { OverlayInput } from '../../src/overlay/render.ts';
import { serviceTable } from '../support/services.ts';

export const overlayFolder = join(import.meta.dirname, '../../overlays/mape');
export const standInFolder = join(import.meta.dirname, 'stand-in');
export const PLAN_A = 'a1'.repeat(32);
export const PLAN_B = 'b2'.repeat(32);

export const SYNTHETIC = {
  v6plus: '240b:12:3456:7800::/64',
  ocn: '2400:4151:8000:1234::/64',
} as const;

const calculate = makeCalculator(serviceTable);

export function mapeOf(prefix: string): MapeParameters {
  return calculate(prefix);
}

/** A rule with the whole address for one subscriber: no port set. */
export const fullAddress: MapeParameters = {
  ...mapeOf(SYNTHETIC.v6plus),
  service: 'user',
  ipv4Address: '192.0.2.1',
  ruleIpv4Prefix: '192.0.2.1/32',
  ruleIpv6Prefix: '2001:db8:1:2300::/56',
  eaLength: 0,
  psid: 0,
  psidLength: 0,
  portCount: 65536,
  portRanges: [[0, 65535]],
};

export const templates: FileTree = makeFileTree(walk(''));

function walk(folder: string): [string, TreeEntry][] {
  return readdirSync(join(overlayFolder, folder))
    .sort()
    .flatMap((name): [string, TreeEntry][] => {
      const path = `${folder}/${name}`;
      if (lstatSync(join(overlayFolder, path)).isDirectory()) return walk(path);
      const bytes = new Uint8Array(readFileSync(join(overlayFolder, path)));
      return [[path, { type: 'file', mode: 0o644, bytes, secret: false }]];
    });
}

export const plainConfig: ResolvedConfig = {
  prefix: undefined,
  profile: undefined,
  release: undefined,
  service: undefined,
  rule: undefined,
  line: 'auto',
  packages: { add: [], remove: [] },
  lan: { address: undefined },
  wan: { dhcpv4: false },
  hostname: undefined,
  timezone: 'Asia/Tokyo',
  ntp: [],
  wifi: undefined,
  ssh: { authorizedKeys: [], passwordLogin: undefined },
  rootPasswordHash: undefined,
  ipv6: { allow: [] },
  forwards: [],
  reservedPorts: [],
  files: [],
  uci: [],
};

export function overlayInput(overrides: Partial<OverlayInput> = {}): OverlayInput {
  return {
    templates,
    mape: mapeOf(SYNTHETIC.v6plus),
    config: plainConfig,
    line: { configured: 'ra', assumed: 'ra', reason: 'configured' },
    series: '24.10',
    planId: PLAN_A,
    programVersion: '0.0.0-test',
    ...overrides,
  };
}

export function fileText(tree: FileTree, path: string): string {
  const entry = tree.get(path);
  if (entry?.type !== 'file') throw new Error(`no file ${path} in the tree`);
  return new TextDecoder().decode(entry.bytes);
}

export function makeTempFolder(): string {
  return mkdtempSync(join(tmpdir(), 'mape-overlay-'));
}

/** Write a tree below a folder, modes as they are. */
export function writeTree(folder: string, tree: FileTree): void {
  for (const [path, entry] of tree) {
    const target = join(folder, path);
    if (entry.type === 'directory') mkdirSync(target, { recursive: true });
    if (entry.type !== 'file') continue;
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, entry.bytes, { mode: entry.mode });
  }
}

/** Whether a program is there; its absence is said, and is a failure where CI runs the tests. */
export function hasTool(program: string, args: readonly string[] = ['--help']): boolean {
  const found = spawnSync(program, args, { stdio: 'ignore' }).error === undefined;
  return found || missing(program);
}

/** Whether network namespaces of our own can be made, with or without a user namespace around them. */
export function namespaceCommand(): readonly string[] | undefined {
  for (const command of [
    ['unshare', '-n'],
    ['unshare', '-r', '-n'],
  ]) {
    const [file = '', ...args] = command;
    const probe = spawnSync(file, [...args, 'sh', '-c', 'ip link set lo up && nft list tables'], {
      stdio: 'ignore',
    });
    if (probe.status === 0) return command;
  }
  missing('network namespaces with nft and ip');
  return undefined;
}

function missing(what: string): false {
  if (process.env.CI !== undefined) throw new Error(`${what} is missing: in CI every check has to run`);
  console.warn(`skipped: ${what} is not here`);
  return false;
}

const UCI = ['main.awk', 'words.awk', 'sections.awk', 'read.awk', 'change.awk', 'print.awk'];

/** Stand-ins of the router's programs, as a folder for PATH. */
export function makeBin(folder: string, extra: Readonly<Record<string, string>> = {}): string {
  const bin = join(folder, 'stand-in-bin');
  mkdirSync(bin, { recursive: true });
  const scripts: Record<string, string> = {
    uci: `exec awk ${UCI.map((name) => `-f '${join(standInFolder, 'uci', name)}'`).join(' ')} -- "$@"`,
    jsonfilter: `exec awk -f '${join(standInFolder, 'jsonfilter.awk')}' -- "$@"`,
    ...extra,
  };
  for (const [name, body] of Object.entries(scripts))
    writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return bin;
}

export function runAsh(
  script: string,
  options: { readonly root: string; readonly bin?: string; readonly env?: Readonly<Record<string, string>> },
): SpawnSyncReturns<string> {
  const path = process.env.PATH ?? '/usr/sbin:/usr/bin:/sbin:/bin';
  // functions, since some builds of ash prefer their own applet to a program on PATH; the disks of this host stay alone
  const own = 'logger() { [ -z "$LOG" ] || echo "logger $*" >>"$LOG"; }\nsync() { :; }';
  return spawnSync('busybox', ['ash', '-c', `${own}\n${script}`], {
    encoding: 'utf8',
    env: {
      PATH: options.bin === undefined ? path : `${options.bin}:${path}`,
      IPKG_INSTROOT: options.root,
      ...options.env,
    },
  });
}

/** What `ash -n` and `nft -c` say of a text; nothing where they take it. */
export function ashProblem(text: string): string | undefined {
  const run = spawnSync('busybox', ['ash', '-n'], { input: text, encoding: 'utf8' });
  return run.status === 0 ? undefined : run.stderr;
}

export function nftProblem(namespace: readonly string[], text: string): string | undefined {
  const [file = '', ...args] = namespace;
  const run = spawnSync(file, [...args, 'nft', '-c', '-f', '-'], { input: text, encoding: 'utf8' });
  return run.status === 0 ? undefined : run.stderr;
}
