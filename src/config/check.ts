import type { Finding } from '../errors.ts';
import type { PortRange } from '../mape/parameters.ts';
import type { Config, Forward } from './config.ts';
import { isInSubnet, isPrivateAddress, parseAddress4, parseLanAddress } from './fields/address.ts';
import { describeFinding, sortFindings } from './finding.ts';
import type { ConfigLayer, Origin } from './layer.ts';
import { formatSettingPath, type SettingPath } from './problem.ts';
import { findSpot, type Spot } from './spot.ts';

/** @see openwrt package/base-files/files/bin/config_generate (lan) */
const OPENWRT_LAN_ADDRESS = '192.168.1.1/24';

type SpotOf = (path: SettingPath) => Spot;

/**
 * Check what settings say together, whichever layer each comes from. Settings that were refused on their own are left out.
 *
 * @param layers the strongest first
 */
export function checkConfig(
  config: Config,
  layers: readonly ConfigLayer[],
  origins: ReadonlyMap<string, Origin>,
): readonly Finding[] {
  const spotOf: SpotOf = (path) => {
    const origin = origins.get(formatSettingPath(path.slice(0, path[0] === 'ipv6' ? 2 : 1)));
    const layer = layers.find((candidate) => candidate.layer === origin?.layer);
    return layer === undefined ? (origin ?? { label: 'default' }) : findSpot(layer.spots, path);
  };
  const lanRefused = layers.some(({ rejected }) => rejected.has('lan'));
  return sortFindings([
    ...(lanRefused ? [] : checkForwardHosts(config, spotOf)),
    ...checkForwardPorts(config.forwards, spotOf),
    ...checkFilePaths(config, spotOf),
    ...checkLan(config, origins),
    ...checkLogin(config, layers, origins),
  ]);
}

function checkForwardHosts(config: Config, spotOf: SpotOf): readonly Finding[] {
  const lanText = config.lan.address ?? OPENWRT_LAN_ADDRESS;
  const lan = parseLanAddress(lanText);
  if (lan === undefined) return [];
  return config.forwards.flatMap(({ host, name }, index) => {
    const address = parseAddress4(host);
    if (address !== undefined && isInSubnet(lan, address) && address !== lan.address) return [];
    const path = ['forwards', index, 'host'];
    return [
      describeFinding({
        code: 'CONFIG_FORWARD_OUTSIDE_LAN',
        path,
        spot: spotOf(path),
        wanted: `a host of the LAN ${lanText} other than the router`,
        found: host,
        hint: 'correct the host of the forward, or set lan.address to the subnet it is in',
        details: { name, host, lan: lanText },
      }),
    ];
  });
}

function checkForwardPorts(forwards: readonly Forward[], spotOf: SpotOf): readonly Finding[] {
  return forwards.flatMap((forward, index) => {
    const earlier = forwards
      .slice(0, index)
      .find((other) => shareProto(forward, other) && overlap(forward.port, other.port));
    if (earlier === undefined) return [];
    const path = ['forwards', index];
    const ports = `${forward.proto} ${formatRange(forward.port)}`;
    return [
      describeFinding({
        code: 'CONFIG_FORWARD_CLASH',
        path,
        spot: spotOf(path),
        wanted: `ports that no other forward takes; ${earlier.name} has ${earlier.proto} ${formatRange(earlier.port)}`,
        found: ports,
        hint: 'take another port for one of the two',
        details: {
          name: forward.name,
          other: earlier.name,
          otherPorts: `${earlier.proto} ${formatRange(earlier.port)}`,
        },
      }),
    ];
  });
}

function shareProto(a: Forward, b: Forward): boolean {
  return a.proto === b.proto || a.proto === 'tcp+udp' || b.proto === 'tcp+udp';
}

function overlap(a: PortRange, b: PortRange): boolean {
  return a[0] <= b[1] && b[0] <= a[1];
}

function formatRange([first, last]: PortRange): string {
  return first === last ? String(first) : `${first}-${last}`;
}

/** A path that is a file for one entry cannot be a folder for another. */
function checkFilePaths(config: Config, spotOf: SpotOf): readonly Finding[] {
  return config.files.flatMap(({ path: target }, index) => {
    const folder = config.files.find((other) => target.startsWith(`${other.path}/`));
    if (folder === undefined) return [];
    const path = ['files', index, 'to'];
    return [
      describeFinding({
        code: 'CONFIG_FILE_CLASH',
        path,
        spot: spotOf(path),
        wanted: `${folder.path} as a file or as a folder, not both`,
        found: target,
        hint: 'give one of the two another path',
        details: { other: folder.path },
      }),
    ];
  });
}

function checkLan(config: Config, origins: ReadonlyMap<string, Origin>): readonly Finding[] {
  const lan = config.lan.address === undefined ? undefined : parseLanAddress(config.lan.address);
  if (lan === undefined || isPrivateAddress(lan.address)) return [];
  return [
    describeFinding({
      severity: 'warning',
      code: 'CONFIG_LAN_PUBLIC',
      path: ['lan', 'address'],
      spot: origins.get('lan.address') ?? { label: 'default' },
      wanted: 'a private address',
      found: config.lan.address,
      hint: 'hosts of the Internet with addresses of this subnet cannot be reached; take one of 192.168.0.0/16',
    }),
  ];
}

function checkLogin(
  config: Config,
  layers: readonly ConfigLayer[],
  origins: ReadonlyMap<string, Origin>,
): readonly Finding[] {
  if (layers.some(({ rejected }) => rejected.has('ssh') || rejected.has('root'))) return [];
  const { authorizedKeys, passwordLogin } = config.ssh;
  const path = ['ssh', 'passwordLogin'];
  const common = {
    severity: 'warning',
    path,
    spot: origins.get(formatSettingPath(path)) ?? { label: 'default' },
  } as const;
  if (passwordLogin === false && authorizedKeys.length === 0)
    return [
      describeFinding({
        ...common,
        code: 'CONFIG_SSH_NO_KEY',
        wanted: 'a key where login by password is off, or nobody can log in over ssh',
        hint: 'add ssh.authorizedKeys, or remove passwordLogin: false',
      }),
    ];
  if (passwordLogin === true && config.rootPasswordHash === undefined)
    return [
      describeFinding({
        ...common,
        code: 'CONFIG_ROOT_OPEN',
        wanted: 'a password where login by password is on, or root is open to everyone on the LAN',
        hint: 'add root.passwordHash, or remove passwordLogin: true',
      }),
    ];
  return [];
}
