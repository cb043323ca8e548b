export interface HeldPrefix {
  readonly interface: string;
  readonly address: string;
  readonly mask: number;
}
export function mapcalc(question: {
  readonly legacy: boolean;
  readonly rules: readonly string[];
  readonly prefixes: readonly HeldPrefix[];
}): { readonly code: number; readonly stdout: string; readonly stderr: string };
