import { z } from 'zod';
import type { ResolvedConfig } from '../config/config.ts';
import type { MapeParameters } from '../mape/parameters.ts';
import { keptPorts } from './check-forwards.ts';
import { OverlayError } from './errors.ts';
import { computeNatView, formatMapcalcPorts, formatPortWords } from './nat-view.ts';
import { type AssumedLine, computeLineUci } from './uci-line.ts';
import { MAPE_INTERFACE } from './uci-lines.ts';
import { computeLanUci, computeOwnUci, computeSshUci, computeSystemUci, type Series } from './uci-parts.ts';
import { computeWifiView } from './wifi-view.ts';

export interface ViewInput {
  readonly mape: MapeParameters;
  readonly config: ResolvedConfig;
  readonly line: {
    readonly configured: 'auto' | 'ra' | 'pd';
    readonly assumed: AssumedLine;
    readonly reason: string;
  };
  readonly series: Series;
  readonly programVersion: string;
}

const text = z.string();
const index = z.int().min(0);
const key = z.string().min(1);
const uciOps = z.array(
  z.discriminatedUnion('verb', [
    z.strictObject({ verb: z.literal('delete'), key }),
    z.strictObject({ verb: z.enum(['set', 'add_list']), key, value: text.min(1) }),
  ]),
);
const portWords = z.string().regex(/^[0-9]+(-[0-9]+)?$/);

/** All that templates may name; Handlebars guards no name inside `if` and `each`, so this does. */
const viewSchema = z.strictObject({
  table: text,
  guard: text,
  device: text,
  guarded: text,
  address: z.ipv4(),
  shared: z.boolean(),
  ports: z.array(portWords),
  pool: z.array(z.strictObject({ index, ports: portWords })),
  slots: z.array(index),
  counters: z.array(index),
  uci: z.strictObject({ line: uciOps.min(1), system: uciOps, lan: uciOps, ssh: uciOps, own: uciOps }),
  baked: z.array(z.strictObject({ name: z.string().regex(/^[A-Z0-9_]+$/), value: text })),
  rootHash: z
    .string()
    .regex(/^[!-9;-~]+$/)
    .nullable(),
  authorizedKeys: z.array(text.min(1)),
  wifi: z
    .strictObject({
      country: text.min(1),
      networks: z.array(
        z.strictObject({
          index,
          bands: z.array(z.enum(['2g', '5g', '6g'])).min(1),
          options: z.array(z.strictObject({ name: z.string().regex(/^[a-z]+$/), value: text.min(1) })),
        }),
      ),
    })
    .nullable(),
});

export type OverlayView = z.output<typeof viewSchema>;

/**
 * Every value the templates name, computed: port ranges, UCI operations, texts.
 *
 * @throws OverlayError OVERLAY_UNSAFE_VALUE where a setting has no form that fits (an empty UCI value, a root password
 * hash with a colon)
 */
export function computeOverlayView(input: ViewInput): OverlayView {
  const { mape, config } = input;
  const kept = keptPorts(config);
  const parsed = viewSchema.safeParse({
    ...computeNatView(mape, kept),
    uci: {
      line: computeLineUci(mape, input.line.assumed, {
        forwards: config.forwards,
        openings: config.ipv6.allow,
      }),
      system: computeSystemUci(config),
      lan: computeLanUci(config.lan.address, input.series),
      ssh: computeSshUci(config.ssh),
      own: computeOwnUci(config.uci),
    },
    baked: computeBaked(input, formatPortWords(kept)),
    rootHash: config.rootPasswordHash ?? null,
    authorizedKeys: config.ssh.authorizedKeys,
    wifi: computeWifiView(config.wifi) ?? null,
  });
  if (parsed.success) return parsed.data;
  // the value is not named: it may be a secret
  const place = parsed.error.issues.map(({ path }) => path.join('.')).join(', ');
  throw new OverlayError('OVERLAY_UNSAFE_VALUE', {
    message: `wanted settings that can stand in files on the router, found something else at ${place}`,
    hint: 'correct the setting that this place is made from',
    details: { place, reason: 'schema' },
    cause: parsed.error,
  });
}

function computeBaked({ mape, config, line, series, programVersion }: ViewInput, kept: string) {
  return Object.entries({
    INTERFACE: MAPE_INTERFACE,
    SERVICE: mape.service,
    PREFIX: mape.endUserPrefix,
    IPV4: mape.ipv4Address,
    PSID: String(mape.psid),
    PORTSETS: formatMapcalcPorts(mape),
    PORT_COUNT: String(mape.portCount),
    KEPT: kept,
    CE: mape.ceIpv6Address,
    BR: mape.br,
    RULE_IPV6: mape.ruleIpv6Prefix,
    RULE_IPV4: mape.ruleIpv4Prefix,
    CONFIDENCE: mape.confidence,
    LINE: line.assumed,
    LINE_CONFIGURED: line.configured,
    LINE_REASON: line.reason,
    WAN_DHCPV4: config.wan.dhcpv4 ? '1' : '0',
    SERIES: series,
    PROGRAM: `mape-image ${programVersion}`,
  }).map(([name, value]) => ({ name, value }));
}
