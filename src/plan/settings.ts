import type { JsonValue } from '../bytes/canonical-json.ts';
import type { ResolvedConfig } from '../config/config.ts';

/**
 * The settings as the plan shows them: no secret, and of the user's own UCI options the names alone, since a value may be
 * a secret nobody can tell. What they hold decides the overlay's digests all the same.
 */
export function computeSettings(config: ResolvedConfig): Record<string, JsonValue> {
  return {
    lan: { address: config.lan.address ?? null },
    wan: { dhcpv4: config.wan.dhcpv4 },
    hostname: config.hostname ?? null,
    timezone: config.timezone,
    ntp: config.ntp,
    wifi:
      config.wifi === undefined
        ? null
        : {
            country: config.wifi.country,
            networks: config.wifi.networks.map(({ ssid, encryption, band, hidden }) => ({
              ssid,
              encryption,
              band,
              hidden,
            })),
          },
    ssh: {
      authorizedKeys: config.ssh.authorizedKeys.length,
      passwordLogin: config.ssh.passwordLogin ?? null,
    },
    rootPasswordHash: config.rootPasswordHash === undefined ? 'none' : 'set',
    ipv6Allow: config.ipv6.allow.map(({ name, proto, ports, host }) => ({
      name,
      proto,
      ports,
      host: host ?? null,
    })),
    forwards: config.forwards.map(({ name, proto, port, host, hostPort }) => ({
      name,
      proto,
      port,
      host,
      hostPort,
    })),
    reservedPorts: config.reservedPorts,
    files: config.files.map(({ path }) => path),
    uci: config.uci.map(({ config: file, section, option }) =>
      [file, section, option ?? ''].filter(Boolean).join('.'),
    ),
  };
}
