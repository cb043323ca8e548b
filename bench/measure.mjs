import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Run a program to its end; wall time in ms, peak memory in MiB (Linux: VmHWM, looked at every 20 ms). */
export async function runOnce(file, args, { input, env, cwd } = {}) {
  const startedMs = performance.now();
  const child = spawn(file, args, {
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    env,
    cwd,
  });
  let peakKiB = 0;
  const look = setInterval(() => {
    try {
      peakKiB = Math.max(
        peakKiB,
        Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0),
      );
    } catch {
      // The process has ended between two looks.
    }
  }, 20);
  let stdoutBytes = 0;
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdoutBytes += chunk.length;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  if (input !== undefined) child.stdin.end(input);
  const exitCode = await new Promise((resolve) => child.on('close', resolve));
  clearInterval(look);
  if (exitCode !== 0) throw new Error(`${file} ${args.join(' ')} gave ${exitCode}: ${stderr.slice(-500)}`);
  return { ms: performance.now() - startedMs, peakMiB: peakKiB / 1024, stdoutBytes };
}

/** Run two works in turn, so that a noisy machine is noisy for both; the medians and their ratio. */
export async function compare(rounds, baseline, candidate) {
  const times = { baseline: [], candidate: [] };
  for (let round = 0; round < rounds; round += 1) {
    times.baseline.push((await baseline()).ms);
    times.candidate.push((await candidate()).ms);
  }
  const [base, mine] = [median(times.baseline), median(times.candidate)];
  return { baselineMs: base, candidateMs: mine, ratio: mine / base };
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}
