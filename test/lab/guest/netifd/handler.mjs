// An interface whose protocol is a shell script in /lib/netifd/proto, with the states netifd takes it through:
//
//   down -> setup   the script runs; an update brings `up`, an end without one `teardown`
//   setup -> abort  told to go down while the script runs: it is killed, then `teardown`
//   up -> teardown  the script runs again, even where its setup has not ended; then addresses, routes and device go, and the next setup follows at once
//                   unless somebody took the interface down or what it depends on is not there
//
// @see openwrt/netifd proto-ext.c (proto_ext_run, proto_ext_task_finish, proto_ext_if_down_cb), main.c
// (netifd_start_process), interface.c
import { ip } from './system.mjs';

/**
 * @param world `{run(args, env), hotplug(action, iface, extra), interfaces, log}`
 * @param options of the section, as UCI has them
 */
export function makeHandled(world, name, options) {
  const iface = {
    name,
    proto: options.proto,
    state: 'down',
    autostart: options.auto !== '0',
    available: true,
    depend: undefined,
    device: undefined,
    addresses: [],
    prefixes: [],
    routes: [],
    data: {},
    errors: [],
    get up() {
      return iface.state === 'up';
    },
  };
  let script;

  /** One script at a time: what still runs is killed, and its end concerns nobody. */
  const runScript = (action) => {
    const env = Object.fromEntries(
      Object.entries(options).map(([key, value]) => [`OPTION_${key}`, [value].flat().join(' ')]),
    );
    script?.kill('SIGKILL');
    const mine = world.run(
      ['sh', '-c', `cd /lib/netifd/proto && exec ./${iface.proto}.sh ${iface.proto} ${action} ${name}`],
      env,
    );
    script = mine;
    mine.on('exit', () => {
      if (script !== mine) return;
      script = undefined;
      ended();
    });
  };
  const ended = () => {
    if (iface.state === 'setup') return tearDown();
    if (iface.state === 'abort') {
      iface.state = 'setup';
      return tearDown();
    }
    if (iface.state !== 'teardown') return;
    flush();
    iface.state = 'down';
    world.log(`${name} is down`);
    setUp();
  };
  const flush = () => {
    if (iface.device !== undefined) ip('link', 'del', iface.device);
    Object.assign(iface, { device: undefined, addresses: [], routes: [], data: {} });
  };
  const setUp = () => {
    if (iface.state !== 'down' || !iface.autostart || !iface.available) return;
    Object.assign(iface, { state: 'setup', depend: undefined, errors: [] });
    runScript('setup');
  };
  const tearDown = () => {
    if (iface.state === 'setup' && script !== undefined) {
      const killed = script;
      iface.state = 'abort';
      killed.kill('SIGTERM');
      setTimeout(() => killed.kill('SIGKILL'), 1000).unref();
      return;
    }
    if (iface.state !== 'setup' && iface.state !== 'up') return;
    if (iface.state === 'up') world.hotplug('ifdown', iface);
    iface.state = 'teardown';
    runScript('teardown');
  };

  const update = ({ words: [device], fields, addresses, routes }) => {
    if (iface.state === 'teardown' || iface.state === 'abort') return 2;
    const wasUp = iface.state === 'up';
    flush();
    const { tunnel, data } = fields;
    if (tunnel !== undefined) {
      const link = world.interfaces.get(tunnel.link)?.device;
      const parent = link === undefined ? [] : ['dev', link];
      const { encaplimit = 'ignore' } = tunnel.data ?? {};
      ip('link', 'del', device);
      ip(
        ...[
          'link',
          'add',
          device,
          'type',
          'ip6tnl',
          'mode',
          tunnel.mode,
          'local',
          tunnel.local,
          'remote',
          tunnel.remote,
        ],
        ...['hoplimit', String(tunnel.ttl), 'encaplimit', encaplimit === 'ignore' ? 'none' : encaplimit],
        ...parent,
      );
      ip('link', 'set', device, 'mtu', String(tunnel.mtu), 'up');
    }
    for (const address of addresses) ip('addr', 'add', address, 'dev', device);
    for (const [target, gateway] of routes)
      ip('route', 'replace', target, ...(gateway === '' ? [] : ['via', gateway]), 'dev', device);
    Object.assign(iface, {
      state: 'up',
      sinceMs: performance.now(),
      device,
      addresses,
      routes,
      data: data ?? {},
    });
    world.log(`${name} is up`);
    world.hotplug(
      wasUp ? 'ifupdate' : 'ifup',
      iface,
      wasUp ? { IFUPDATE_ADDRESSES: '1', IFUPDATE_DATA: '1' } : {},
    );
    return 0;
  };

  iface.notify = (message) => {
    const [first = '', second = ''] = message.words;
    if (message.action === 'update') return update(message);
    if (message.action === 'error') {
      iface.errors.push({ subsystem: iface.proto, code: first, data: message.words.slice(1) });
      world.log(`${name}: ${first}`);
    }
    if (message.action === 'block') iface.autostart = false;
    if (message.action === 'depend') {
      iface.depend = second;
      setAvailable(second === '' || world.interfaces.get(second)?.up === true);
    }
    return 0;
  };
  const setAvailable = (available) => {
    if (iface.available === available) return;
    iface.available = available;
    if (available) setUp();
    else tearDown();
  };
  iface.linkUp = (link) => {
    if (iface.depend === link) setAvailable(true);
  };
  iface.linkDown = (link) => {
    if (iface.depend === link && iface.state === 'up') tearDown();
  };
  iface.start = () => {
    iface.autostart = true;
    setUp();
  };
  iface.stop = () => {
    iface.autostart = false;
    tearDown();
  };
  return iface;
}
