import { z } from 'zod';
import type { FileSource, Forward, Ipv6Opening, OwnFile, SecretSource, WifiNetwork } from './config.ts';
import { checkIpv4Host, checkIpv6Host } from './fields/address.ts';
import { checkSourcePath, checkTargetPath, parseMode } from './fields/files.ts';
import { checkEnvName } from './fields/login.ts';
import { checkRuleName, completeForward, parseForwardText, parsePorts } from './fields/ports.ts';
import { checkSsid, checkWifiKey, checkWifiKeyUse, checkWifiNetwork } from './fields/wifi.ts';
import { parsed, report, text } from './zod-fields.ts';

export const path = text(checkSourcePath);
export const ports = z.union([z.int(), z.string()]).transform((value, ctx) => {
  const outcome = parsePorts(value);
  if ('value' in outcome) return outcome.value;
  report(ctx, outcome.problem);
  return z.NEVER;
});
const transport = z.enum(['tcp', 'udp', 'tcp+udp']);

/** `{file}` or `{env}`, or the secret itself, which `check` judges. */
export function secret(check: Parameters<typeof text>[0]) {
  return z.union([
    text(check).transform((value): SecretSource => ({ value })),
    z
      .strictObject({ file: path.optional(), env: text(checkEnvName).optional() })
      .transform(({ file, env }, ctx): SecretSource => {
        if (file !== undefined && env === undefined) return { file };
        if (env !== undefined && file === undefined) return { env };
        report(ctx, {
          code: 'CONFIG_BAD_SECRET',
          wanted: 'either file or env',
          hint: 'write { file: secrets/name } or { env: NAME }',
        });
        return z.NEVER;
      }),
  ]);
}

export const network = z
  .strictObject({
    ssid: text(checkSsid).meta({ description: 'Name of the network, 1 to 32 bytes of UTF-8.' }),
    key: secret(checkWifiKey)
      .optional()
      .meta({ description: 'Passphrase of 8 to 63 characters, or 64 hex digits.' }),
    encryption: z.enum(['none', 'owe', 'psk2', 'psk-mixed', 'sae', 'sae-mixed']).optional(),
    band: z.enum(['2g', '5g', '6g', 'all']).optional(),
    hidden: z.boolean().optional(),
  })
  .transform((input, ctx): WifiNetwork<SecretSource> => {
    const { ssid, key, band = 'all', hidden = false } = input;
    const encryption = input.encryption ?? (band === '6g' ? 'sae' : 'sae-mixed');
    const value = { ssid, encryption, band, hidden, ...(key === undefined ? {} : { key }) };
    for (const [problem, field] of checkWifiNetwork(value)) report(ctx, problem, [field]);
    if (key !== undefined && 'value' in key) report(ctx, checkWifiKeyUse(key.value, encryption), ['key']);
    return value;
  });

export const opening = z
  .strictObject({
    name: text(checkRuleName),
    proto: z.enum(['tcp', 'udp', 'tcp+udp', 'icmp']).optional().meta({ description: 'Default tcp.' }),
    ports: z.array(ports).max(32).optional(),
    host: text(checkIpv6Host)
      .optional()
      .meta({ description: 'Address or suffix; absent: the router itself.' }),
  })
  .transform((input, ctx): Ipv6Opening => {
    const { name, proto = 'tcp', host } = input;
    const list = input.ports ?? [];
    if (proto === 'icmp' && list.length > 0)
      report(ctx, { code: 'CONFIG_PORTS_UNUSED', wanted: 'no ports with icmp', hint: 'remove ports' }, [
        'ports',
      ]);
    if (proto !== 'icmp' && list.length === 0)
      report(
        ctx,
        {
          code: 'CONFIG_PORTS_MISSING',
          wanted: `the ports to open for ${proto}`,
          hint: 'add ports: [443]; for all of them ports: ["1-65535"]',
          details: { proto },
        },
        ['ports'],
      );
    return { name, proto, ports: list, ...(host === undefined ? {} : { host }) };
  });

export const forward = z.union([
  parsed(parseForwardText),
  z
    .strictObject({
      name: text(checkRuleName).optional(),
      proto: transport,
      port: ports,
      host: text(checkIpv4Host),
      hostPort: ports.optional(),
    })
    .transform((input, ctx): Forward => {
      const outcome = completeForward(input);
      if ('value' in outcome) return outcome.value;
      report(ctx, outcome.problem, ['hostPort']);
      return z.NEVER;
    }),
]);

export const ownFile = z
  .strictObject({ from: path, to: text(checkTargetPath), mode: parsed(parseMode).optional() })
  .transform(
    ({ from, to, mode = 0o644 }): OwnFile<FileSource> => ({
      path: to,
      mode,
      content: { source: from },
    }),
  );
