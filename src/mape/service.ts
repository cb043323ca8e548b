import type { Prefix6 } from './address.ts';
import type { Confidence } from './parameters.ts';
import type { Rule } from './rule.ts';

/** A public source of rules. */
export interface RuleSource {
  readonly title: string;
  readonly url: string;
  /** Day of the commit or page read, `2026-03-30`. */
  readonly date: string;
}

/** Where sources contradict each other, or one stands alone: shown with every result it touches. */
export interface Disagreement {
  readonly code: string;
  /** Prefixes it touches; absent: decided by `confidence` alone. */
  readonly applies?: readonly Prefix6[];
  readonly confidence?: Confidence;
  readonly text: string;
  readonly resolution: string;
}

export interface MapeService {
  readonly id: string;
  readonly name: string;
  readonly kind: 'map-e';
  readonly operator: string;
  /** Where its prefixes lie, whether or not a rule is known. */
  readonly ranges: readonly Prefix6[];
  readonly disagreements: readonly Disagreement[];
  readonly rules: readonly Rule[];
}

export interface OtherService {
  readonly id: string;
  readonly name: string;
  readonly kind: 'ds-lite' | 'ipip' | 'ngn-only';
  readonly ranges: readonly Prefix6[];
  readonly what: string;
  readonly advice: string;
}

/** Everything known of Japanese services: those of MAP-E with their rules, and those that are something else. */
export interface ServiceTable {
  readonly sources: ReadonlyMap<string, RuleSource>;
  readonly services: readonly MapeService[];
  readonly others: readonly OtherService[];
}
