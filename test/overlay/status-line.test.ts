import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readServiceFiles } from '../support/services.ts';
import { fileText, hasTool, templates } from './support.ts';

const busybox = hasTool('busybox');

describe.runIf(busybox)('whose line it is', () => {
  const files = readServiceFiles();
  const known = z.object({ id: z.string(), kind: z.string(), ranges: z.array(z.string()) });
  const services = z
    .array(known)
    .parse([
      ...files.services,
      ...z.object({ services: z.array(z.unknown()) }).parse(files.notMapE).services,
    ]);
  const script = fileText(templates, '/usr/lib/mape-image/status-line.sh');

  const classify = (addresses: readonly string[]) => {
    const run = spawnSync('busybox', ['ash', '-s'], {
      input: `${script}\nfor a in ${addresses.join(' ')}; do status_classify "$a"; echo "[$line_kind $line_service]"; done\n`,
      encoding: 'utf8',
    });
    expect(run.stderr).toBe('');
    return run.stdout.trimEnd().split('\n');
  };

  it('agrees with every range of profiles/services, at both ends', () => {
    const cases = services.flatMap(({ id, kind, ranges }) =>
      ranges.flatMap((range) => edges(range).map((address) => ({ address, wanted: `[${kind} ${id}]` }))),
    );
    expect(cases.length).toBeGreaterThan(20);
    expect(classify(cases.map(({ address }) => address))).toEqual(cases.map(({ wanted }) => wanted));
  });

  it('knows nothing outside of them', () => {
    const outside = [
      '240b:14::',
      '240b:f::',
      '2408:400::',
      '2001:9fff::',
      '2001:a800::',
      '2409:14::',
      '2001:db8::',
      '::1',
      'fe80::1',
    ];
    expect(classify(outside)).toEqual(outside.map(() => '[ ]'));
  });

  it('has a name for each service', () => {
    const run = spawnSync('busybox', ['ash', '-s'], {
      input: `${script}\nfor s in ${services.map(({ id }) => id).join(' ')}; do status_name $s; echo "$name"; done\n`,
      encoding: 'utf8',
    });
    const names = z
      .array(z.object({ name: z.string() }))
      .parse([
        ...files.services,
        ...z.object({ services: z.array(z.unknown()) }).parse(files.notMapE).services,
      ]);
    expect(run.stdout.trimEnd().split('\n')).toEqual(names.map(({ name }) => name));
  });

  /** First and last address of a prefix of at most 32 bits, as far as two groups tell; of a longer one the first. */
  function edges(range: string): readonly string[] {
    const [address = '', length = ''] = range.split('/');
    const [first = '', second = ''] = address.split(':');
    const bits = Math.min(Number(length), 32);
    const last = (Number.parseInt(second || '0', 16) | ((1 << (32 - bits)) - 1)).toString(16);
    return [address, `${first}:${last}:ffff::`];
  }
});
