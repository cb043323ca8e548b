// The router's own side of the laboratory: netifd, and the programs of lab-ask, for one root in one network namespace.
// netifd.mjs ROOT; its log is its standard output.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseConfig } from '/lab/uci-text.mjs';
import { hearCalls } from './calls.mjs';
import { findZones, renderRuleset } from './fw4.mjs';
import { makeHandled } from './handler.mjs';
import { jsonfilter } from './jsonfilter.mjs';
import { makeLine } from './line.mjs';
import { mapcalc } from './mapcalc.mjs';
import { parseMessage } from './message.mjs';
import { makeServices } from './services.mjs';
import { ip } from './system.mjs';

const root = process.argv[2];
const interfaces = new Map();
const log = (text) => process.stdout.write(`${(performance.now() / 1000).toFixed(2)} ${text}\n`);

const readConfig = (name) =>
  existsSync(`${root}/etc/config/${name}`)
    ? parseConfig(readFileSync(`${root}/etc/config/${name}`, 'utf8'))
    : [];

function run(args, env = {}) {
  const child = spawn('chroot', [root, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...env },
  });
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (text) => log(`${args.at(-1)}: ${text}`));
  return child;
}

let hotplugQueue = Promise.resolve();
/** One event behind the other, each through all scripts. @see openwrt/netifd interface-event.c (call_hotplug) */
function hotplug(action, { name, device = '' }, extra = {}) {
  const env = { ACTION: action, INTERFACE: name, DEVICE: action === 'ifdown' ? '' : device, ...extra };
  hotplugQueue = hotplugQueue.then(
    () =>
      new Promise((resolve) => {
        log(`hotplug ${action} ${name}`);
        run(['sh', '-c', 'for script in /etc/hotplug.d/iface/*; do (. "$script"); done'], env).on(
          'exit',
          resolve,
        );
      }),
  );
}

const world = { run, hotplug, interfaces, log };
const line = makeLine(world);
const services = makeServices(world);

/** An interface without a script: lan, or what a handler adds. */
function addStatic(name, device, addresses, dynamic = false) {
  for (const address of addresses) ip('addr', 'replace', address, 'dev', device);
  const iface = {
    name,
    proto: 'static',
    up: true,
    available: true,
    autostart: true,
    dynamic,
    device,
    addresses,
    prefixes: [],
    routes: [],
    data: {},
    errors: [],
    sinceMs: performance.now(),
    start() {},
    stop() {
      for (const address of addresses) ip('addr', 'del', address, 'dev', device);
      interfaces.delete(name);
      hotplug('ifdown', iface);
    },
  };
  interfaces.set(name, iface);
  hotplug('ifup', iface);
}

function startNetwork() {
  for (const { type, name, options } of readConfig('network')) {
    if (type !== 'interface' || options.disabled === '1') continue;
    if (name === 'lan') addStatic('lan', 'br-lan', [`${[options.ipaddr].flat()[0].split('/')[0]}/24`]);
    if (name === 'wan6') interfaces.set(name, line.makeInterface(options));
    if (options.proto === 'map') interfaces.set(name, makeHandled(world, name, options));
  }
  for (const iface of [...interfaces.values()]) iface.start();
}

function status(iface) {
  const pairs = (texts) =>
    texts.map((text) => ({ address: text.split('/')[0], mask: Number(text.split('/')[1]) }));
  const isV6 = (text) => text.includes(':');
  const addresses = iface.up ? iface.addresses : [];
  return {
    up: iface.up,
    pending: iface.state === 'setup',
    available: iface.available,
    autostart: iface.autostart,
    dynamic: iface.dynamic === true,
    ...(iface.up
      ? { uptime: Math.floor((performance.now() - iface.sinceMs) / 1000), l3_device: iface.device }
      : {}),
    proto: iface.proto,
    ...(iface.proto === 'map' ? {} : { device: iface.device }),
    'ipv4-address': pairs(addresses.filter((text) => !isV6(text))),
    'ipv6-address': pairs(addresses.filter(isV6)),
    'ipv6-prefix': iface.up ? iface.prefixes : [],
    route: iface.routes.map(([target]) => ({
      target: target.split('/')[0],
      mask: Number(target.split('/')[1]),
    })),
    data: iface.data,
    ...(iface.errors.length > 0 ? { errors: iface.errors } : {}),
  };
}

