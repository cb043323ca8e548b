import type { BuilderEngine } from './types.ts';

/** Every engine by its id, loaded when it is asked for. */
const ENGINES = {
  local: async () => (await import('./local/local.ts')).localBuilder,
} as const satisfies Record<BuilderEngine['id'], () => Promise<BuilderEngine>>;

export const ENGINE_IDS: readonly BuilderEngine['id'][] = ['local'];

/** The engine of that id. */
export function loadBuilder(id: BuilderEngine['id']): Promise<BuilderEngine> {
  return ENGINES[id]();
}
