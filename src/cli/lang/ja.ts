import type { Details } from '../../errors.ts';
import type { Sentence } from './lang.ts';

export const japanese = {} satisfies Record<string, (details: Details) => Sentence>;
