/**
 * What the sample packages put into the root: a small, plausible OpenWrt tree of this project's own making.
 *
 * An entry is {path, mode, text} for a file, {path, link} for a symlink, {path, mode} for a directory and
 * {path, mode, filler: {seed, kib, hex?}} for a stand-in of a program, made when the package is installed.
 */
const file = (path, text, mode = 0o644) => ({ path, mode, text });
const dir = (path, mode = 0o755) => ({ path, mode });
const link = (path, target) => ({ path, link: target });
const filler = (path, seed, kib, mode = 0o755) => ({ path, mode, filler: { seed, kib } });

/** A service as the real ones look from outside: enabled by its first line, ordered by START and STOP. */
const init = (name, start, stop) =>
  file(
    `etc/init.d/${name}`,
    `#!/bin/sh /etc/rc.common\n# Sample service: it does nothing.\n\nSTART=${start}\n${stop ? `STOP=${stop}\n` : ''}\nstart() {\n\t:\n}\n`,
    0o755,
  );

// The image builder runs this with the host's bash to enable a service, as the router would.
const RC_COMMON = `#!/bin/sh
# usage: rc.common INITSCRIPT enable|disable|start|stop
initscript=$1
action=$2
name=\${initscript##*/}
START=
STOP=

start() { :; }
stop() { :; }

. "$initscript"

disable() {
	rm -f "$IPKG_INSTROOT"/etc/rc.d/[SK][0-9][0-9]"$name"
}

enable() {
	disable
	[ -z "$START" ] || ln -s "../init.d/$name" "$IPKG_INSTROOT/etc/rc.d/S$START$name"
	[ -z "$STOP" ] || ln -s "../init.d/$name" "$IPKG_INSTROOT/etc/rc.d/K$STOP$name"
}

"$action"
`;

