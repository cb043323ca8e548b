import { MapeError } from '../../mape/errors.ts';
import type { Calculator } from '../../mape/lookup.ts';
import type { MapeParameters } from '../../mape/parameters.ts';

export type CalcDocument =
  | ({ readonly input: string; readonly ok: true } & MapeParameters)
  | {
      readonly input: string;
      readonly ok: false;
      readonly code: string;
      readonly service: string | null;
      readonly message: string;
      readonly hint: string | null;
    };

/** The result of one prefix as the JSON object of `calc --json`. */
export function calcDocument(calculate: Calculator, input: string): CalcDocument {
  try {
    return { input, ok: true, ...calculate(input) };
  } catch (error) {
    if (!(error instanceof MapeError)) throw error;
    return {
      input,
      ok: false,
      code: error.code,
      service: error.service,
      message: error.message,
      hint: error.hint ?? null,
    };
  }
}
