export type Place = 'client' | 'router' | 'server';
export interface Lab {
  run(where: Place, file: string, args: readonly string[]): Promise<string>;
  shell(where: Place, script: string): Promise<string>;
  nft(where: Place, text: string): Promise<void>;
  load(where: Place, what: string, options?: object): Promise<LoadResult>;
  raw(where: Place, ...args: readonly (string | number)[]): Promise<LoadResult>;
  count(where: Place, table: string, name: string): Promise<number>;
  wrong(): Promise<number>;
  heard(): Promise<number>;
}
/** Which of these there are is said in load.mjs and raw.pl. */
export interface LoadResult {
  readonly opened?: number;
  readonly firstLoss?: number | null;
  readonly ports?: readonly number[];
  readonly held?: number;
  readonly kept?: number;
  readonly tries?: number;
  readonly tried?: number;
  readonly first?: number;
  readonly answered?: number;
  readonly survived?: number;
}
export interface LabOptions {
  readonly ranges: readonly (readonly [number, number])[];
  readonly sysctls?: Readonly<Record<string, string>>;
  readonly address?: string;
}
export const DEVICE: string;
export const ADDRESS: string;
export const CLIENT: string;
export const ROUTER_LAN: string;
export const HOSTS: readonly string[];
export function withLab<T>(options: LabOptions, use: (lab: Lab) => Promise<T>): Promise<T>;
export function watch(ranges: LabOptions['ranges'], address: string): string;
