import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ComparedBuild, checkReproduction } from '../../src/attest/compare-builds.ts';
import { parseRecordedBuild } from '../../src/attest/recorded-build.ts';
import { parseRecordedOverlay, renderRecordedOverlay } from '../../src/attest/recorded-overlay.ts';
import { parseRecordedPlan } from '../../src/attest/recorded-plan.ts';
import { canonicalJson } from '../../src/bytes/canonical-json.ts';
import { computeSha256 } from '../../src/bytes/sha256.ts';
import { MapeImageError } from '../../src/errors.ts';
import { makeFileTree } from '../../src/overlay/file-tree.ts';
import { makeLock, makePackage, makePlanned, planned, withPackages } from './sample.ts';

const planText = JSON.stringify(planned.plan, null, 2);
const plan = parseRecordedPlan(planText);
const overlayText = renderRecordedOverlay(planned.overlay) ?? '';

function codeOf(run: () => unknown): string {
  try {
    run();
    return 'none';
  } catch (error) {
    return error instanceof MapeImageError ? error.code : `not coded: ${error}`;
  }
}

/** A plan changed and given the id that goes with it, as a forger would. */
function forge(edit: (plan: Record<string, unknown>) => void): string {
  const value = JSON.parse(planText);
  delete value.id;
  edit(value);
  return JSON.stringify({ ...value, id: computeSha256(canonicalJson(value)) });
}

/** So many files with a secret in place of the overlay. */
function addSecrets(value: Record<string, unknown>, count: number): void {
  value.overlay = Array.from({ length: count }, (_, index) => {
    return { path: `/secret/${index}`, type: 'file', mode: '0600', scrypt: 'a'.repeat(64) };
  });
}

const damaged = (text: string) =>
  fc.oneof(
    fc.nat(text.length).map((end) => text.slice(0, end)),
    fc
      .tuple(fc.nat(text.length - 1), fc.string({ maxLength: 2 }))
      .map(([at, insert]) => text.slice(0, at) + insert + text.slice(at + 1)),
    fc.json(),
  );

describe('a recorded plan', () => {
  it('is read as it was written', () => {
    expect(plan).toMatchObject({
      id: planned.plan.id,
      profile: 'tplink_archer-c6-v2',
      version: '24.10.8',
      packages: planned.plan.packages,
    });
  });

  it.each([
    ['another package with the old id', planText.replace('"tcpdump"', '"telnetd"')],
    ['an id of somebody else', planText.replace(planned.plan.id, '0'.repeat(64))],
    ['a plan without an ImageBuilder', forge((value) => Object.assign(value, { imagebuilder: null }))],
    ['a number that is none in canonical JSON', planText.replace('"profile"', '"extra": 1.5, "profile"')],
    ['more secrets than one has the time to check', forge((value) => addSecrets(value, 265))],
    ['no JSON', 'x'],
  ])('is refused: %s', (_name, text) => {
    expect(codeOf(() => parseRecordedPlan(text))).toBe('RECORD_INVALID');
  });

  it('may hold 264 files with secrets', () => {
    const { overlay } = parseRecordedPlan(forge((value) => addSecrets(value, 264)));
    expect(overlay.filter((entry) => 'scrypt' in entry)).toHaveLength(264);
  });

  it('ends with its own error or a plan, whatever stands there', () => {
    fc.assert(
      fc.property(damaged(planText), (text) => {
        expect(['none', 'RECORD_INVALID']).toContain(codeOf(() => parseRecordedPlan(text)));
      }),
    );
  });
});

