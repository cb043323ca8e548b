import type { Finding } from '../errors.ts';
import { describeFinding } from './finding.ts';
import type { SettingPath } from './problem.ts';
import { parseYamlSource } from './yaml-source.ts';

interface Setting {
  readonly path: SettingPath;
  readonly value: unknown;
  readonly findings: readonly Finding[];
}

/**
 * Read `path=value`: the path dotted (`lan.address`), the value a text as typed, `true`, `false`, or a list or mapping of
 * YAML in brackets (`[443, "8000-8010"]`).
 *
 * A text needs no quotation marks here: `release=24.10` is "24.10". The value stands in no finding, it may be a secret.
 *
 * @param label flag or environment name, for findings
 */
export function parseSetting(text: string, label: string): Setting {
  const [, pathText = '', valueText = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  const path = pathText.split('.').map((step) => step.trim());
  // the type of a UCI section has a name of its own: uci.network.guest..type is uci, network, guest, .type
  const typeAt = path.indexOf('', 1);
  if (typeAt > 0 && typeAt === path.length - 2) path.splice(typeAt, 2, `.${path.at(-1)}`);
  if (!path.every((step) => /^\.?[A-Za-z0-9_-]+$/.test(step) && step !== '__proto__'))
    return refuse(
      label,
      'path',
      'write --set path=value with a dotted path, such as --set lan.address=192.168.10.1/24',
    );
  if (valueText === '') return refuse(label, 'value', 'give a value behind the equals sign');
  if (valueText === 'true' || valueText === 'false')
    return { path, value: valueText === 'true', findings: [] };
  if (!/^(?:\[.*\]|\{.*\})$/s.test(valueText)) return { path, value: valueText, findings: [] };
  const source = parseYamlSource(valueText, label);
  if (source.findings.some(({ severity }) => severity === 'error'))
    return refuse(
      label,
      'brackets',
      'write a list as [a, b], numbers that end in 0 and texts with signs in quotation marks',
    );
  return { path, value: source.value, findings: [] };
}

function refuse(label: string, reason: 'path' | 'value' | 'brackets', hint: string): Setting {
  const finding = describeFinding({
    code: 'CONFIG_SET_SYNTAX',
    path: [],
    spot: { label },
    wanted: 'path=value',
    hint,
    details: { reason },
  });
  return { path: [], value: undefined, findings: [finding] };
}
