import { loadServiceTable } from '../flow/services.ts';
import { formatAddress6, formatPrefix4, formatPrefix6 } from '../mape/address.ts';
import { MapeError } from '../mape/errors.ts';
import { computePortRanges, countPorts } from '../mape/ports.ts';
import type { MapeService, OtherService, ServiceTable } from '../mape/service.ts';
import type { ServicesOptions } from './commands/services.ts';
import { type CliContext, chooseLooks, type Looks } from './context.ts';
import { otherLine, serviceName } from './lang/ja/services.ts';
import { padEnd, paint, wrap } from './output/style.ts';
import type { ExitCode } from './program.ts';

const LABELS = {
  en: { notMapE: 'Not MAP-E', rules: 'rules', ports: 'ports each', sources: 'Sources' },
  ja: { notMapE: 'MAP-E ではないもの', rules: 'ルール', ports: 'ポート', sources: '出典' },
} as const;

/** `mape-image services`. */
export async function runServices(
  context: CliContext,
  id: string | undefined,
  options: ServicesOptions,
): Promise<ExitCode> {
  const table = loadServiceTable();
  const chosen = chooseServices(table, id);
  const looks = chooseLooks(context, options, context.stdoutIsTerminal);
  const text = options.json
    ? JSON.stringify(servicesDocument(table, chosen), null, 2)
    : renderServices(table, chosen, id !== undefined, looks).join('\n');
  context.stdout.write(`${text}\n`);
  return 0;
}

interface Chosen {
  readonly services: readonly MapeService[];
  readonly others: readonly OtherService[];
}

function chooseServices(table: ServiceTable, id: string | undefined): Chosen {
  if (id === undefined) return table;
  const chosen = {
    services: table.services.filter((service) => service.id === id),
    others: table.others.filter((service) => service.id === id),
  };
  if (chosen.services.length + chosen.others.length > 0) return chosen;
  const known = [...table.services, ...table.others].map((service) => service.id);
  throw new MapeError('SERVICE_UNKNOWN', {
    message: `no service is called ${JSON.stringify(id)}`,
    hint: `known services: ${known.join(', ')}`,
    details: { service: id, known },
  });
}

function renderServices(table: ServiceTable, chosen: Chosen, withRules: boolean, looks: Looks): string[] {
  const labels = LABELS[looks.lang];
  const lines: string[] = [];
  for (const service of chosen.services) {
    const [rule] = service.rules;
    const ports = rule === undefined ? 0 : countPorts(computePortRanges(rule, 0));
    lines.push(
      `${paint(looks, 'bold', padEnd(service.id, 10))} ${looks.lang === 'ja' ? serviceName(service.id, service.name) : service.name}: ${service.rules.length} ${labels.rules}, ${ports} ${labels.ports}`,
      ...wrap(service.ranges.map(formatPrefix6).join(' '), looks.columns - 13).map(
        (line) => `           ${line}`,
      ),
    );
    if (withRules) lines.push('', ...service.rules.map(renderRule), '');
  }
  if (chosen.others.length > 0) lines.push('', paint(looks, 'bold', labels.notMapE));
  for (const other of chosen.others) {
    lines.push(
      ...wrap(
        looks.lang === 'ja'
          ? `${otherLine(other.id).name}: ${otherLine(other.id).what}`
          : `${other.name}: ${other.what}`,
        looks.columns - 15,
      ).map((line, index) => `${paint(looks, 'bold', padEnd(index === 0 ? other.id : '', 12))} ${line}`),
      ...wrap(other.ranges.map(formatPrefix6).join(' '), looks.columns - 15).map(
        (line) => `             ${line}`,
      ),
    );
  }
  const used = new Set(chosen.services.flatMap(({ rules }) => rules.flatMap(({ sources }) => sources)));
  if (used.size > 0) lines.push('', paint(looks, 'bold', labels.sources));
  for (const [id, source] of table.sources) {
    if (!used.has(id)) continue;
    lines.push(`${padEnd(id, 20)} ${source.date}`, `  ${source.url}`);
    lines.push(...wrap(source.title, looks.columns - 4).map((line) => `  ${line}`));
  }
  return lines;
}

function renderRule(rule: MapeService['rules'][number]): string {
  return `  ${padEnd(formatPrefix6(rule.ipv6), 24)} ${padEnd(formatPrefix4(rule.ipv4), 20)} EA ${rule.eaLength}  ${rule.confidence}`;
}

function servicesDocument(table: ServiceTable, chosen: Chosen): Record<string, unknown> {
  return {
    schema: 'mape-image/services@1',
    services: chosen.services.map((service) => ({
      id: service.id,
      name: service.name,
      kind: service.kind,
      operator: service.operator,
      ranges: service.ranges.map(formatPrefix6),
      disagreements: service.disagreements.map(({ code, text, resolution, applies, confidence }) => ({
        code,
        text,
        resolution,
        applies: applies?.map(formatPrefix6) ?? null,
        confidence: confidence ?? null,
      })),
      rules: service.rules.map((rule) => ({
        ipv6Prefix: formatPrefix6(rule.ipv6),
        ipv4Prefix: formatPrefix4(rule.ipv4),
        eaLength: rule.eaLength,
        psidOffset: rule.psidOffset,
        psidLength: rule.psidLength,
        br: formatAddress6(rule.br),
        interfaceIdForm: rule.interfaceIdForm,
        confidence: rule.confidence,
        sources: rule.sources,
      })),
    })),
    notMapE: chosen.others.map((other) => ({ ...other, ranges: other.ranges.map(formatPrefix6) })),
    sources: Object.fromEntries(table.sources),
  };
}
