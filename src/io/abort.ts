import { MapeImageError } from '../errors.ts';
import { IoError } from './errors.ts';

/**
 * What to throw once a signal has fired: its reason where that is an error of ours, otherwise INTERRUPTED, so that an
 * abort always ends in a MapeImageError of kind `interrupted` unless the caller chose another.
 */
export function abortError(signal: AbortSignal): MapeImageError {
  if (signal.reason instanceof MapeImageError) return signal.reason;
  return new IoError('INTERRUPTED', {
    message: 'wanted to finish, found that it was interrupted',
    hint: 'run the command again; nothing half-written was left behind',
    cause: signal.reason,
  });
}

/** @throws IoError INTERRUPTED, or the signal's own reason */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw abortError(signal);
}

/** A signal that fires with the first of those given. */
export function anySignal(...signals: readonly (AbortSignal | undefined)[]): AbortSignal | undefined {
  const given = signals.filter((signal) => signal !== undefined);
  return given.length < 2 ? given[0] : AbortSignal.any(given);
}

/** Call `listener` once when the signal fires, or now where it has; the returned function takes the listener back. */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (signal === undefined) return () => undefined;
  if (signal.aborted) listener();
  else signal.addEventListener('abort', listener, { once: true });
  return () => signal.removeEventListener('abort', listener);
}
