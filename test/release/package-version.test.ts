import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  comparePackageVersions,
  findVersionStep,
  type PackageManager,
} from '../../src/release/package-version.ts';
import { lacksTools } from '../io/tools.ts';

/** As `dpkg --compare-versions` answers (dpkg 1.21). */
const OPKG = [
  ['1.0', '1.0', 0],
  ['1.0', '1.1', -1],
  ['1.9', '1.10', -1],
  ['1.0-1', '1.0-2', -1],
  ['1.0-9', '1.0-10', -1],
  ['1.0-1', '1.0', 1],
  ['1.0~rc1', '1.0', -1],
  ['1.0~~', '1.0~', -1],
  ['1.0~', '1.0~a', -1],
  ['1.0', '1.0a', -1],
  ['1.0a', '1.0+', -1],
  ['1.0a', '1.0.1', -1],
  ['1.0+git1', '1.0-1', 1],
  ['1:0.9', '2.0', 1],
  ['0:1.0', '1.0', 0],
  ['1.001', '1.1', 0],
  ['00', '0', 0],
  ['1.a', '1.1', 1],
  ['2.90-1', '2.89-1', 1],
  ['2.86-14', '2.86-9', 1],
  ['6.6.110-1', '6.6.93-1', 1],
  ['5.15.137-1', '6.6.110-r1', -1],
  ['2023-07-26-cb4c5e8e-1', '2022-08-10-901b0f04-1', 1],
  ['2022.08.10~901b0f04-r21', '2022.08.10~901b0f04-r3', 1],
  ['2024.12.18~18fc0ead-r1', '2023-09-01-598d9fbb-1', 1],
  ['2024.03.29~eb9bcb64-r1', '2024.03.29-r1', -1],
  ['1665~29397011cc', '1665', -1],
  ['1.36.1-1', '1.36.1-r2', -1],
  ['1548-r23630-842932a63d', '1486-r20028-43d71ad93e', 1],
  ['6.6.110~35ef4dd36891d37023436baa842fa311-r1', '6.6.93~0000-r1', 1],
  ['1.2.3-4-5', '1.2.3-4-10', -1],
  ['1.0-a', '1.0-1', 1],
  ['3.0.0_alpha', '3.0.0', 1],
  ['18446744073709551616', '18446744073709551615', 1],
] as const;

/** By the rules of apk's manual; versions are those of the 25.12.4 manifest where they can be. */
const APK = [
  ['1.37.0-r6', '1.37.0-r6', 0],
  ['1.37.0-r6', '1.37.0-r10', -1],
  ['1.9-r0', '1.10-r0', -1],
  ['2.93-r1', '2.93', 1],
  ['6.12.87-r1', '6.12.87.6.18.26-r1', -1],
  ['6.12.87.2025.12.01~bb84e159-r1', '6.12.87.2024.07.30~ac71b14d-r2', 1],
  ['2025.03.17~b6e51575-r2', '2025.03.17~b6e51575-r10', -1],
  ['2025.03.17~b6e51575-r2', '2025.03.17~c6e51575-r1', -1],
  ['2025.03.17~b6e51575', '2025.03.17', 1],
  ['1707~4ccb782af7', '1708~0000000000', -1],
  // components behind a point are fractions where one begins with 0
  ['1.05', '1.1', -1],
  ['1.010', '1.01', 1],
  ['2026.02.15~8d377aa6-r1', '2026.10.03~04cd252e-r1', -1],
  ['01', '1', 0],
  // a release is newer than what leads to it, older than what follows
  ['1.0_alpha', '1.0_beta', -1],
  ['1.0_beta2', '1.0_pre1', -1],
  ['1.0_pre1', '1.0_rc1', -1],
  ['1.0_rc1', '1.0_rc2', -1],
  ['1.0_rc9', '1.0', -1],
  ['1.0', '1.0_p1', -1],
  ['1.0_cvs1', '1.0_svn1', -1],
  ['1.0_git20250101', '1.0_hg1', -1],
  ['1.0_p9', '1.0_p10', -1],
  ['1.0_alpha_pre2', '1.0_alpha', -1],
  ['1.0a', '1.0', 1],
  ['1.0a', '1.0b', -1],
  ['1.0a', '1.0.1', -1],
  ['1.0.1', '1.0', 1],
  ['18446744073709551616', '18446744073709551615', 1],
] as const;

const CASES: readonly (readonly [PackageManager, string, string, number])[] = [
  ...OPKG.map(([a, b, order]) => ['opkg', a, b, order] as const),
  ...APK.map(([a, b, order]) => ['apk', a, b, order] as const),
];

const version = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.stringMatching(/^[0-9]{1,3}(\.[0-9]{1,3}){0,2}[a-c]?(_(rc|p|alpha)[0-9]?)?(~[0-9a-f]{1,3})?(-r[0-9])?$/),
);

describe('comparePackageVersions', () => {
  it.each(CASES)('%s: %s against %s is %i', (manager, a, b, order) => {
    expect(comparePackageVersions(manager, a, b)).toBe(order);
    expect(comparePackageVersions(manager, b, a) + order).toBe(0);
  });

  it.each(['opkg', 'apk'] as const)('orders all text, in both directions alike: %s', (manager) => {
    fc.assert(
      fc.property(version, version, (a, b) => {
        expect(comparePackageVersions(manager, a, a)).toBe(0);
        expect(comparePackageVersions(manager, a, b) + comparePackageVersions(manager, b, a)).toBe(0);
      }),
    );
  });

  it.each(['opkg', 'apk'] as const)('takes no time over long text: %s', (manager) => {
    const startedMs = performance.now();
    for (const piece of ['1', '1.', 'a', '~', '_rc', '-', '1a', '-r1'])
      comparePackageVersions(manager, `1${piece.repeat(100_000)}`, `1${piece.repeat(100_000)}1`);
    expect(performance.now() - startedMs).toBeLessThan(2000);
  });

  it.skipIf(lacksTools('dpkg'))('agrees with dpkg over versions it accepts', () => {
    const accepted = fc.stringMatching(/^[0-9]{1,2}[0-9a-b.+~]{0,5}(-[0-9a-b.+~]{1,3})?$/);
    fc.assert(
      fc.property(accepted, accepted, (a, b) => {
        const holds = (operator: string) =>
          spawnSync('dpkg', ['--compare-versions', a, operator, b], { stdio: 'ignore' }).status === 0;
        const order = holds('lt') ? -1 : holds('gt') ? 1 : 0;
        expect(comparePackageVersions('opkg', a, b)).toBe(order);
      }),
      { numRuns: 60 },
    );
  });
});

describe('findVersionStep', () => {
  it.each([
    ['opkg', '1.2-1', '1.10-1', 'upgraded'],
    ['apk', '1.10-r1', '1.2-r1', 'downgraded'],
    ['apk', '2025.01.02~0a1b2c3d-r1', '2025.01.02~ffffffff-r2', 'upgraded'],
    ['apk', '2025.01.02~ffffffff-r1', '2025.01.02~0a1b2c3d-r1', 'changed'],
    ['opkg', '1.0', '1.0~0a1b2c', 'changed'],
    // five digits are no hash
    ['opkg', '1.0', '1.0~12345', 'downgraded'],
  ] as const)('%s: %s to %s is %s', (manager, from, to, step) => {
    expect(findVersionStep(manager, from, to)).toBe(step);
  });
});
