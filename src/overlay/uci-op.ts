import { uciKey, uciValue } from './quote.ts';

/** One line of `uci batch`. */
export type UciOp =
  | { readonly verb: 'delete'; readonly key: string }
  | { readonly verb: 'set' | 'add_list'; readonly key: string; readonly value: string };

/**
 * The line for `uci batch`, without its end.
 *
 * @throws OverlayError OVERLAY_UNSAFE_VALUE
 */
export function renderUciOp(op: UciOp): string {
  switch (op.verb) {
    case 'delete':
      return `delete ${uciKey(op.key)}`;
    case 'set':
    case 'add_list':
      return `${op.verb} ${uciKey(op.key)}=${uciValue(op.value)}`;
    default:
      return op satisfies never;
  }
}

export function setOption(key: string, value: string): UciOp {
  return { verb: 'set', key, value };
}

export function deleteOption(key: string): UciOp {
  return { verb: 'delete', key };
}

/** A list as a whole, in place of what stood there. */
export function setList(key: string, values: readonly string[]): readonly UciOp[] {
  return [deleteOption(key), ...values.map((value): UciOp => ({ verb: 'add_list', key, value }))];
}

/** A section with its options, `undefined` for one that must not be there. */
export function setSection(
  section: string,
  type: string,
  options: readonly (readonly [option: string, value: string | undefined])[],
): readonly UciOp[] {
  return [
    setOption(section, type),
    ...options.map(([option, value]) =>
      value === undefined ? deleteOption(`${section}.${option}`) : setOption(`${section}.${option}`, value),
    ),
  ];
}
