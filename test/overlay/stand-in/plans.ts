import type { ResolvedConfig } from '../../../src/config/config.ts';
import type { OverlayInput } from '../../../src/overlay/render.ts';
import { mapeOf, plainConfig, SYNTHETIC } from '../support.ts';

export const RA = { configured: 'ra', assumed: 'ra', reason: 'configured' } as const;
export const PD = { configured: 'pd', assumed: 'pd', reason: 'configured' } as const;
export const BOTH = { configured: 'auto', assumed: 'both', reason: 'unknown' } as const;

/** Every part that first boot knows; the port is one of the line's. */
export function everything(port: number): ResolvedConfig {
  return {
    ...plainConfig,
    hostname: 'gate',
    lan: { address: '192.168.10.1/24' },
    ntp: ['ntp.nict.jp', 'ntp.jst.mfeed.ad.jp'],
    ssh: { authorizedKeys: ['ssh-ed25519 AAAA me'], passwordLogin: undefined },
    rootPasswordHash: '$6$salt$hash',
    wifi: {
      country: 'JP',
      networks: [
        { ssid: "Ko'taro 家", key: 'correct horse', encryption: 'sae-mixed', band: 'all', hidden: false },
        { ssid: 'guest', encryption: 'none', band: '5g', hidden: true },
      ],
    },
    forwards: [
      { name: 'nas', proto: 'tcp', port: [port, port], host: '192.168.10.10', hostPort: [443, 443] },
    ],
    ipv6: {
      allow: [{ name: 'web', proto: 'tcp', ports: [[443, 443]], host: '::1:2:3:4' }],
    },
    uci: [
      { config: 'my-app', section: 'main', value: 'service' },
      { config: 'my-app', section: 'main', option: 'peers', value: ['a b', "c'd"] },
      { config: 'my-app', section: 'main', option: 'behind', value: '1' },
      { config: 'my-app', section: 'main', option: 'more', value: ['x'] },
    ],
  };
}

/** A plan with all parts for each kind of line. */
export const PLANS = {
  ra: { mape: mapeOf(SYNTHETIC.v6plus), line: RA, config: everything(6016) },
  pd: { mape: mapeOf(SYNTHETIC.ocn), line: PD, config: everything(5408) },
  both: { mape: mapeOf(SYNTHETIC.v6plus), line: BOTH, config: everything(6016) },
} as const satisfies Readonly<Record<string, Partial<OverlayInput>>>;

/** How a release spells what it has changed; 21.02 as 22.03, the oldest there is an image for. */
export function seriesOf(release: string): OverlayInput['series'] {
  const series = { 'v23.05.6': '23.05', 'v24.10.8': '24.10', 'v25.12.5': '25.12', main: 'snapshot' } as const;
  return Object.entries(series).find(([name]) => name === release)?.[1] ?? '22.03';
}
