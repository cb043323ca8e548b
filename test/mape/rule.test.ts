import { describe, expect, it } from 'vitest';
import { computeMape } from '../../src/mape/calculate.ts';
import { MapeError } from '../../src/mape/errors.ts';
import { parsePrefixInput } from '../../src/mape/input.ts';
import { makeCalculator } from '../../src/mape/lookup.ts';
import { parseUserRules } from '../../src/mape/rule-file.ts';
import { serviceTable } from '../support/services.ts';

const br = '2001:db8:ffff::1';

describe('RFC 7597 appendix A', () => {
  it('example 1 and 2: a shared address', () => {
    const [rule] = parseUserRules({
      ipv6: '2001:db8::/40',
      ipv4: '192.0.2.0/24',
      ea: 16,
      psidOffset: 6,
      br,
      interfaceId: 'rfc7597',
    });
    if (rule === undefined) throw new Error('no rule');
    const result = computeMape(rule, parsePrefixInput('2001:db8:0012:3400::/56'));
    expect(result).toMatchObject({
      endUserPrefix: '2001:db8:12:3400::/56',
      ipv4Address: '192.0.2.18',
      psid: 0x34,
      psidLength: 8,
      ceIpv6Address: '2001:db8:12:3400:0:c000:212:34',
    });
    expect(result.portRanges).toHaveLength(63);
    expect(result.portRanges.slice(0, 2)).toEqual([
      [1232, 1235],
      [2256, 2259],
    ]);
    expect(result.portRanges.slice(-2)).toEqual([
      [63696, 63699],
      [64720, 64723],
    ]);
  });

  it('example 4: one address, not shared', () => {
    const [rule] = parseUserRules({
      ipv6: '2001:db8:12:3400::/56',
      ipv4: '192.0.2.18/32',
      ea: 0,
      psidOffset: 6,
      br,
      interfaceId: 'rfc7597',
    });
    if (rule === undefined) throw new Error('no rule');
    expect(computeMape(rule, parsePrefixInput('2001:db8:12:3400::/56'))).toMatchObject({
      ipv4Address: '192.0.2.18',
      psid: 0,
      psidLength: 0,
      ceIpv6Address: '2001:db8:12:3400:0:c000:212:0',
      portCount: 65536,
    });
  });

  it('example 5: one address shared by a PSID given apart', () => {
    const [rule] = parseUserRules({
      ipv6: '2001:db8:12:3400::/56',
      ipv4: '192.0.2.18/32',
      ea: 0,
      psidOffset: 6,
      psidLength: 8,
      psid: 0x20,
      br,
      interfaceId: 'rfc7597',
    });
    if (rule === undefined) throw new Error('no rule');
    const result = computeMape(rule, parsePrefixInput('2001:db8:12:3400::/56'));
    expect(result).toMatchObject({
      ipv4Address: '192.0.2.18',
      psid: 0x20,
      ceIpv6Address: '2001:db8:12:3400:0:c000:212:20',
    });
    expect([result.portRanges[0], result.portRanges.at(-1)]).toEqual([
      [1152, 1155],
      [64640, 64643],
    ]);
  });
});

