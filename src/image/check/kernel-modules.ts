import type { Finding } from '../../errors.ts';
import { collectImageError } from '../contents/collect.ts';
import { readPackages } from '../contents/packages.ts';
import type { RootIndex } from '../contents/root-index.ts';

/**
 * What the tunnel and our NAT cannot be without, with the package that brings it.
 *
 * @see openwrt package/kernel/linux/modules/netsupport.mk, include/netfilter.mk
 */
const NEEDED: readonly (readonly [module: string, packageName: string])[] = [
  ['ip6_tunnel', 'kmod-ip6-tunnel'],
  ['tunnel6', 'kmod-iptunnel6'],
  ['nf_conntrack', 'kmod-nf-conntrack'],
  ['nf_nat', 'kmod-nf-nat'],
  ['nf_tables', 'kmod-nft-core'],
  ['nft_ct', 'kmod-nft-core'],
  ['nft_hash', 'kmod-nft-core'],
  ['nft_numgen', 'kmod-nft-core'],
  ['nft_chain_nat', 'kmod-nft-nat'],
  ['nft_nat', 'kmod-nft-nat'],
];

/**
 * Whether the kernel modules of MAP-E are in: without one there is no IPv4, and nothing says why.
 *
 * A module is a file, or listed as built in. Where its package is in the image and its file is not, the kernel may have it
 * built in without a list: that is worth a warning alone. A root without any module file is judged by its packages alone.
 */
export async function checkKernelModules(root: RootIndex): Promise<readonly Finding[]> {
  const files = root.rootfs.entries.filter(({ path }) => /^(?:\/usr)?\/lib\/modules\/.*\.ko$/.test(path));
  if (files.length === 0) return [];
  const builtIn = await Promise.all(
    root
      .list(root.resolve('/lib/modules')?.path ?? '/lib/modules')
      .map(({ path }) => root.readText(`${path}/modules.builtin`)),
  );
  const present = new Set(
    [...files.map(({ path }) => path), ...builtIn.flatMap((text) => (text ?? '').split('\n'))].map(
      moduleName,
    ),
  );
  const list = await collectImageError([], () => readPackages(root));
  const installed = new Set((list?.packages ?? []).map(({ name }) => name));
  return NEEDED.filter(([module]) => !present.has(module)).map(([module, packageName]) => {
    const details = { module, package: packageName };
    if (installed.has(packageName)) {
      return {
        severity: 'warning',
        code: 'VERIFY_MODULE_UNSEEN',
        message: `wanted the kernel module ${module} of ${packageName} in the image, found the package without it: the kernel may have it built in`,
        hint: `look on the router for /sys/module/${module}`,
        details,
      };
    }
    return {
      severity: 'error',
      code: 'VERIFY_MODULE_MISSING',
      message: `wanted the kernel module ${module} of ${packageName} in the image, found none: MAP-E cannot work`,
      hint: `do not flash it; build again with ${packageName} among the packages`,
      details,
    };
  });
}

/** `kernel/net/ipv6/ip6_tunnel.ko` is `ip6_tunnel`; the kernel takes `-` and `_` for the same. */
function moduleName(path: string): string {
  return path
    .slice(path.lastIndexOf('/') + 1)
    .replace(/\.ko$/, '')
    .replaceAll('-', '_');
}
