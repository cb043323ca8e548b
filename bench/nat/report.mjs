// The measured part of docs/nat.md, between its two marks, and docs/nat.svg.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const DOCS = join(import.meta.dirname, '../../docs');
const BEGIN = '<!-- measured: written by `npm run bench nat` -->';
const END = '<!-- /measured -->';

/** Designs of the chart: colours that also differ in grey. */
const CHARTED = [
  ['stock', '#b8bec7'],
  ['fixed', '#e0a458'],
  ['rotate', '#7fb2d9'],
  ['hybrid', '#9a8ac4'],
  ['pinned', '#5b8f6c'],
  ['chosen', '#c2334d'],
];

/** Write both from what one run measured. */
export function writeReport(run) {
  const path = join(DOCS, 'nat.md');
  const text = readFileSync(path, 'utf8');
  const [before, rest] = text.split(BEGIN);
  const [, after] = rest.split(END);
  writeFileSync(path, `${before}${BEGIN}\n\n${renderTable(run)}\n${END}${after}`);
  writeFileSync(join(DOCS, 'nat.svg'), renderChart(run));
}

function renderTable({ results, designs, pumped, throughput, kernel, nft }) {
  const row = (cells) => `| ${cells.join(' | ')} |`;
  const lines = [
    `Linux ${kernel}, nft ${nft}, one run.`,
    '',
    row(['measure', ...designs.map(({ name }) => (name === 'chosen' ? '**chosen**' : name)), 'to reach']),
    row(Array.from({ length: designs.length + 2 }, () => '---')),
  ];
  for (const [measure, byDesign] of results) {
    const cells = designs.map((design) => byDesign.get(design).text);
    lines.push(row([measure.title, ...cells, measure.goal]));
  }
  const ratios = pumped.map(({ name }, index) => {
    const { lower, median, upper } = throughput.ratios[index];
    return `${name} ${median.toFixed(2)} (${lower.toFixed(2)} to ${upper.toFixed(2)})`;
  });
  lines.push(
    '',
    `Throughput over plain masquerade's (${Math.round(throughput.masquerade / 1e6)} MB/s): ${ratios.join(', ')}.`,
    '',
  );
  for (const [measure, byDesign] of results) {
    const { detail } = byDesign.get(designs.at(-1));
    if (detail === undefined || detail.misses === 0) continue;
    lines.push(
      `${measure.title}, chosen: ${detail.tried - detail.first} of ${detail.tried} needed a second packet, ${detail.tried === detail.opened ? 'all of them' : `all but ${detail.tried - detail.opened}`} then opened; ` +
        `conntrack held every port of the set at ${detail.exhausted} of these moments (${detail.misses}).`,
      '',
    );
  }
  return lines.join('\n');
}

const WIDTH = 1080;
const LEFT = 52;
const TOP = 92;
const PLOT_HEIGHT = 300;
const BAR = 17;

function renderChart({ results, designs }) {
  const charted = CHARTED.map(([name, colour]) => ({
    name,
    colour,
    design: designs.find((design) => design.name === name),
  }));
  const groups = [...results].filter(([measure]) => measure.short !== undefined);
  const step = (WIDTH - LEFT - 20) / groups.length;
  const y = (score) => TOP + PLOT_HEIGHT * (1 - Math.min(score, 1));
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${TOP + PLOT_HEIGHT + 62}" font-family="Helvetica, Arial, sans-serif" font-size="13" fill="#222"><title>What gets through a shared IPv4 address at the first packet, by NAT design</title>`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    `<text x="${LEFT}" y="28" font-size="18" font-weight="bold">What gets through a shared IPv4 address at the first packet</text>`,
    ...charted.map(
      ({ name, colour }, index) =>
        `<rect x="${LEFT + index * 120}" y="46" width="14" height="14" fill="${colour}"/><text x="${LEFT + 20 + index * 120}" y="58">${name === 'fixed' ? 'usual recipe' : name}</text>`,
    ),
  ];
  for (const mark of [0, 0.25, 0.5, 0.75, 1])
    parts.push(
      `<line x1="${LEFT}" x2="${WIDTH - 20}" y1="${y(mark)}" y2="${y(mark)}" stroke="${mark === 0 ? '#555' : '#e3e6ea'}"/>`,
      `<text x="${LEFT - 8}" y="${y(mark) + 4}" text-anchor="end" fill="#666">${mark * 100} %</text>`,
    );
  for (const [index, [measure, byDesign]] of groups.entries()) {
    const middle = LEFT + step * (index + 0.5);
    const start = middle - (charted.length * BAR) / 2;
    for (const [nth, { colour, design }] of charted.entries()) {
      const { score } = byDesign.get(design);
      const height = Math.max(TOP + PLOT_HEIGHT - y(score), 1);
      parts.push(
        `<rect x="${(start + nth * BAR + 1).toFixed(1)}" y="${(TOP + PLOT_HEIGHT - height).toFixed(1)}" width="${BAR - 2}" height="${height.toFixed(1)}" fill="${colour}"/>`,
      );
    }
    for (const [line, words] of wrap(measure.short).entries())
      parts.push(
        `<text x="${middle.toFixed(1)}" y="${TOP + PLOT_HEIGHT + 22 + line * 17}" text-anchor="middle">${words}</text>`,
      );
  }
  return `${parts.join('\n')}\n</svg>\n`;
}

/** Two lines of about the same length. */
function wrap(text) {
  const words = text.split(' ');
  let best = [text];
  for (let cut = 1; cut < words.length; cut += 1) {
    const lines = [words.slice(0, cut).join(' '), words.slice(cut).join(' ')];
    const longest = (candidate) => Math.max(...candidate.map((line) => line.length));
    if (longest(lines) < longest(best)) best = lines;
  }
  return best;
}
