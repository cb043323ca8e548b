import { escapeControls } from '../../bytes/escape-controls.ts';
import { EXIT_CODE, type Finding, type MapeImageError } from '../../errors.ts';
import { type CliContext, chooseLooks, type Looks } from '../context.ts';
import { translate } from '../lang/translate.ts';
import { paint, wrap } from './style.ts';

/** Show an error: as one JSON document on standard output with `--json`, else in words on standard error. */
export function printError(error: MapeImageError, args: readonly string[], context: CliContext): void {
  if (args.includes('--json')) {
    context.stdout.write(`${JSON.stringify(errorDocument(error))}\n`);
    return;
  }
  const looks = chooseLooks(
    context,
    { ...readFlag(args, 'lang'), ...readFlag(args, 'color') },
    context.stderrIsTerminal,
  );
  context.stderr.write(`${renderError(error, looks).join('\n')}\n`);
}

/** The same fields as the text, for programs. */
export function errorDocument(error: MapeImageError): Record<string, unknown> {
  return {
    schema: 'mape-image/error@1',
    ok: false,
    code: error.code,
    kind: error.kind,
    exitCode: EXIT_CODE[error.kind],
    message: error.message,
    hint: error.hint ?? null,
    details: error.details,
    findings: error.findings,
    lines: error.lines,
    logPath: error.logPath ?? null,
  };
}

export function renderError(error: MapeImageError, looks: Looks): string[] {
  const { message, hint } = translate(looks.lang, error);
  const label =
    looks.lang === 'ja'
      ? { error: 'エラー', fix: '対処', log: 'ログ' }
      : { error: 'error', fix: 'fix', log: 'log' };
  return [
    ...error.findings.flatMap((finding) => renderFinding(finding, looks)),
    ...block(`${paint(looks, 'red', label.error)}: ${escapeControls(message)} (${error.code})`, '', looks),
    ...error.lines.map((line) => `  | ${escapeControls(line)}`),
    ...(hint === undefined
      ? []
      : block(`${paint(looks, 'bold', label.fix)}: ${escapeControls(hint)}`, '  ', looks)),
    ...(error.logPath === undefined
      ? []
      : [`  ${paint(looks, 'bold', label.log)}: ${escapeControls(error.logPath)}`]),
  ];
}

/** `mape-image.yaml:3:9: error: …`: the form editors and terminals make a link of. */
export function renderFinding(finding: Finding, looks: Looks): string[] {
  const { message, hint } = translate(looks.lang, finding);
  const ja = looks.lang === 'ja';
  const severity =
    finding.severity === 'error'
      ? paint(looks, 'red', ja ? 'エラー' : 'error')
      : paint(looks, 'yellow', ja ? '警告' : 'warning');
  const place =
    finding.place === undefined
      ? ''
      : `${finding.place.file}:${finding.place.line}:${finding.place.column}: `;
  return [
    ...block(`${escapeControls(place)}${severity}: ${escapeControls(message)} (${finding.code})`, '', looks),
    ...(hint === undefined ? [] : block(escapeControls(hint), '  ', looks)),
  ];
}

function block(text: string, indent: string, looks: Looks): string[] {
  return wrap(text, looks.columns - indent.length - 2).map(
    (line, index) => `${indent}${index === 0 ? '' : '  '}${line}`,
  );
}

/** Before commander has read the flags (or when it refused them) the looks are found by hand. */
function readFlag(args: readonly string[], name: 'lang' | 'color'): Record<string, string> {
  const index = args.findIndex((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`));
  const value = args[index]?.split('=')[1] ?? args[index + 1];
  return index < 0 || value === undefined ? {} : { [name]: value };
}
