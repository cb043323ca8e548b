// mapcalc: the figures of a MAP rule for the prefix an interface holds, as OpenWrt's program prints them.
// From RFC 7597 §5.1 (ports), §5.2 (address bits), §6 (interface id) and draft-ietf-softwire-map-03 (LEGACY).
import { isIPv6 } from 'node:net';

const KEYS = [
  'type',
  'fmr',
  'ealen',
  'prefix4len',
  'prefix6len',
  'ipv6prefix',
  'ipv4prefix',
  'offset',
  'psidlen',
  'psid',
  'br',
  'dmr',
  'pd',
  'pdlen',
];

export function parseIpv6(text) {
  if (!isIPv6(text)) throw new Error(`no IPv6 address: ${text}`);
  const [head = '', tail] = text.split('::');
  const groups = (part) => (part === undefined || part === '' ? [] : part.split(':'));
  const missing = 8 - groups(head).length - groups(tail).length;
  const all = [...groups(head), ...(tail === undefined ? [] : Array(missing).fill('0')), ...groups(tail)];
  return all.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}

/** Text of an address, its longest run of zero groups as `::` (RFC 5952 §4.2). */
export function formatIpv6(value) {
  const groups = Array.from({ length: 8 }, (_, i) =>
    ((value >> BigInt(112 - 16 * i)) & 0xffffn).toString(16),
  );
  const runs = [...groups.join(':').matchAll(/\b0(:0)+\b/g)].sort((a, b) => b[0].length - a[0].length);
  if (runs[0] === undefined) return groups.join(':');
  const text = groups.join(':');
  return `${text.slice(0, runs[0].index).replace(/:$/, '')}::${text.slice(runs[0].index + runs[0][0].length).replace(/^:/, '')}`;
}

const parseIpv4 = (text) => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
const formatIpv4 = (value) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
const low = (value, bits) => value & ((1n << BigInt(bits)) - 1n);

/** A rule from its comma list; undefined where it is not well formed. */
function parseRule(text, legacy) {
  const rule = Object.fromEntries(
    text
      .split(',')
      .map((item) => [item.split('=')[0], item.includes('=') ? item.slice(item.indexOf('=') + 1) : '']),
  );
  if (Object.keys(rule).some((key) => !KEYS.includes(key))) return undefined;
  const number = (key, max, missing) => {
    if (!rule[key]) return missing;
    const value = Number(rule[key]);
    return Number.isInteger(value) && value >= 0 && value <= max ? value : undefined;
  };
  const found = {
    fmr: rule.fmr !== undefined,
    prefix4len: number('prefix4len', 32),
    prefix6len: number('prefix6len', 128),
    ealen: number('ealen', 48, -1),
    psidlen: number('psidlen', 16, -1),
    psid: number('psid', 65535, -1),
    offset: number('offset', 16, legacy ? 4 : 6),
    ipv4prefix: /^[0-9]{1,3}(\.[0-9]{1,3}){3}$/.test(rule.ipv4prefix ?? '') ? rule.ipv4prefix : undefined,
    ipv6prefix: isIPv6(rule.ipv6prefix ?? '') ? rule.ipv6prefix : undefined,
  };
  if (Object.values(found).some((value) => value === undefined)) return undefined;
  return { ...found, br: rule.br, dmr: rule.dmr };
}

/** The longest prefix that lies in the rule, of `{interface, address, mask}`. */
function choosePrefix(rule, prefixes) {
  const shift = BigInt(128 - rule.prefix6len);
  return prefixes
    .filter(
      ({ address, mask }) =>
        mask >= rule.prefix6len && parseIpv6(address) >> shift === parseIpv6(rule.ipv6prefix) >> shift,
    )
    .sort((a, b) => b.mask - a.mask)[0];
}

function portSets(offset, psidlen, psid) {
  const m = 16 - offset - psidlen;
  const first = offset > 0 ? 1 : 0;
  return Array.from({ length: 2 ** offset - first }, (_, i) => {
    const start = (i + first) * 2 ** (16 - offset) + psid * 2 ** m;
    return `${Math.max(start, 1)}-${start + 2 ** m - 1}`;
  });
}

/**
 * @param options `{legacy, rules, prefixes}`: whether draft-03 addresses; rules as text; `{interface, address, mask}` each
 * @returns `{code, stdout, stderr}`
 */
export function mapcalc({ legacy, rules, prefixes }) {
  const lines = [];
  for (const [position, text] of rules.entries()) {
    const n = position + 1;
    const rule = parseRule(text, legacy);
    if (rule === undefined) return { code: 1, stdout: '', stderr: `Failed to parse rule ${text}\n` };
    const pd = choosePrefix(rule, prefixes);
    if (pd === undefined && !rule.fmr)
      return { code: 1, stdout: '', stderr: 'Skipping non-FMR without matching PD\n' };
    const suffixBits = 32 - rule.prefix4len;
    const ealen = rule.ealen >= 0 ? rule.ealen : (pd?.mask ?? rule.prefix6len) - rule.prefix6len;
    const psidlen = rule.psidlen >= 0 ? rule.psidlen : Math.max(ealen - suffixBits, 0);
    const put = (name, value) => lines.push(`RULE_${n}_${name}=${value}`);
    put('FMR', rule.fmr ? 1 : 0);
    put('EALEN', ealen);
    put('PSIDLEN', psidlen);
    put('OFFSET', rule.offset);
    put('PREFIX4LEN', rule.prefix4len);
    put('PREFIX6LEN', rule.prefix6len);
    put('IPV4PREFIX', rule.ipv4prefix);
    put('IPV6PREFIX', rule.ipv6prefix);
    if (pd !== undefined) {
      const ea = low(parseIpv6(pd.address) >> BigInt(128 - rule.prefix6len - ealen), ealen);
      const suffix = Number(low(ea >> BigInt(psidlen), suffixBits));
      const psid = rule.psid >= 0 ? rule.psid : Number(low(ea, psidlen));
      const ipv4 = (parseIpv4(rule.ipv4prefix) + suffix) >>> 0;
      const id = (BigInt(ipv4) << 16n) | BigInt(psid);
      put('IPV6PD', pd.address);
      put('PD6LEN', pd.mask);
      put('PD6IFACE', pd.interface);
      put('IPV6ADDR', formatIpv6(((parseIpv6(pd.address) >> 64n) << 64n) | (legacy ? id << 8n : id)));
      lines.push(`RULE_BMR=${n}`);
      put('IPV4ADDR', formatIpv4(ipv4));
      put('ADDR4LEN', 32);
      if (psidlen > 0) put('PORTSETS', `'${portSets(rule.offset, psidlen, psid).join(' ')} '`);
    }
    if (rule.dmr !== undefined) put('DMR', rule.dmr);
    if (rule.br !== undefined) put('BR', rule.br);
  }
  lines.push(`RULE_COUNT=${rules.length}`);
  return { code: 0, stdout: `${lines.join('\n')}\n`, stderr: '' };
}
