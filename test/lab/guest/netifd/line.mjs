// wan6: what odhcp6c and its script make of the line. Prefixes of router advertisements that the kernel received count
// where `extendprefix` is set and nothing is delegated (RFC 7278); what is delegated comes from `line pd`, in the place of
// DHCPv6. Several changes at once are one update, as odhcp6c's script runs once a message.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { ip } from './system.mjs';

const DEVICE = 'eth0.2';

/** @param world `{interfaces, hotplug, log}` */
export function makeLine(world) {
  const line = { heard: false, advertised: new Map(), delegated: undefined };
  let timer;

  /** The addresses the kernel gave itself by what it was told. */
  const ownAddresses = () =>
    JSON.parse(ip('-j', '-6', 'addr', 'show', 'dev', DEVICE, 'scope', 'global', 'dynamic') || '[]')
      .flatMap(({ addr_info: found = [] }) => found)
      .filter(({ local }) => local !== undefined)
      .map(({ local, prefixlen }) => `${local}/${prefixlen}`);

  const refresh = () => {
    const wan6 = world.interfaces.get('wan6');
    if (wan6 === undefined) return;
    const advertised = [...line.advertised.values()];
    const shared = wan6.options.extendprefix === '1' ? advertised : [];
    const prefixes = line.delegated === undefined ? shared : [line.delegated];
    const changed = JSON.stringify(prefixes) !== JSON.stringify(wan6.prefixes);
    const up = line.heard || advertised.length > 0 || line.delegated !== undefined;
    const was = wan6.up;
    Object.assign(wan6, { prefixes, up });
    world.log(
      `wan6 ${up ? 'up' : 'down'}: ${prefixes.map(({ address, mask }) => `${address}/${mask}`).join(' ')}`,
    );
    if (!was && up) {
      wan6.sinceMs = performance.now();
      world.hotplug('ifup', wan6);
      for (const iface of world.interfaces.values()) iface.linkUp?.('wan6');
    } else if (was && changed)
      world.hotplug('ifupdate', wan6, { IFUPDATE_PREFIXES: '1', IFUPDATE_ADDRESSES: '1' });
  };

  const monitor = spawn('ip', ['-6', 'monitor', 'prefix'], { stdio: ['ignore', 'pipe', 'inherit'] });
  createInterface({ input: monitor.stdout }).on('line', (text) => {
    const [, address, mask, device, valid] =
      /^prefix ([0-9a-f:]+)\/([0-9]+) *dev (\S+) .*valid ([0-9]+)/.exec(text) ?? [];
    if (device !== DEVICE) return;
    world.log(`advertised: ${address}/${mask} for ${valid} s`);
    if (valid === '0') line.advertised.delete(address);
    else line.advertised.set(address, { address, mask: Number(mask) });
    clearTimeout(timer);
    timer = setTimeout(refresh, 200);
  });

  return {
    /** The interface, from its section of /etc/config/network. */
    makeInterface: (options) => ({
      name: 'wan6',
      proto: options.proto,
      options,
      up: false,
      available: true,
      autostart: true,
      device: DEVICE,
      get addresses() {
        return ownAddresses();
      },
      prefixes: [],
      routes: [],
      data: {},
      errors: [],
      start: refresh,
      stop() {},
    }),

    /** `line pd PREFIX`; `line heard`, in place of an advertisement without a prefix. */
    command([verb, prefix = '']) {
      const [address, mask] = prefix.split('/');
      if (verb === 'pd') line.delegated = { address, mask: Number(mask) };
      if (verb === 'heard') line.heard = true;
      refresh();
      return { code: 0 };
    },
  };
}
