import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the machine needs beside what is built in: its channel to the host, tunnels, virtual links, nftables. */
const WANTED = [
  'virtio_pci',
  'virtio_console',
  'veth',
  'dummy',
  'ip6_tunnel',
  'nf_conntrack_netlink',
  'nft_chain_nat',
  'nft_nat',
  'nft_masq',
  'nft_redir',
  'nft_ct',
  'nft_limit',
  'nft_numgen',
  'nft_hash',
  'nft_connlimit',
  'nft_objref',
  'nft_reject',
  'nft_reject_inet',
  'nft_reject_ipv4',
  'nft_reject_ipv6',
  'nft_fib_inet',
  'nft_log',
];
const UNPACK: Readonly<Record<string, readonly string[]>> = {
  '.xz': ['xz', '-dc'],
  '.zst': ['zstd', '-dc'],
  '.gz': ['gzip', '-dc'],
};

export interface KernelModule {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * The modules the machine loads, each behind those it needs. A name without a file is built in.
 *
 * The package brings no `modules.dep` (its installation makes it), so the dependencies come from the modules themselves.
 *
 * @see linux include/linux/module.h (MODULE_INFO: `depends=` in section .modinfo)
 */
export function readModules(folder: string): readonly KernelModule[] {
  const paths = new Map<string, string>();
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const match = /([^/]+)\.ko(\.xz|\.zst|\.gz)?$/.exec(path);
    if (match?.[1] !== undefined) paths.set(match[1].replaceAll('-', '_'), join(folder, path));
  }
  const modules = new Map<string, KernelModule>();
  const add = (name: string): void => {
    const path = paths.get(name);
    if (path === undefined || modules.has(name)) return;
    const bytes = readModule(path);
    for (const needed of readDependencies(bytes)) add(needed);
    modules.set(name, { name, bytes });
  };
  for (const name of WANTED) add(name);
  return [...modules.values()];
}

function readModule(path: string): Buffer {
  const [program, ...args] = UNPACK[/\.[a-z]+$/.exec(path)?.[0] ?? ''] ?? [];
  if (program === undefined) return readFileSync(path);
  const run = spawnSync(program, [...args, path], { maxBuffer: 64 << 20 });
  if (run.status !== 0) throw new Error(`${program} could not unpack ${path}: ${String(run.stderr)}`);
  return run.stdout;
}

function readDependencies(bytes: Buffer): readonly string[] {
  const start = bytes.indexOf('\0depends=', 0, 'latin1');
  if (start < 0) return [];
  const text = bytes.subarray(start + '\0depends='.length, bytes.indexOf(0, start + 1)).toString('latin1');
  return text.split(',').filter((name) => name !== '');
}