describe("rules of the user's own", () => {
  const good = { ipv6: '2001:db8::/40', ipv4: '192.0.2.0/24', ea: 16, psidOffset: 4, br };

  it.each([
    ['unknown key', { ...good, eaLength: 16 }],
    ['bits behind the length of the IPv6 prefix', { ...good, ipv6: '2001:db8::1/40' }],
    ['no length', { ...good, ipv4: '192.0.2.0' }],
    ['bits behind the length of the IPv4 prefix', { ...good, ipv4: '192.0.2.1/24' }],
    ['EA bits that reach beyond 64', { ...good, ea: 25 }],
    ['EA bits that do not fill the address', { ...good, ea: 4 }],
    ['no EA bits and no /32', { ...good, ea: 0 }],
    ['PSID length that contradicts the EA bits', { ...good, psidLength: 6 }],
    ['offset and PSID beyond 16 bits', { ...good, psidOffset: 9 }],
    ['border relay that is no address', { ...good, br: 'br.example' }],
    ['border relay with a length', { ...good, br: `${br}/64` }],
    ['a list', [good]],
    ['an empty list of rules', { rules: [] }],
    ['nothing', null],
    ['a number as text', { ...good, ea: '16' }],
  ])('refused: %s', (_name, raw) => {
    expect(() => parseUserRules(raw)).toThrow(expect.objectContaining({ code: 'RULE_INVALID' }));
  });

  it('come before the built-in ones, the longest first', () => {
    const rules = parseUserRules({
      rules: [
        { ipv6: '240b:10::/31', ipv4: '198.51.0.0/17', ea: 25, psidOffset: 4, psidLength: 10, br },
        { ipv6: '240b:10:3400::/40', ipv4: '192.0.2.0/24', ea: 16, psidOffset: 4, br },
      ],
    });
    const calculate = makeCalculator(serviceTable, { rules });
    expect(calculate('240b:10:3456:7800::/56')).toMatchObject({
      service: 'user',
      ipv4Address: '192.0.2.86',
      confidence: 'user',
    });
    expect(calculate('240b:11:3456:7800::/56').ruleIpv6Prefix).toBe('240b:10::/31');
  });

  it('a prefix outside all of them has no rule', () => {
    const calculate = makeCalculator(serviceTable, { rules: parseUserRules(good) });
    expect(() => calculate('240b:10:3456:7800::/56')).toThrow(
      expect.objectContaining({ code: 'PREFIX_NO_RULE' }),
    );
  });
});

describe('a forced service', () => {
  it.each([
    ['ocn', '240b:10:3456:7800::/56', 'PREFIX_NO_RULE'],
    ['v6plus', '2409:10:1234:5600::/64', 'PREFIX_NO_RULE'],
    ['transix', '2409:10:1234:5600::/64', 'SERVICE_NOT_MAP_E'],
    ['v6plu', '240b:10:3456:7800::/56', 'SERVICE_UNKNOWN'],
  ])('%s for %s gives %s', (service, prefix, code) => {
    expect(() => makeCalculator(serviceTable, { service })(prefix)).toThrow(
      expect.objectContaining({ code }),
    );
  });

  it('names the service the prefix belongs to', () => {
    const calculate = makeCalculator(serviceTable, { service: 'ocn' });
    let caught: unknown;
    try {
      calculate('240b:10:3456:7800::/56');
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(MapeError);
    expect(caught).toMatchObject({ service: 'v6plus' });
  });
});

describe('warnings where sources disagree or stand alone', () => {
  const calculate = makeCalculator(serviceTable);
  it.each([
    ['v6 Plus: none', '240b:12:3456:7800::/64', []],
    ['OCN in two tables: none', '2400:4051:2000:1200::/64', []],
    ['OCN in one table', '2400:4151:e012:3400::/64', ['OCN_RULE_NOT_EVERYWHERE']],
    ['BIGLOBE east: none', '2404:7a80:1234:5600::/64', []],
    ['BIGLOBE west: the border relay', '2404:7a86:1234:5600::/64', ['BIGLOBE_BR_DISAGREES']],
    ['NURO as reported: the MTU', '240d:f:1234:5600::/64', ['NURO_MTU_DISAGREES']],
    ['NURO predicted', '240d:f:4234:5600::/64', ['NURO_RULE_PREDICTED', 'NURO_MTU_DISAGREES']],
    [
      'NURO predicted and contradicted',
      '240d:f:a234:5600::/64',
      ['NURO_RULE_PREDICTED', 'NURO_IPV4_DISAGREES', 'NURO_MTU_DISAGREES'],
    ],
  ])('%s', (_name, prefix, codes) => {
    expect(calculate(prefix).warnings.map(({ code }) => code)).toEqual(codes);
  });
});
