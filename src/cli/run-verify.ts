import { join } from 'node:path';
import { type VerifiedPath, verifyFailed, verifyPath } from '../flow/verify.ts';
import type { VerifyCommandOptions } from './commands/verify.ts';
import { type CliContext, chooseLooks } from './context.ts';
import { INSPECT_LABELS } from './lang/inspect-labels.ts';
import { renderFinding } from './output/error.ts';
import { paint } from './output/style.ts';
import type { ExitCode } from './program.ts';
import { withSession } from './session.ts';

/** `mape-image verify`. */
export async function runVerify(
  context: CliContext,
  image: string,
  options: VerifyCommandOptions,
): Promise<ExitCode> {
  return withSession(context, { ...options, progress: 'none' }, async ({ ports, cacheDir }) => {
    const tempDir = join(cacheDir, 'work');
    const verified = await verifyPath(ports, { image, plan: options.plan, tempDir });
    const { findings, path, planId, inspected } = verified;
    const errors = findings.filter(({ severity }) => severity === 'error');
    if (errors.length > 0) throw verifyFailed(path, findings, errors.length);
    if (options.json) {
      context.stdout.write(`${JSON.stringify(verifyDocument(verified))}\n`);
      return 0;
    }
    const looks = chooseLooks(context, options, context.stdoutIsTerminal);
    const labels = INSPECT_LABELS[looks.lang];
    const rows = findings.flatMap((finding) => renderFinding(finding, looks));
    const files = labels.verified(inspected.squashfs?.entries.length ?? 0, planId.slice(0, 8));
    context.stdout.write(`${[...rows, files, `${inspected.sha256}  ${path}`].join('\n')}\n`);
    const errLooks = chooseLooks(context, options, context.stderrIsTerminal);
    const isSample = findings.some(({ code }) => code === 'IMAGE_SAMPLE_BOARD');
    context.stderr.write(
      `${isSample ? paint(errLooks, 'yellow', labels.notForRouter) : paint(errLooks, 'green', labels.safe)}\n`,
    );
    return 0;
  });
}

function verifyDocument({ findings, path, planId, inspected }: VerifiedPath): Record<string, unknown> {
  const { sha256, image, fit } = inspected;
  return {
    schema: 'mape-image/verify@1',
    ok: true,
    path,
    sha256,
    planId,
    supportedDevices: image.metadata?.supportedDevices ?? [],
    fit: fit ?? null,
    findings,
  };
}
