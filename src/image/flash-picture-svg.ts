import { type FlashLabels, type FlashPiece, type FlashUse, formatKib, shareOut } from './flash-picture.ts';

const WIDTH = 720;
const BAR_HEIGHT = 48;
const ROW_HEIGHT = 24;
const MARGIN = 16;
const BAR_TOP = 40;
/** Told apart with any sight of colours, and in grey by their lightness. */
const COLORS: Readonly<Record<FlashUse, string>> = {
  kernel: '#1b4f72',
  rootfs: '#2e86c1',
  padding: '#d5d8dc',
  writable: '#f4d03f',
};

/**
 * Draw the pieces of the flash as an SVG picture: a bar and a legend, with a title and a description for those who hear it
 * read out.
 */
export function renderFlashSvg(pieces: readonly FlashPiece[], labels: FlashLabels): string {
  const height = BAR_TOP + BAR_HEIGHT + MARGIN + pieces.length * ROW_HEIGHT + MARGIN;
  const widths = shareOut(
    pieces.map(({ sizeBytes }) => sizeBytes),
    WIDTH - 2 * MARGIN,
  );
  const texts = pieces.map(({ use, sizeBytes }) => `${labels.use[use]} ${formatKib(sizeBytes)}`);
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="flash-title flash-desc" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="14">`,
    `  <title id="flash-title">${escapeXml(labels.title)}</title>`,
    `  <desc id="flash-desc">${escapeXml(texts.join(', '))}</desc>`,
    `  <rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    `  <text x="${MARGIN}" y="24" font-size="16" fill="#17202a">${escapeXml(labels.title)}</text>`,
  ];
  let x = MARGIN;
  for (const [index, { use }] of pieces.entries()) {
    const width = widths[index] ?? 0;
    lines.push(
      `  <rect x="${x}" y="${BAR_TOP}" width="${width}" height="${BAR_HEIGHT}" fill="${COLORS[use]}"><title>${escapeXml(texts[index] ?? '')}</title></rect>`,
    );
    x += width;
  }
  for (const [index, { use }] of pieces.entries()) {
    const top = BAR_TOP + BAR_HEIGHT + MARGIN + index * ROW_HEIGHT;
    lines.push(
      `  <rect x="${MARGIN}" y="${top}" width="14" height="14" fill="${COLORS[use]}" stroke="#17202a"/>`,
      `  <text x="${MARGIN + 24}" y="${top + 12}" fill="#17202a">${escapeXml(texts[index] ?? '')}</text>`,
    );
  }
  return `${[...lines, '</svg>'].join('\n')}\n`;
}

function escapeXml(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
