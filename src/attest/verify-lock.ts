import type { ResolvedConfig } from '../config/config.ts';
import { checkChanges, checkLockedSettings, compareInputs, comparePackages } from './compare-locks.ts';
import { computeLockedSettings } from './compute-lock.ts';
import { AttestError } from './errors.ts';
import type { Lock } from './lock.ts';

/**
 * Refuse a lock that was made from another configuration.
 *
 * @param file the lock's name, for the message
 * @throws AttestError LOCK_OTHER_CONFIG with every difference
 */
export function verifyLockedConfig(lock: Lock, config: ResolvedConfig, file: string): void {
  const findings = checkLockedSettings(lock.config.settings, computeLockedSettings(config));
  if (findings.length === 0) return;
  throw new AttestError('LOCK_OTHER_CONFIG', {
    message: `wanted the configuration ${file} was made from, found ${findings.length} ${findings.length === 1 ? 'setting' : 'settings'} of another`,
    hint: 'go back to those settings, or look at the difference and accept it with "mape-image lock --update"',
    details: { file, count: findings.length },
    findings,
  });
}

/**
 * Hold what a build takes against its lock: program, release, ImageBuilder, repositories.
 *
 * @param scope whether the packages are known yet
 * @throws AttestError LOCK_DIFFERS with every difference
 */
export function verifyLock(lock: Lock, found: Lock, scope: 'inputs' | 'all', file: string): void {
  const packages = scope === 'all' ? comparePackages(lock, found) : [];
  const findings = checkChanges(compareInputs(lock, found), packages);
  if (findings.length === 0) return;
  throw new AttestError('LOCK_DIFFERS', {
    message: `wanted exactly what ${file} holds, found ${findings.length} ${findings.length === 1 ? 'difference' : 'differences'}`,
    hint: 'nothing was written; look at the differences and accept them with "mape-image lock --update"',
    details: { file, count: findings.length },
    findings,
  });
}
