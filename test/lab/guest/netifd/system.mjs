import { spawnSync } from 'node:child_process';

/** Run `ip`; what it refuses (an address that is gone with its device) is for the tests to find by what follows. */
export function ip(...args) {
  const run = spawnSync('ip', args, { encoding: 'utf8' });
  if (run.status !== 0) process.stdout.write(`ip ${args.join(' ')}: ${run.stderr.trim()}\n`);
  return run.stdout;
}
