import type { Finding } from '../../errors.ts';
import type { RootIndex } from '../contents/root-index.ts';
import type { CheckedOverlay } from './checked-plan.ts';

/**
 * Whether the services of the overlay start at boot: an ImageBuilder enables every one unless told not to, and does not
 * fail where it cannot.
 *
 * @throws what the root's own reader throws
 * @see openwrt include/rootfs.mk (prepare_rootfs: rc.common enable), package/base-files/files/etc/rc.common (enable)
 */
export async function checkServices(plan: CheckedOverlay, root: RootIndex): Promise<readonly Finding[]> {
  const enabled = new Set(
    root.list('/etc/rc.d').flatMap(({ path }) => /\/S[0-9]{2}([^/]+)$/.exec(path)?.[1] ?? []),
  );
  const findings: Finding[] = [];
  for (const { path, type } of plan.overlay) {
    const [, name] = /^\/etc\/init\.d\/([^/]+)$/.exec(path) ?? [];
    if (name === undefined || type !== 'file' || enabled.has(name)) continue;
    const text = (await root.readText(path)) ?? '';
    if (!/^START=[0-9]/m.test(text) || !text.startsWith('#!/bin/sh /etc/rc.common')) continue;
    findings.push({
      severity: 'error',
      code: 'VERIFY_SERVICE_OFF',
      message: `wanted the service ${name} to start at boot, found no link to it in /etc/rc.d`,
      hint: 'do not flash it; build again without DISABLED_SERVICES',
      details: { service: name },
    });
  }
  return findings;
}