/** @see openwrt/netifd ubus.c */
function ubus([verb, object = '', method, payload = '']) {
  const found = (value) => ({ code: 0, stdout: `${JSON.stringify(value)}\n` });
  const done = { code: 0 };
  const none = { code: 4, stderr: 'Command failed: Not found\n' };
  if (verb !== 'call') return none;
  switch (`${object} ${method}`) {
    case 'network.interface dump':
      return found({
        interface: [...interfaces.values()].map((iface) => ({ interface: iface.name, ...status(iface) })),
      });
    case 'network.interface notify_proto': {
      const message = parseMessage(payload);
      return { code: interfaces.get(message.interface)?.notify?.(message) ?? 4 };
    }
    case 'network add_dynamic': {
      const { name, ifname, ip6addr } = parseMessage(payload).fields;
      // netifd takes an address without a length as /128
      const addresses = ip6addr.map((text) => (text.includes('/') ? text : `${text}/128`));
      addStatic(name, interfaces.get(ifname.replace(/^@/, ''))?.device, addresses, true);
      return done;
    }
  }
  const iface = interfaces.get(object.replace(/^network\.interface\./, ''));
  if (iface === undefined) return none;
  if (method === 'status') return found(status(iface));
  if (method === 'up') iface.start();
  if (method === 'down') iface.stop();
  return done;
}

/** Interfaces as fw4 sees them: those with a device, up or not, and the zone a handler asked for. */
function firewallInterfaces() {
  return [...interfaces.values()]
    .filter(({ device }) => device !== undefined)
    .map(({ name, device, addresses, data }) => {
      const v4 = addresses.filter((text) => !text.includes(':'));
      return {
        name,
        device,
        zone: data.zone,
        addresses: v4.map((text) => text.split('/')[0]),
        subnets: v4.map((text) => text.replace(/\.[0-9]+\/24$/, '.0/24')),
      };
    });
}

/** `ruleset`, `network NAME` or `zone NAME`, for /sbin/fw4. */
function fw4Rules([what, name]) {
  const sections = readConfig('firewall');
  if (what === 'ruleset') {
    const folder = '/usr/share/nftables.d/ruleset-post';
    const files = existsSync(root + folder) ? readdirSync(root + folder).sort() : [];
    const includes = files.filter((file) => file.endsWith('.nft')).map((file) => `${folder}/${file}`);
    return { code: 0, stdout: renderRuleset(sections, firewallInterfaces(), includes) };
  }
  const zone = findZones(sections, firewallInterfaces()).find((one) =>
    what === 'network' ? one.networks.includes(name) : one.name === name,
  );
  return zone === undefined ? { code: 1 } : { code: 0, stdout: `${zone.name}\n` };
}

/** Of the prefixes of one interface, or of all for `*`. */
function answerMapcalc([link, ...rules], legacy) {
  const prefixes = [...interfaces.values()]
    .filter(({ name, up }) => up && (link === '*' || link === name))
    .flatMap((iface) => iface.prefixes.map((prefix) => ({ interface: iface.name, ...prefix })));
  return mapcalc({ legacy: legacy === '1', rules, prefixes });
}

function answer({ program, legacy, args, input }) {
  const tell = (method) => ubus(['call', `network.interface.${args[0]}`, method]);
  switch (program) {
    case 'jsonfilter':
      return jsonfilter(root, args, input);
    case 'mapcalc':
      return answerMapcalc(args, legacy);
    case 'ubus':
      return ubus(args);
    case 'ifup':
      tell('down');
      return tell('up');
    case 'ifdown':
      return tell('down');
    case 'fw4-rules':
      return fw4Rules(args);
    case 'procd':
      return services.command(args);
    case 'network-start':
      startNetwork();
      return { code: 0 };
    case 'line':
      return line.command(args);
    default:
      return { code: 127, stderr: `nothing stands for ${program}\n` };
  }
}

hearCalls(root, answer, log);
log('listening');
