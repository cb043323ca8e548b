// Hand the document of `build --json` to a GitHub workflow: outputs of the step, or an annotation with the error.
//   node scripts/action-result.mjs FILE        appends to the file that GITHUB_OUTPUT names
// Runs before anything is installed: Node.js alone, no dependency.
import { appendFileSync, readFileSync } from 'node:fs';

const [file = ''] = process.argv.slice(2);
const document = JSON.parse(readFileSync(file, 'utf8'));
if (document.ok) {
  const outputs = {
    image: document.image.path,
    sha256: document.image.sha256,
    directory: document.outputDir,
  };
  const lines = Object.entries(outputs).map(([name, value]) => `${name}=${value}\n`);
  appendFileSync(process.env.GITHUB_OUTPUT ?? '', lines.join(''));
} else {
  const { code, message, hint } = document;
  console.log(
    `::error title=${escapeCommand(code)}::${escapeCommand([message, hint].filter(Boolean).join('. '))}`,
  );
}

/** @see GitHub Actions toolkit: what a workflow command wants escaped */
function escapeCommand(text) {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
