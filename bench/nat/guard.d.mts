import type { Lab } from './lab.mjs';
export const FLUSH: string;
export function pause(ms: number): Promise<void>;
export function withGuard<T>(
  lab: Lab,
  options: { readonly rules: string; readonly address?: string },
  use: (guard: { settled(): Promise<void>; countUps(): number; readonly lock: string }) => Promise<T>,
): Promise<T>;
