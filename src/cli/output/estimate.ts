import type { SizeEstimate } from '../../device/estimate.ts';
import type { Looks } from '../context.ts';
import { PLAN_LABELS } from '../lang/plan-labels.ts';

/** An estimate as rows beside those of the plan. */
export function estimateFacts(
  estimate: SizeEstimate | undefined,
  { lang }: Pick<Looks, 'lang'>,
): (readonly [label: string, value: string])[] {
  const labels = PLAN_LABELS[lang];
  if (estimate === undefined) return [[labels.estimate, labels.estimateUnknown]];
  const { lowBytes, highBytes, fit, uncounted } = estimate;
  const bytes = (count: number) => count.toLocaleString('en');
  const rows = [[labels.estimate, labels.estimateRange(bytes(lowBytes), bytes(highBytes))] as const];
  if (fit !== undefined) {
    const [least, most] = [fit.high.writableBytes, fit.low.writableBytes].map((count) => count / 1024);
    const verdict = labels.estimateVerdict[fit.high.state];
    rows.push([labels.writable, `${labels.estimateWritable(least ?? 0, most ?? 0)}; ${verdict}`]);
  }
  if (uncounted.length > 0) rows.push(['', labels.estimateUncounted(uncounted.join(', '))]);
  return rows;
}

/** The same for programs. */
export function estimateDocument(estimate: SizeEstimate | undefined): Record<string, unknown> | null {
  if (estimate === undefined) return null;
  const { lowBytes, highBytes, uncounted, fit } = estimate;
  const ends =
    fit === undefined
      ? null
      : {
          leastBytes: fit.high.writableBytes,
          mostBytes: fit.low.writableBytes,
          state: { low: fit.low.state, high: fit.high.state },
        };
  return { lowBytes, highBytes, uncounted, writable: ends };
}