/** Files of the packages that carry more than filler, by package name without ABI suffix. */
const CONTENT = {
  'base-files': ({ version, revision, arch }) => [
    ...[
      'bin',
      'dev',
      'etc',
      'etc/config',
      'etc/init.d',
      'etc/rc.d',
      'etc/uci-defaults',
      'lib',
      'lib/netifd',
      'mnt',
      'overlay',
      'proc',
      'rom',
      'sbin',
      'sys',
      'usr',
      'usr/bin',
      'usr/lib',
      'usr/sbin',
      'usr/share',
      'www',
    ].map((path) => dir(path)),
    dir('root', 0o700),
    dir('tmp', 0o1777),
    link('var', 'tmp'),
    link('etc/mtab', '/proc/mounts'),
    link('etc/resolv.conf', '/tmp/resolv.conf'),
    link('etc/localtime', '/tmp/localtime'),
    file('etc/rc.common', RC_COMMON, 0o755),
    file(
      'etc/passwd',
      'root:x:0:0:root:/root:/bin/ash\ndaemon:*:1:1:daemon:/var:/bin/false\nnobody:*:65534:65534:nobody:/var:/bin/false\n',
    ),
    file('etc/group', 'root:x:0:\ndaemon:x:1:\nnogroup:x:65534:\n'),
    file('etc/shadow', 'root:::0:99999:7:::\ndaemon:*:0:0:99999:7:::\nnobody:*:0:0:99999:7:::\n', 0o600),
    file('etc/hosts', '127.0.0.1 localhost\n\n::1     localhost ip6-localhost ip6-loopback\n'),
    file('etc/shells', '/bin/ash\n'),
    file(
      'etc/profile',
      '# Sample root: nothing here runs on a router.\nexport PATH=/usr/sbin:/usr/bin:/sbin:/bin\n',
    ),
    file('etc/sysctl.conf', ''),
    file('etc/sysupgrade.conf', '## Files and folders listed here survive an upgrade.\n'),
    file('etc/rc.local', 'exit 0\n'),
    file('etc/banner', ` mape-image sample root, not an OpenWrt release\n ${version} ${revision}\n`),
    file('etc/openwrt_version', `${revision}\n`),
    file(
      'etc/openwrt_release',
      `DISTRIB_ID='OpenWrt'\nDISTRIB_RELEASE='${version}'\nDISTRIB_REVISION='${revision}'\nDISTRIB_TARGET='ath79/generic'\nDISTRIB_ARCH='${arch}'\nDISTRIB_DESCRIPTION='OpenWrt ${version} ${revision}'\nDISTRIB_TAINTS='sample'\n`,
    ),
    link('etc/os-release', '../usr/lib/os-release'),
    file(
      'usr/lib/os-release',
      `NAME="OpenWrt"\nVERSION="${version}"\nID="openwrt"\nPRETTY_NAME="OpenWrt ${version}"\nBUILD_ID="${revision}"\nOPENWRT_BOARD="ath79/generic"\nOPENWRT_ARCH="${arch}"\n`,
    ),
    init('boot', 10, 90),
    init('bootcount', 99),
    init('done', 95),
    init('gpio_switch', 94),
    init('led', 96),
    init('sysctl', 11),
    init('sysfixtime', '00', 90),
    init('system', 10),
    init('umount', '', 90),
    filler('sbin/sysupgrade', 'sysupgrade', 6),
  ],
  busybox: () => [
    filler('bin/busybox', 'busybox', 255),
    ...[
      'ash',
      'cat',
      'cp',
      'grep',
      'ls',
      'mkdir',
      'mount',
      'mv',
      'ping',
      'ps',
      'rm',
      'sed',
      'sh',
      'sleep',
      'tar',
      'touch',
      'vi',
    ].map((name) => link(`bin/${name}`, 'busybox')),
    ...['awk', 'find', 'head', 'logger', 'sort', 'tail', 'tr', 'wc', 'xargs'].map((name) =>
      link(`usr/bin/${name}`, '../../bin/busybox'),
    ),
    ...['ifconfig', 'ip', 'reboot', 'route', 'udhcpc'].map((name) => link(`sbin/${name}`, '../bin/busybox')),
    init('cron', 50),
    init('sysntpd', 98),
  ],
  libc: () => [filler('lib/libc.so', 'libc', 228), link('lib/ld-musl-mips-sf.so.1', 'libc.so')],
  libgcc: () => [filler('lib/libgcc_s.so.1', 'libgcc', 40, 0o644)],
  dnsmasq: () => [
    filler('usr/sbin/dnsmasq', 'dnsmasq', 128),
    init('dnsmasq', 19),
    file(
      'etc/config/dhcp',
      "config dnsmasq\n\toption domainneeded '1'\n\toption local '/lan/'\n\nconfig dhcp 'lan'\n\toption interface 'lan'\n\toption start '100'\n\toption limit '150'\n",
      0o600,
    ),
  ],
  dropbear: () => [
    filler('usr/sbin/dropbear', 'dropbear', 110),
    init('dropbear', 19, 50),
    dir('etc/dropbear', 0o700),
    link('usr/bin/ssh', '../sbin/dropbear'),
    link('usr/bin/scp', '../sbin/dropbear'),
    file('etc/config/dropbear', "config dropbear\n\toption PasswordAuth 'on'\n\toption Port '22'\n", 0o600),
  ],
  firewall4: () => [
    filler('sbin/fw4', 'fw4', 30),
    init('firewall', 19),
    dir('usr/share/nftables.d'),
    file(
      'etc/config/firewall',
      "config defaults\n\toption input 'REJECT'\n\toption output 'ACCEPT'\n\toption forward 'REJECT'\n\nconfig zone\n\toption name 'lan'\n\tlist network 'lan'\n",
      0o600,
    ),
  ],
  netifd: () => [
    filler('sbin/netifd', 'netifd', 78),
    init('network', 20, 90),
    init('packet_steering', 25),
    dir('lib/netifd/proto'),
  ],
  'odhcpd-ipv6only': () => [filler('usr/sbin/odhcpd', 'odhcpd', 50), init('odhcpd', 35)],
  logd: () => [filler('sbin/logd', 'logd', 14), init('log', 12, 89)],
  'urandom-seed': () => [
    file('sbin/urandom_seed', '#!/bin/sh\n# sample, does nothing\n', 0o755),
    init('urandom_seed', 99),
  ],
  urngd: () => [filler('sbin/urngd', 'urngd', 8), init('urngd', '00')],
  'wpad-basic-mbedtls': () => [filler('usr/sbin/wpad', 'wpad', 298), init('wpad', 19)],
  rpcd: () => [filler('sbin/rpcd', 'rpcd', 22), init('rpcd', 12)],
  uhttpd: () => [
    filler('usr/sbin/uhttpd', 'uhttpd', 30),
    init('uhttpd', 50),
    file('etc/config/uhttpd', "config uhttpd 'main'\n\tlist listen_http '0.0.0.0:80'\n", 0o600),
  ],
  'luci-base': () => [filler('usr/lib/lua/luci.so', 'luci', 180, 0o644), init('ucitrack', 80)],
  map: () => [
    file(
      'lib/netifd/proto/map.sh',
      '#!/bin/sh\n# Sample stand-in of the map package: an overlay is expected to replace it.\n',
      0o755,
    ),
    filler('usr/sbin/mapcalc', 'mapcalc', 10),
  ],
  'openwrt-keyring': () => [dir('etc/opkg'), dir('etc/opkg/keys')],
  'ca-bundle': () => [
    filler('etc/ssl/certs/ca-certificates.crt', 'ca-bundle', 108, 0o644),
    link('etc/ssl/cert.pem', 'certs/ca-certificates.crt'),
  ],
  // About ten seconds of mksquashfs on two cores; only sample_big-flash has room for it.
  'sample-ballast': () =>
    Array.from({ length: 64 }, (_, i) => ({
      path: `usr/share/sample-ballast/${String(i).padStart(2, '0')}`,
      mode: 0o644,
      filler: { seed: `ballast-${i}`, kib: 1280, hex: true },
    })),
  'sample-clash-a': () => [file('usr/share/sample-clash/owner', 'a\n')],
  'sample-clash-b': () => [file('usr/share/sample-clash/owner', 'b\n')],
};

