import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAddress6, formatPrefix6 } from '../../src/mape/address.ts';
import { computeInterfaceId, computeMape } from '../../src/mape/calculate.ts';
import { MapeError } from '../../src/mape/errors.ts';
import { parsePrefixInput } from '../../src/mape/input.ts';
import { makeCalculator } from '../../src/mape/lookup.ts';
import { computePortRanges, containsPort, countPorts } from '../../src/mape/ports.ts';
import type { Rule } from '../../src/mape/rule.ts';
import { serviceTable } from '../support/services.ts';

const rules = serviceTable.services.flatMap((service) => service.rules);
const portFormat = fc
  .integer({ min: 0, max: 15 })
  .chain((psidOffset) =>
    fc.integer({ min: 1, max: 16 - psidOffset }).map((psidLength) => ({ psidOffset, psidLength })),
  );
const anyRule = fc.constantFrom(...rules);

describe('ports', () => {
  it('the PSIDs partition the port space: no port twice, none but the system ports left out', () => {
    fc.assert(
      fc.property(portFormat, (format) => {
        const owner = new Int32Array(65536).fill(-1);
        // A format of 2^k PSIDs is walked whole; above 4096 a slice of PSIDs keeps it quick.
        const psids = Math.min(2 ** format.psidLength, 4096);
        for (let psid = 0; psid < psids; psid += 1) {
          for (const [first, last] of computePortRanges(format, psid)) {
            for (let port = first; port <= last; port += 1) {
              if (owner[port] !== -1) return false;
              owner[port] = psid;
            }
          }
        }
        if (psids < 2 ** format.psidLength) return true;
        const lowest = format.psidOffset === 0 ? 0 : 2 ** (16 - format.psidOffset);
        return owner.every((psid, port) => (psid === -1) === port < lowest);
      }),
      { numRuns: 60 },
    );
  });

  it('a port carries the PSID in the middle of its bits', () => {
    fc.assert(
      fc.property(portFormat, fc.nat(65535), fc.nat(65535), (format, seed, port) => {
        const psid = seed % 2 ** format.psidLength;
        const m = 16 - format.psidOffset - format.psidLength;
        const carries = ((port >> m) & (2 ** format.psidLength - 1)) === psid;
        const aboveSystem = format.psidOffset === 0 || port >> (16 - format.psidOffset) !== 0;
        return containsPort(computePortRanges(format, psid), port) === (carries && aboveSystem);
      }),
    );
  });

  it('their number is (2^a - 1) times 2^m', () => {
    fc.assert(
      fc.property(portFormat, (format) => {
        const blocks = format.psidOffset === 0 ? 1 : 2 ** format.psidOffset - 1;
        const size = 2 ** (16 - format.psidOffset - format.psidLength);
        return countPorts(computePortRanges(format, 0)) === blocks * size;
      }),
    );
  });
});

describe('address and PSID', () => {
  it('round-trip: the End-user prefix can be built again from rule, IPv4 address and PSID', () => {
    fc.assert(
      fc.property(anyRule, fc.bigInt(0n, (1n << 25n) - 1n), (rule, seed) => {
        const ea = seed & ((1n << BigInt(rule.eaLength)) - 1n);
        const prefix = formatPrefix6({ address: rule.ipv6.address | (ea << 72n), bits: 56 });
        const { ipv4Address, psid, endUserPrefix } = computeMape(rule, parsePrefixInput(prefix));
        const ipv4 = ipv4Address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
        const suffix = BigInt(ipv4 - rule.ipv4.address);
        expect((suffix << BigInt(rule.psidLength)) | BigInt(psid)).toBe(ea);
        expect(endUserPrefix).toBe(prefix);
      }),
    );
  });

  it('two subscribers of one rule never share address and PSID', () => {
    fc.assert(
      fc.property(anyRule, fc.bigInt(0n, (1n << 25n) - 1n), fc.bigInt(0n, (1n << 25n) - 1n), (rule, a, b) => {
        const mask = (1n << BigInt(rule.eaLength)) - 1n;
        fc.pre((a & mask) !== (b & mask));
        const [one, two] = [a, b].map((seed) => calculateEa(rule, seed & mask));
        return `${one?.ipv4Address} ${one?.psid}` !== `${two?.ipv4Address} ${two?.psid}`;
      }),
    );
  });

  it('the two forms of interface identifier hold the same figures, eight bits apart', () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), fc.nat(0xffff), (ipv4, psid) => {
        return computeInterfaceId('draft-03', ipv4, psid) === computeInterfaceId('rfc7597', ipv4, psid) << 8n;
      }),
    );
  });
});

describe('the built-in rules', () => {
  it('no two overlap, so that the order of services does not matter', () => {
    const ends = rules.map(
      ({ ipv6 }) => [ipv6.address, ipv6.address + (1n << BigInt(128 - ipv6.bits))] as const,
    );
    ends.sort(([a], [b]) => (a < b ? -1 : 1));
    expect(ends.filter(([, end], index) => end > (ends[index + 1]?.[0] ?? 1n << 128n))).toEqual([]);
  });

  it('each lies in a range of its service, and no range is claimed twice', () => {
    for (const service of serviceTable.services) {
      for (const { ipv6 } of service.rules) {
        expect(
          service.ranges.some(
            (range) => ipv6.address >> BigInt(128 - range.bits) === range.address >> BigInt(128 - range.bits),
          ),
        ).toBe(true);
      }
    }
  });

  it('there are as many as were published', () => {
    expect(Object.fromEntries(serviceTable.services.map(({ id, rules: rows }) => [id, rows.length]))).toEqual(
      {
        biglobe: 258,
        nuro: 18,
        ocn: 160,
        v6plus: 4,
      },
    );
  });
});

describe('any text', () => {
  const calculate = makeCalculator(serviceTable);
  it('gives parameters or a coded error, never anything else', () => {
    const almost = fc.stringMatching(/^[0-9a-fA-F:./% ]{0,45}$/);
    fc.assert(
      fc.property(fc.oneof(fc.string(), almost, fc.ipV6()), (text) => {
        try {
          return calculate(text).portCount > 0;
        } catch (error) {
          return error instanceof MapeError;
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('every way of writing an address gives the same result', () => {
    fc.assert(
      fc.property(anyRule, fc.bigInt(0n, (1n << 72n) - 1n), (rule, low) => {
        const address = rule.ipv6.address | (low & ~(0xffn << 64n));
        const short = formatAddress6(address);
        const long = address
          .toString(16)
          .padStart(32, '0')
          .replace(/(.{4})(?=.)/g, '$1:');
        const results = [short, long, long.toUpperCase(), ` ${short} `, `${short}/64`, `${short} / 64`].map(
          (text) => JSON.stringify(calculate(text)),
        );
        return new Set(results).size === 1;
      }),
    );
  });
});

function calculateEa(rule: Rule, ea: bigint) {
  return computeMape(rule, { address: rule.ipv6.address | (ea << 72n), bits: 56 });
}
