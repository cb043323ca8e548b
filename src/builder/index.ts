import type { BuilderEngine, ContainerBuilderOptions, EngineId, LocalBuilderOptions } from './types.ts';

/** What each engine is opened with. */
export interface EngineOptions {
  readonly local: LocalBuilderOptions;
  readonly container: ContainerBuilderOptions;
}

/** Every engine by its id, loaded when it is asked for. */
const ENGINES: { readonly [Id in EngineId]: () => Promise<BuilderEngine<EngineOptions[Id]>> } = {
  local: async () => (await import('./local/local.ts')).localBuilder,
  container: async () => (await import('./container/container-builder.ts')).containerBuilder,
};

export const ENGINE_IDS: readonly EngineId[] = ['local', 'container'];

/** The engine of that id. */
export function loadBuilder<Id extends EngineId>(id: Id): Promise<BuilderEngine<EngineOptions[Id]>> {
  return ENGINES[id]();
}