/** Modules of the kernel packages whose files are looked for; those of the others are named after their package. */
const MODULES = {
  'kmod-ip6-tunnel': ['ip6_tunnel'],
  'kmod-iptunnel6': ['tunnel6'],
  'kmod-nf-conntrack': ['nf_conntrack'],
  'kmod-nf-nat': ['nf_nat'],
  'kmod-nft-core': ['nf_tables', 'nft_ct', 'nft_hash', 'nft_numgen'],
  'kmod-nft-nat': ['nft_chain_nat', 'nft_nat'],
};

function genericPath(name, release) {
  if (name.startsWith('kmod-')) return [`lib/modules/${release.kernel}/${name.slice(5)}.ko`, 0o644];
  if (name.startsWith('lib')) return [`usr/lib/${name}.so`, 0o755];
  if (name.includes('firmware') || name.includes('board') || name.startsWith('ipq-wifi'))
    return [`lib/firmware/${name}.bin`, 0o644];
  return [`usr/sbin/${name}`, 0o755];
}

/** Entries of one package: its own content, or one filler of its size at a path that suits its name. */
export function packageFiles(name, kib, release) {
  const own = CONTENT[name];
  if (own) return own(release);
  if (kib === 0) return [];
  const modules = MODULES[name];
  if (modules)
    return modules.map((module) =>
      filler(`lib/modules/${release.kernel}/${module}.ko`, module, kib / modules.length, 0o644),
    );
  const [path, mode] = genericPath(name, release);
  return [filler(path, name, kib, mode)];
}
