import type { Finding } from '../errors.ts';
import { checkForwards } from './check-forwards.ts';
import type { OverlayFindingCode } from './errors.ts';
import type { FileTree } from './file-tree.ts';
import { checkOwnFiles } from './guard.ts';
import { KNOWN_TIMEZONES, posixTimezone } from './timezone.ts';
import { MAPE_INTERFACE } from './uci-lines.ts';
import type { ViewInput } from './view.ts';

/**
 * Everything the overlay's input can be found wanting in.
 *
 * @param ours the overlay without the user's own files
 */
export function checkOverlay(input: ViewInput, ours: FileTree): readonly Finding[] {
  const { config, mape } = input;
  return [
    ...checkForwards(mape, config),
    ...checkTimezone(config.timezone),
    ...checkWifi(config.wifi),
    ...checkOwnFiles(config.files, new Set(ours.keys())),
    ...checkOwnUci(config.uci),
  ];
}

function checkTimezone(zone: string): readonly Finding[] {
  if (posixTimezone(zone) !== undefined) return [];
  return [
    {
      severity: 'error',
      code: 'TIMEZONE_UNKNOWN' satisfies OverlayFindingCode,
      message: `wanted a time zone of the table, found ${zone}`,
      hint: 'choose one of the table; another goes under uci as system options zonename and timezone (its POSIX form)',
      details: { zone, known: KNOWN_TIMEZONES },
    },
  ];
}

function checkWifi(wifi: ViewInput['config']['wifi']): readonly Finding[] {
  return (wifi?.networks ?? [])
    .filter(({ key, encryption }) => key === undefined && encryption !== 'none' && encryption !== 'owe')
    .map(({ ssid, encryption }) => ({
      severity: 'error' as const,
      code: 'WIFI_KEY_MISSING' satisfies OverlayFindingCode,
      message: `wanted a key for the network ${ssid} with ${encryption}, found none`,
      hint: 'give the network a key, or encryption: none',
      details: { ssid, encryption },
    }));
}

/** Settings of the user's own are applied last, so that they win; over ours they may cost the line. */
function checkOwnUci(own: ViewInput['config']['uci']): readonly Finding[] {
  const sections = new Set(
    own
      .filter(
        ({ config, section }) =>
          (config === 'network' && section === MAPE_INTERFACE) ||
          (config === 'firewall' && section.startsWith('mape_')),
      )
      .map(({ config, section }) => `${config}.${section}`),
  );
  return [...sections].map((section) => ({
    severity: 'warning' as const,
    code: 'UCI_OVERRIDES_OURS' satisfies OverlayFindingCode,
    message: `wanted settings of other sections, found ${section}, which MAP-E itself is made of`,
    hint: 'make sure that MAP-E works with it; such settings win over the computed ones',
    details: { section },
  }));
}
