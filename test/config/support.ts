import { readFileSync } from 'node:fs';
import { mergeLayers } from '../../src/config/merge.ts';
import { parseConfigText } from '../../src/config/parse.ts';

/** Text of a file under test/fixtures/config. */
export function readFixture(name: string): string {
  return readFileSync(new URL(`../fixtures/config/${name}`, import.meta.url), 'utf8');
}

/** Codes of what is found in a text of the project's file, checks across settings included. */
export function codesOf(text: string): readonly string[] {
  const { layer, findings } = parseConfigText(text, 'mape-image.yaml');
  const merged = layer === undefined ? [] : mergeLayers([layer]).findings;
  return [...findings, ...merged].map(({ code }) => code);
}

/** The settings of a text that holds no error. */
export function configOf(text: string) {
  const { layer, findings } = parseConfigText(text, 'mape-image.yaml');
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (layer === undefined || errors.length > 0) throw new Error(JSON.stringify(findings));
  return mergeLayers([layer]).config;
}
