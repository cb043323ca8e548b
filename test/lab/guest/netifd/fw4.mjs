// The rules fw4 would make of /etc/config/firewall and the interfaces that are up, for the options this laboratory's
// configurations use: zones with masq and mtu_fix, forwardings, rules, redirects with reflection.
// @see openwrt/firewall4 root/usr/share/firewall4/templates/ruleset.uc, zone-mssfix.uc, redirect.uc, root/usr/share/ucode/fw4.uc

const list = (value) => (value === undefined ? [] : [value].flat().flatMap((item) => item.split(' ')));
const set = (items) => (items.length === 1 ? items[0] : `{ ${items.join(', ')} }`);
const quoted = (names) => set(names.map((name) => `"${name}"`));
const indent = (lines) => lines.map((line) => `\t\t${line}\n`).join('');
const chain = (name, lines, hook) =>
  `\tchain ${name} {\n${hook === undefined ? '' : `\t\t${hook}\n`}${indent(lines)}\t}\n`;
const verdict = (target, subject) =>
  target === 'REJECT' ? `jump reject_${subject}` : `${target.toLowerCase()}`;

/** Zones with what is up of their networks: `{name, options, devices, interfaces}`. */
export function findZones(sections, interfaces) {
  return sections
    .filter(({ type }) => type === 'zone')
    .map(({ options }) => {
      const networks = list(options.network);
      const members = interfaces.filter(({ name, zone }) => networks.includes(name) || zone === options.name);
      return {
        name: options.name,
        options,
        networks,
        members,
        devices: [...new Set(members.map(({ device }) => device))],
      };
    });
}

/** What a rule or redirect matches beside its zones, one text a protocol. */
function matches({ family, proto, src_ip: source, dest_ip: target, icmp_type: types }, port) {
  const v6 = family === 'ipv6';
  const base = family === undefined ? '' : `meta nfproto ${v6 ? 'ipv6' : 'ipv4'} `;
  const addresses = [
    source === undefined ? '' : `${v6 ? 'ip6' : 'ip'} saddr ${source} `,
    target === undefined ? '' : `${v6 ? 'ip6' : 'ip'} daddr ${target} `,
  ].join('');
  const ports = port === undefined ? undefined : set(list(port));
  return list(proto ?? 'tcp udp').map((name) => {
    if (name === 'icmp') {
      const word = v6 ? 'icmpv6' : 'icmp';
      return `${base}${addresses}${types === undefined ? `meta l4proto ${v6 ? 'ipv6-icmp' : 'icmp'}` : `${word} type ${set(list(types))}`}`;
    }
    return `${base}${addresses}${ports === undefined ? `meta l4proto ${name}` : `${name} dport ${ports}`}`;
  });
}

function zoneChains(zone, sections, zones) {
  const { name, options, devices } = zone;
  const named = (type) => sections.filter((section) => section.type === type);
  const rules = named('rule').filter(({ options: rule }) => rule.src === name);
  const lines = (forwarded) =>
    rules
      .filter(({ options: rule }) => (rule.dest !== undefined) === forwarded)
      .flatMap(({ options: rule }) =>
        matches(rule, rule.dest_port).map((match) => `${match} counter ${verdict(rule.target, 'all')}`),
      );
  const allowed = named('forwarding')
    .filter(({ options: { src, dest } }) => src === name && zones.some((other) => other.name === dest))
    .map(({ options: forwarding }) => `jump accept_to_${forwarding.dest}`);
  const redirected = named('redirect').some(({ options: redirect }) => redirect.src === name)
    ? ['ct status dnat accept']
    : [];
  // a zone forwards between its own devices by its `forward`, all else falls to the default
  return [
    chain(`input_${name}`, [...lines(false), ...redirected, verdict(options.input, 'all')]),
    chain(`forward_${name}`, [
      ...lines(true),
      ...allowed,
      // reflection turns round within lan
      ...(zones.some((other) => other !== zone) && options.masq !== '1'
        ? ['ct status dnat accept']
        : redirected),
      ...(options.forward === 'ACCEPT' ? [`jump accept_to_${name}`] : []),
    ]),
    chain(`accept_to_${name}`, [
      ...(options.masq === '1'
        ? [`meta nfproto ipv4 oifname ${quoted(devices)} ct state invalid counter drop`]
        : []),
      `oifname ${quoted(devices)} counter accept`,
    ]),
  ].join('');
}

