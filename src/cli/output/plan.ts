import { escapeControls } from '../../bytes/escape-controls.ts';
import type { SizeEstimate } from '../../device/estimate.ts';
import type { Plan, PlannedEntry } from '../../plan/plan.ts';
import type { Looks } from '../context.ts';
import { PLAN_LABELS } from '../lang/plan-labels.ts';
import { estimateFacts } from './estimate.ts';
import { padEnd, paint, textWidth, wrap } from './style.ts';

/** The plan for a person. */
export function renderPlan(plan: Plan, estimate: SizeEstimate | undefined, looks: Looks): string[] {
  const labels = PLAN_LABELS[looks.lang];
  const files = plan.overlay.filter((entry) => entry.type === 'file' || entry.type === 'plan-id');
  return [
    paint(looks, 'bold', labels.plan(plan.id.slice(0, 8))),
    ...renderFacts([...planFacts(plan, looks), ...estimateFacts(estimate, looks)], looks),
    '',
    paint(looks, 'bold', labels.overlay(files.length, overlaySizeBytes(plan.overlay))),
    ...plan.overlay.flatMap(renderEntry),
  ];
}

/** What plan and report have in common. */
export function planFacts(plan: Plan, looks: Looks): (readonly [label: string, value: string])[] {
  const labels = PLAN_LABELS[looks.lang];
  const { mape } = plan;
  return [
    [labels.device, plan.profile],
    [
      labels.release,
      plan.imagebuilder === null ? plan.series : `${plan.imagebuilder.version} ${plan.imagebuilder.target}`,
    ],
    ...(plan.imagebuilder === null ? [[labels.imagebuilder, labels.noImagebuilder] as const] : []),
    [labels.service, mape.service],
    [labels.ipv4, `${mape.ipv4Address}, ${labels.ports(mape.portCount, mape.portRanges.length)}`],
    [labels.ce, mape.ceIpv6Address],
    [labels.br, mape.br],
    [labels.line, labels.lineKind[plan.line.assumed]],
    [labels.packages, plan.packages.join(' ')],
    [labels.leaves, labels.nothing],
  ];
}

export function renderFacts(
  facts: readonly (readonly [label: string, value: string])[],
  looks: Looks,
): string[] {
  const width = Math.max(...facts.map(([label]) => textWidth(label)));
  return facts.flatMap(([label, value]) =>
    wrap(escapeControls(value), looks.columns - width - 4).map(
      (line, index) => `  ${padEnd(index === 0 ? label : '', width)}  ${line}`,
    ),
  );
}

/** Bytes of all files whose size the plan tells. */
export function overlaySizeBytes(overlay: readonly PlannedEntry[]): number {
  return overlay.reduce((sum, entry) => sum + ('sizeBytes' in entry ? entry.sizeBytes : 0), 0);
}

function renderEntry(entry: PlannedEntry): string[] {
  const path = escapeControls(entry.path);
  switch (entry.type) {
    case 'directory':
      return [];
    case 'symlink':
      return [`  link          ${path} -> ${escapeControls(entry.target)}`];
    case 'plan-id':
      return [`  ${entry.mode}      65  ${path}`];
    case 'file':
      return [
        `  ${entry.mode}  ${('sizeBytes' in entry ? String(entry.sizeBytes) : '***').padStart(6)}  ${path}`,
      ];
    default:
      return entry satisfies never;
  }
}
