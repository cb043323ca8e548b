import { resolve } from 'node:path';
import { FlowError } from '../flow/errors.ts';
import { extractTree } from '../flow/extract.ts';
import { findImage } from '../flow/find-image.ts';
import { type Inspected, inspectImage, needRoot } from '../flow/inspect.ts';
import { readImage } from '../flow/read-image.ts';
import { renderToPath } from '../flow/render.ts';
import { renderFlashSvg } from '../image/flash-picture-svg.ts';
import type { Ports } from '../io/ports.ts';
import { writeFileAtomic } from '../io/store-write.ts';
import type { InspectOptions } from './commands/inspect.ts';
import { type CliContext, chooseLooks, type Looks } from './context.ts';
import { CliError } from './errors.ts';
import {
  computePicture,
  inspectDocument,
  renderFiles,
  renderInspected,
  renderPackages,
} from './output/inspect.ts';
import type { ExitCode } from './program.ts';
import { runDiff } from './run-diff.ts';
import { withSession } from './session.ts';

/** Options that each decide what standard output is. */
const EXCLUSIVE = ['json', 'files', 'packages', 'cat', 'extract'] as const;

/** `mape-image inspect`. */
export async function runInspect(
  context: CliContext,
  path: string,
  other: string | undefined,
  options: InspectOptions,
): Promise<ExitCode> {
  checkCombination(options, other);
  if (other !== undefined) return runDiff(context, path, other, options);
  return withSession(context, { ...options, progress: 'none' }, async ({ ports }) => {
    const found = await inspectPath(ports, context, path);
    const looks = chooseLooks(context, options, context.stdoutIsTerminal);
    if (options.svg !== undefined) await writeSvg(ports, options.svg, found, looks);
    if (options.cat !== undefined) {
      context.stdout.write(await needRoot(found, path).readFile(options.cat));
      return 0;
    }
    if (options.extract !== undefined) {
      const { tree, leftOut } = await extractTree(needRoot(found, path));
      const target = await renderToPath(ports, tree, options.extract, false);
      if (leftOut.length > 0) ports.reporter.detail(`left out: ${leftOut.join(', ')}`);
      context.stdout.write(`${target}\n`);
      return 0;
    }
    context.stdout.write(`${show(found, path, options, looks).join('\n')}\n`);
    return 0;
  });
}

/** An image by its path, by the folder it was built into, or from standard input. */
export async function inspectPath(ports: Ports, context: CliContext, path: string): Promise<Inspected> {
  const file = path === '-' ? path : await findImage(ports, resolve(ports.cwd, path));
  return inspectImage(await readImage(ports, file, context.stdin));
}

async function writeSvg(ports: Ports, path: string, found: Inspected, { lang }: Looks): Promise<void> {
  const picture = computePicture(found, lang);
  if (picture === undefined) {
    throw new FlowError('INSPECT_NO_PICTURE', {
      message: 'wanted an image for a device whose flash is known, found none',
      hint: 'leave --svg out; mape-image profiles lists the devices whose flash is known',
    });
  }
  await writeFileAtomic(resolve(ports.cwd, path), renderFlashSvg(picture.pieces, picture.labels));
}

function show(found: Inspected, name: string, options: InspectOptions, looks: Looks): readonly string[] {
  if (options.json) return [JSON.stringify(inspectDocument(found, name), null, 2)];
  if (options.files) return renderFiles(found);
  if (options.packages) return renderPackages(found);
  return renderInspected(found, name, looks);
}

function checkCombination(options: InspectOptions, other: string | undefined): void {
  const given = EXCLUSIVE.filter((name) => options[name] !== undefined);
  const [first, second] =
    other === undefined ? given : [...given.filter((name) => name !== 'json'), '<other>'];
  if (first === undefined || second === undefined) return;
  const [a, b] = [first, second].map((name) => (name.startsWith('<') ? name : `--${name}`));
  throw new CliError('USAGE_COMBINATION', {
    message: `${a} and ${b} cannot be had together`,
    hint: 'choose one of them',
    details: { first: a ?? '', second: b ?? '' },
  });
}