function natChains(zone, sections, zones) {
  const redirects = sections.filter(({ type, options }) => type === 'redirect' && options.target === 'DNAT');
  const lan = zones.find(({ options }) => options.masq !== '1');
  const wan = zones.find(({ options }) => options.masq === '1');
  const dnat = [];
  const snat = [];
  for (const { options } of redirects) {
    const range = (port) => port.replace(':', '-');
    const to = `${options.dest_ip}:${range(options.dest_port ?? options.src_dport)}`;
    if (options.src === zone.name)
      for (const match of matches({ family: options.family, proto: options.proto }, range(options.src_dport)))
        dnat.push(`${match} counter dnat ip to ${to}`);
    if (options.reflection === '0' || zone !== lan || wan === undefined) continue;
    const inside = set(lan.members.flatMap(({ subnets }) => subnets));
    const outside = wan.members.flatMap(({ addresses }) => addresses);
    if (outside.length === 0) continue;
    for (const proto of list(options.proto)) {
      dnat.push(
        `ip saddr ${inside} ip daddr ${set(outside)} ${proto} dport ${range(options.src_dport)} dnat ip to ${to}`,
      );
      snat.push(
        `ip saddr ${inside} ip daddr ${options.dest_ip} ${proto} dport ${range(options.dest_port ?? options.src_dport)} snat ip to ${lan.members[0]?.addresses[0]}`,
      );
    }
  }
  if (zone.options.masq === '1') snat.push('meta nfproto ipv4 masquerade');
  return chain(`dstnat_${zone.name}`, dnat) + chain(`srcnat_${zone.name}`, snat);
}

/**
 * @param sections of /etc/config/firewall
 * @param interfaces that are up: `{name, device, zone, addresses, subnets}`, IPv4 alone
 * @returns the text for one `nft -f`, with the files of ruleset-post included behind the table
 */
export function renderRuleset(sections, interfaces, includes) {
  const zones = findZones(sections, interfaces).filter(({ devices }) => devices.length > 0);
  const jumps = (direction, word) =>
    zones.map(({ name, devices }) => `${word} ${quoted(devices)} jump ${direction}_${name}`);
  const clamps = (word) =>
    zones
      .filter(({ options }) => options.mtu_fix === '1')
      .map(
        ({ devices }) =>
          `${word} ${quoted(devices)} tcp flags syn / syn,fin,rst tcp option maxseg size set rt mtu`,
      );
  const known = 'ct state vmap { established : accept, related : accept }';
  return `table inet fw4
flush table inet fw4
table inet fw4 {
${chain('input', ['iif "lo" accept', known, 'tcp flags & (fin | syn | rst | ack) == syn jump syn_flood', ...jumps('input', 'iifname'), 'jump reject_all'], 'type filter hook input priority filter; policy drop;')}
${chain('forward', [known, ...jumps('forward', 'iifname'), 'jump reject_all'], 'type filter hook forward priority filter; policy drop;')}
${chain('output', ['oif "lo" accept', known, ...zones.map(({ name, devices }) => `oifname ${quoted(devices)} jump accept_to_${name}`)], 'type filter hook output priority filter; policy accept;')}
${chain('reject_all', ['meta l4proto tcp reject with tcp reset', 'reject with icmpx type port-unreachable'])}
${chain('syn_flood', ['limit rate 25/second burst 50 packets return', 'drop'])}
${zones.map((zone) => zoneChains(zone, sections, zones)).join('')}
${zones.map((zone) => natChains(zone, sections, zones)).join('')}
${chain('dstnat', jumps('dstnat', 'iifname'), 'type nat hook prerouting priority dstnat; policy accept;')}
${chain(
  'srcnat',
  zones.map(({ name, devices }) => `oifname ${quoted(devices)} jump srcnat_${name}`),
  'type nat hook postrouting priority srcnat; policy accept;',
)}
${chain('mangle_postrouting', clamps('oifname'), 'type filter hook postrouting priority mangle; policy accept;')}
${chain('mangle_forward', clamps('iifname'), 'type filter hook forward priority mangle; policy accept;')}
}
${includes.map((path) => `include "${path}"\n`).join('')}`;
}
