import { escapeControls } from '../../bytes/escape-controls.ts';
import type { MapeParameters, MapeWarning } from '../../mape/parameters.ts';
import { MAPE_INTERFACE, renderWan6mapeUci } from '../../overlay/uci-lines.ts';
import type { Looks } from '../context.ts';
import { CALC_LABELS } from '../lang/calc-labels.ts';
import { translate } from '../lang/translate.ts';
import { renderPortPicture } from './port-picture.ts';
import { padEnd, paint, textWidth, wrap } from './style.ts';

/** The parameters of one prefix for a person, at most 80 columns where the terminal has as many. */
export function renderCalc(mape: MapeParameters, looks: Looks): string[] {
  const labels = CALC_LABELS[looks.lang];
  const other = mape.interfaceIdForm === 'draft-03' ? 'rfc7597' : 'draft-03';
  const facts: [string, string][] = [
    [labels.ipv4, mape.ipv4Address],
    ['', mape.psidLength === 0 ? labels.whole : labels.shared(mape.portCount, mape.portRanges.length)],
    [labels.psid, `${mape.psid} (0x${mape.psid.toString(16)})`],
    [labels.endUserPrefix, mape.endUserPrefix],
    [labels.ce, `${mape.ceIpv6Address}  ${labels.form[mape.interfaceIdForm]}`],
    ...(other === 'rfc7597'
      ? ([['', `${mape.ceIpv6AddressRfc7597}  ${labels.form.rfc7597}`]] as [string, string][])
      : []),
    [labels.rule, `${mape.ruleIpv6Prefix} → ${mape.ruleIpv4Prefix}`],
    ['', labels.confidence[mape.confidence]],
    [labels.sources, mape.sources.join(', ')],
  ];
  const width = Math.max(...facts.map(([label]) => textWidth(label)));
  return [
    paint(looks, 'bold', `${mape.endUserPrefix}  ${mape.service === 'user' ? labels.ownRule : mape.service}`),
    '',
    ...facts.flatMap(([label, value]) => renderFact(label, value, width, looks)),
    '',
    paint(looks, 'bold', labels.options),
    ...renderWan6mapeUci(mape).map(([name, value]) => `  ${padEnd(name, 13)} ${value}`),
    ...renderPorts(mape, looks),
    ...(mape.warnings.length === 0 ? [] : ['', ...renderWarnings(mape.warnings, looks)]),
  ];
}

/** The interface as commands to paste into a shell on the router. */
export function renderUci(mape: MapeParameters): string[] {
  const section = `network.${MAPE_INTERFACE}`;
  return [
    `uci set ${section}='interface'`,
    ...renderWan6mapeUci(mape).map(([name, value]) => `uci set ${section}.${name}='${value}'`),
    'uci commit network',
  ];
}

export function renderWarnings(warnings: readonly MapeWarning[], looks: Looks): string[] {
  const label = paint(looks, 'yellow', CALC_LABELS[looks.lang].warning);
  return warnings.flatMap((warning) => {
    const { message, hint } = translate(looks.lang, warning);
    return [
      ...hang(`${label}: ${escapeControls(message)} (${warning.code})`, '', looks),
      ...(hint === undefined ? [] : hang(escapeControls(hint), '  ', looks)),
    ];
  });
}

function renderFact(label: string, value: string, width: number, looks: Looks): string[] {
  const ascii = looks.unicode ? value : value.replace('→', '->');
  return wrap(ascii, looks.columns - width - 4).map(
    (line, index) => `  ${padEnd(index === 0 ? label : '', width)}  ${line}`,
  );
}

function renderPorts(mape: MapeParameters, looks: Looks): string[] {
  if (mape.psidLength === 0) return [];
  const labels = CALC_LABELS[looks.lang];
  const marks = looks.unicode ? { yours: '█', other: '·' } : { yours: '#', other: '.' };
  const picture = renderPortPicture(mape.portRanges, marks).map((line) =>
    line.replace(/[█#]+/g, (run) => paint(looks, 'green', run)),
  );
  const ranges = mape.portRanges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`));
  return [
    '',
    paint(looks, 'bold', labels.ranges),
    ...wrap(ranges.join(' '), Math.min(looks.columns, 100) - 2).map((line) => `  ${line}`),
    '',
    paint(looks, 'bold', labels.picture(64)),
    ...picture,
  ];
}

function hang(text: string, indent: string, looks: Looks): string[] {
  return wrap(text, looks.columns - indent.length - 2).map(
    (line, index) => `${indent}${index === 0 ? '' : '  '}${line}`,
  );
}
