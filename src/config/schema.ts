import { z } from 'zod';
import { checkLanAddress, checkPrefixText } from './fields/address.ts';
import { checkPasswordHash, checkSshKey } from './fields/login.ts';
import { foldRuleName } from './fields/ports.ts';
import {
  checkHostname,
  checkPackageName,
  checkProfileText,
  checkRelease,
  checkServer,
  checkService,
  checkTimezone,
} from './fields/system.ts';
import { checkCountry } from './fields/wifi.ts';
import { forward, network, opening, ownFile, path, ports, secret } from './schema-items.ts';
import { checkUciTree, flattenUci } from './schema-uci.ts';
import { report, text, unique } from './zod-fields.ts';

const packageNames = z.array(text(checkPackageName)).max(256);

/** What `mape-image.yaml` may hold. Each key is judged on its own, so that one error hides no other. */
export const configSchema = z
  .strictObject({
    prefix: text(checkPrefixText).meta({
      description: 'IPv6 prefix or address of the line.',
      examples: ['2400:4151:8000:1200::/64'],
    }),
    profile: text(checkProfileText).meta({
      description: 'Device: id, board name or title.',
      examples: ['tplink_archer-c6-v2'],
    }),
    release: text(checkRelease).meta({
      description: 'Series or release of OpenWrt, quoted.',
      examples: ['24.10'],
    }),
    service: text(checkService).meta({
      description: 'MAP-E service; auto finds it from the prefix.',
      examples: ['auto', 'v6plus'],
    }),
    rule: path.meta({ description: 'File with MAP rules of your own.' }),
    line: z
      .enum(['auto', 'ra', 'pd'])
      .meta({ description: 'How the line hands out IPv6: RA with /64, or a delegated prefix.' }),
    packages: z
      .strictObject({ add: packageNames.optional(), remove: packageNames.optional() })
      .superRefine(({ add = [], remove = [] }, ctx) => {
        for (const [index, name] of remove.entries())
          if (add.includes(name))
            report(
              ctx,
              {
                code: 'CONFIG_PACKAGE_CLASH',
                wanted: `${name} under add or under remove, not both`,
                hint: 'remove one of the two lines',
                details: { name },
              },
              ['remove', index],
            );
      })
      .meta({ description: 'Packages beside those of the device.' }),
    lan: z.strictObject({
      address: text(checkLanAddress)
        .optional()
        .meta({ description: "The router's address and length.", examples: ['192.168.10.1/24'] }),
    }),
    wan: z.strictObject({
      dhcpv4: z.boolean().optional().meta({ description: 'Ask for IPv4 by DHCP on the line, too.' }),
    }),
    hostname: text(checkHostname).meta({ description: "The router's name, one label." }),
    timezone: text(checkTimezone).meta({ description: 'IANA name.', examples: ['Asia/Tokyo'] }),
    ntp: unique(z.array(text(checkServer)).max(8), (server) => server).meta({
      description: 'Time servers.',
      examples: [['ntp.nict.jp']],
    }),
    wifi: z.strictObject({
      country: text(checkCountry).optional().meta({ description: 'Two letters, default JP.' }),
      networks: z.array(network).max(16).optional(),
    }),
    ssh: z.strictObject({
      authorizedKeys: z
        .array(z.union([text(checkSshKey), z.strictObject({ file: path })]))
        .max(64)
        .optional()
        .meta({ description: 'Public key lines, or { file: … } with such lines.' }),
      passwordLogin: z.boolean().optional().meta({ description: 'Default: off where there are keys.' }),
    }),
    root: z.strictObject({
      passwordHash: secret(checkPasswordHash)
        .optional()
        .meta({ description: 'crypt(3) hash: { file: … } or { env: … }.' }),
    }),
    ipv6: z.strictObject({
      allow: unique(z.array(opening).max(64), ({ name }) => foldRuleName(name), 'name')
        .optional()
        .meta({ description: 'Openings in the IPv6 firewall.' }),
    }),
    forwards: unique(z.array(forward).max(128), ({ name }) => foldRuleName(name), 'name').meta({
      description: 'IPv4 ports of the subscriber passed to a host of the LAN.',
      examples: [['tcp 5136 -> 192.168.1.10:443']],
    }),
    reservedPorts: z
      .array(ports)
      .max(256)
      .meta({ description: 'Ports kept out of the NAT pool.', examples: [[5137, '5138-5140']] }),
    files: unique(z.array(ownFile).max(256), (own) => own.path, 'to').meta({
      description: 'Files of your own on the router.',
    }),
    uci: z
      .record(
        z.string(),
        z.record(
          z.string(),
          z.record(
            z.string(),
            z.union([
              z.string(),
              z.int(),
              z
                .array(z.union([z.string(), z.int()]))
                .min(1)
                .max(128),
            ]),
          ),
        ),
      )
      .superRefine(checkUciTree)
      .transform(flattenUci)
      .meta({
        description:
          'UCI options of your own: config, section, option; .type gives the type of a new section.',
      }),
  })
  .partial()
  .meta({
    title: 'mape-image configuration',
    description: 'Settings of mape-image; every key may be left out.',
  });

/** The settings one layer gives, each in its final form; what is absent is decided by a lower layer. */
export type LayerValues = z.output<typeof configSchema>;
