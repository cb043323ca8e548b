import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Lab, withLab } from '../../bench/nat/lab.mjs';
import type { MapeParameters, PortRange } from '../../src/mape/parameters.ts';
import { renderOverlay } from '../../src/overlay/render.ts';
import {
  fileText,
  hasTool,
  mapeOf,
  namespaceCommand,
  overlayFolder,
  overlayInput,
  plainConfig,
  SYNTHETIC,
} from '../overlay/support.ts';

export const V6PLUS = mapeOf(SYNTHETIC.v6plus);
export const OCN = mapeOf(SYNTHETIC.ocn);

export const canRun =
  hasTool('busybox') && hasTool('ip', ['-V']) && hasTool('perl', ['-v']) && hasOwnNamespaces();

/** Only root can enter the namespaces that the lab makes; without root that is said, and is a failure in CI. */
function hasOwnNamespaces(): boolean {
  if (namespaceCommand()?.[1] === '-n') return true;
  if (process.env.CI !== undefined) throw new Error('root is missing: in CI every check has to run');
  console.warn('skipped: the tests of NAT need root');
  return false;
}

/** The table as the image holds it, without the include of what a changed prefix leaves. */
export function natTable(mape: MapeParameters, reservedPorts: readonly PortRange[] = []): string {
  const tree = renderOverlay(overlayInput({ mape, config: { ...plainConfig, reservedPorts } }));
  return fileText(tree, '/usr/share/nftables.d/ruleset-post/50-mape-image.nft').replace(/^include .*$/m, '');
}

function overlaySysctls(): Record<string, string> {
  const text = readFileSync(join(overlayFolder, 'etc/sysctl.d/20-mape-image.conf'), 'utf8');
  const settings = [...text.matchAll(/^([a-z][^=]*)=(.*)$/gm)];
  return Object.fromEntries(settings.map(([, name = '', value = '']) => [name, value]));
}

/** A router of the image in a lab: its table, its settings, and fw4's masquerade behind it. */
export function withRouter<T>(
  mape: MapeParameters,
  use: (lab: Lab) => Promise<T>,
  options: {
    readonly reserved?: readonly PortRange[];
    readonly sysctls?: Readonly<Record<string, string>>;
  } = {},
): Promise<T> {
  const ranges = mape.portRanges.map(([first, last]) => [Math.max(first, 1), last] as const);
  const sysctls = { ...overlaySysctls(), ...options.sysctls };
  return withLab({ ranges, address: mape.ipv4Address, sysctls }, async (lab) => {
    await lab.nft(
      'router',
      `table inet fw4 {
        chain srcnat {
          type nat hook postrouting priority 100;
          oifname "map-wan6mape" masquerade
        }
      }
      ${natTable(mape, options.reserved)}`,
    );
    return use(lab);
  });
}

export function isInside(ranges: readonly PortRange[], port: number): boolean {
  return ranges.some(([first, last]) => first <= port && port <= last);
}