describe('a recorded overlay', () => {
  it('comes back byte for byte, text or not', () => {
    expect(parseRecordedOverlay(overlayText, plan)).toEqual(
      new Map(
        [...planned.overlay].map(([path, entry]) => [
          path,
          entry.type === 'file' ? { ...entry, bytes: Buffer.from(entry.bytes) } : entry,
        ]),
      ),
    );
    const bytes = Buffer.from([0, 0xff, 0xfe, 0x80]);
    const binary = makePlanned({ files: [{ path: '/etc/own', mode: 0o644, content: bytes }] });
    const text = renderRecordedOverlay(binary.overlay) ?? '';
    const back = parseRecordedOverlay(text, parseRecordedPlan(JSON.stringify(binary.plan)));
    expect(back.get('/etc/own')).toMatchObject({ bytes });
  });

  it('is not written where any file holds a secret', () => {
    const secret = makePlanned({ rootPasswordHash: `$6$saltsalt$${'A'.repeat(86)}` });
    expect(renderRecordedOverlay(secret.overlay)).toBeUndefined();
    const link = makeFileTree([['/a', { type: 'symlink', target: 'b' }]]);
    expect(renderRecordedOverlay(link)).toContain('"symlink"');
  });

  const edit = (change: (entries: Record<string, unknown>[]) => void): string => {
    const value = JSON.parse(overlayText);
    change(value.entries);
    return JSON.stringify(value);
  };

  it.each([
    ['a byte changed', overlayText.replace('mape', 'mApe')],
    [
      'an entry too many',
      edit((entries) => entries.push({ path: '/zz', type: 'file', mode: '0644', text: '' })),
    ],
    ['an entry too few', edit((entries) => entries.pop())],
    ['another mode', overlayText.replace('"0755"', '"0777"')],
    ['no JSON', '{'],
    ['no overlay', '[]'],
  ])('is refused: %s', (_name, text) => {
    expect(codeOf(() => parseRecordedOverlay(text, plan))).toBe('RECORD_INVALID');
  });

  it('ends with its own error or a tree, whatever stands there', () => {
    fc.assert(
      fc.property(damaged(overlayText), (text) => {
        expect(['none', 'RECORD_INVALID']).toContain(codeOf(() => parseRecordedOverlay(text, plan)));
      }),
      { numRuns: 60 },
    );
  });
});

describe('a recorded build', () => {
  const good = {
    schema: 'mape-image/build@1',
    planId: '0'.repeat(64),
    image: {
      path: 'openwrt-24.10.8-sysupgrade.bin',
      sha256: '1'.repeat(64),
      sha256Unsigned: '1'.repeat(64),
      sizeBytes: 1,
      kernelBytes: null,
      rootfsBytes: null,
    },
  };

  it('is read, other members passed over', () => {
    expect(parseRecordedBuild(JSON.stringify({ ...good, warnings: [] }))).toEqual(good);
  });

  it.each(['../../etc/passwd', '/etc/passwd', '.', '', 'a/b', 'a\u0000b'])(
    'is refused where its image is no plain name: %j',
    (path) => {
      const text = JSON.stringify({ ...good, image: { ...good.image, path } });
      expect(codeOf(() => parseRecordedBuild(text))).toBe('RECORD_INVALID');
    },
  );
});

describe('comparing a repeated build with its record', () => {
  const recorded: ComparedBuild = {
    lock: makeLock(),
    sha256Unsigned: 'ab'.repeat(32),
    sizeBytes: 100,
    kernelBytes: 40,
    rootfsBytes: 60,
  };

  it('equal images are equal, whatever version of the program repeats them', () => {
    const other = { ...recorded, lock: makeLock({ programVersion: '9.9.9' }) };
    expect(checkReproduction(recorded, other, [])).toEqual([]);
  });

  it('says which image, input, package, size and file differ', () => {
    const facts = withPackages({ busybox: makePackage('busybox', '1.36.1-r3') });
    const rebuilt = {
      lock: makeLock({ facts, programVersion: '0.2.0' }),
      sha256Unsigned: 'cd'.repeat(32),
      sizeBytes: 101,
      kernelBytes: null,
      rootfsBytes: 61,
    };
    const findings = checkReproduction(recorded, rebuilt, [
      { path: '/bin/busybox', change: 'changed', aspects: ['content'] },
    ]);
    expect(
      findings.map(({ code, details }) => [code, details?.part ?? details?.package ?? details?.path]),
    ).toEqual([
      ['REPRODUCED_IMAGE_OTHER', undefined],
      ['LOCK_INPUT_OTHER', undefined],
      ['LOCK_PACKAGE_OTHER', 'busybox'],
      ['REPRODUCED_SIZE_OTHER', 'rootfs'],
      ['REPRODUCED_SIZE_OTHER', 'image'],
      ['REPRODUCED_FILE_OTHER', '/bin/busybox'],
    ]);
  });
});
