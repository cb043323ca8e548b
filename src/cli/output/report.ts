import { basename } from 'node:path';
import type { BuildDocument } from '../../flow/build-result.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Looks } from '../context.ts';
import { PLAN_LABELS } from '../lang/plan-labels.ts';
import { renderWarnings } from './calc.ts';
import { planFacts, renderFacts } from './plan.ts';
import { paint } from './style.ts';

/** What was built, for a person; warnings apart, which a terminal has seen already. */
export function renderReport(plan: Plan, document: BuildDocument, looks: Looks): string[] {
  const labels = PLAN_LABELS[looks.lang];
  const { image } = document;
  const name = basename(image.path);
  const flashable = !document.warnings.some(({ code }) => code === 'IMAGE_SAMPLE_BOARD');
  const sizes =
    image.kernelBytes === null || image.rootfsBytes === null
      ? labels.unknown
      : `${image.kernelBytes} + ${image.rootfsBytes} B`;
  const writable = document.overlayBytes === null ? labels.unknown : `${document.overlayBytes / 1024} KiB`;
  return [
    paint(looks, 'bold', labels.plan(plan.id)),
    ...renderFacts(planFacts(plan, looks), looks),
    '',
    paint(looks, 'bold', labels.image),
    `  ${name}`,
    `  ${labels.sha256} ${image.sha256}`,
    ...renderFacts(
      [
        [labels.size, `${image.sizeBytes} B`],
        [labels.kernelRootfs, sizes],
        [labels.writable, writable],
        [labels.forBoards, image.supportedDevices.join(', ')],
        [labels.installed, labels.packageCount(document.installedPackages)],
      ],
      looks,
    ),
    '',
    paint(looks, 'bold', labels.next),
    ...(flashable ? labels.flash(name).map((line) => `  ${line}`) : [`  ${labels.notFlashable}`]),
  ];
}

/** `report.txt`: the same with the warnings. */
export function renderReportFile(plan: Plan, document: BuildDocument, looks: Looks): string {
  const warnings = document.warnings.length === 0 ? [] : ['', ...renderWarnings(document.warnings, looks)];
  return `${[...renderReport(plan, document, looks), ...warnings].join('\n')}\n`;
}
