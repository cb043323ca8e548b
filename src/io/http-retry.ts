import { setTimeout as wait } from 'node:timers/promises';
import { abortError } from './abort.ts';
import { IoError } from './errors.ts';
import { mayHeal } from './http-failure.ts';
import type { HttpRetry } from './ports.ts';

export interface RetryOptions {
  readonly url: string;
  readonly signal: AbortSignal;
  /** Tries in a row that bring nothing new. */
  readonly maxTries: number;
  /** Before the second try; doubled before each one that follows. */
  readonly backoffMs: number;
  readonly onRetry?: ((retry: HttpRetry) => void) | undefined;
  /** Whether something was gained since it was last asked: then the tries are counted anew. */
  readonly hasGained?: () => boolean;
}

/** Try until it works, or fails for good, or fails too often with what may heal. */
export async function withRetries<T>(options: RetryOptions, attempt: () => Promise<T>): Promise<T> {
  let tries = 0;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof IoError) || !mayHeal(error)) throw error;
      tries = options.hasGained?.() === true ? 1 : tries + 1;
      if (tries >= options.maxTries) throw error;
      const waitMs = options.backoffMs * 2 ** (tries - 1);
      options.onRetry?.({ url: options.url, code: error.code, waitMs });
      await wait(waitMs, undefined, { signal: options.signal }).catch(() => {
        throw abortError(options.signal);
      });
    }
  }
}
