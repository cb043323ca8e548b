import type { PortRange } from '../mape/parameters.ts';

export type Line = 'auto' | 'ra' | 'pd';
export type TransportProto = 'tcp' | 'udp' | 'tcp+udp';

/** Where a secret stands; the value itself is read late and never printed. */
export type SecretSource = { readonly file: string } | { readonly env: string } | { readonly value: string };

/** A file of the user's own machine whose bytes go into the image. */
export interface FileSource {
  readonly source: string;
}

/** An ssh public key as a line, or a file of such lines. */
export type SshKeySource = string | { readonly file: string };

export interface WifiNetwork<Secret> {
  readonly ssid: string;
  /** Passphrase (8..63 printable ASCII) or 64 hexadecimal digits; absent for an open or OWE network. */
  readonly key?: Secret;
  readonly encryption: 'none' | 'owe' | 'psk2' | 'psk-mixed' | 'sae' | 'sae-mixed';
  readonly band: '2g' | '5g' | '6g' | 'all';
  readonly hidden: boolean;
}

/** One opening in the IPv6 firewall, towards a host of the LAN or (without `host`) the router itself. */
export interface Ipv6Opening {
  /** Unique among the openings, also with `-` read as `_` and in lower case. */
  readonly name: string;
  readonly proto: TransportProto | 'icmp';
  /** Empty for icmp, at least one otherwise. */
  readonly ports: readonly PortRange[];
  /** Full address, or a suffix such as `::1:2:3:4` that follows a changed prefix (matched with `/-64`). */
  readonly host?: string;
}

/** `tcp 5136 -> 192.168.1.10:443` */
export interface Forward {
  /** Unique among the forwards, also with `-` read as `_` and in lower case; `tcp-5136` where none was given. */
  readonly name: string;
  readonly proto: TransportProto;
  readonly port: PortRange;
  readonly host: string;
  /** As many ports as `port`. */
  readonly hostPort: PortRange;
}

/** A file of the user's own, laid over the root file system. */
export interface OwnFile<Content> {
  readonly path: string;
  /** Permission bits, at most 0o777. */
  readonly mode: number;
  readonly content: Content;
}

/** One UCI option of the user's own: `network.lan.mtu=1500`; a list where there are several values. */
export interface OwnUci {
  readonly config: string;
  readonly section: string;
  /** Absent: `value` is the section's type. */
  readonly option?: string;
  readonly value: string | readonly string[];
}

/**
 * The user's wishes after parsing and defaults. `Secret`, `Content` and `Key` are sources as parsed, and text, bytes and
 * lines once read; the rest is plain data.
 */
export interface ConfigOf<Secret, Content, Key> {
  readonly prefix: string | undefined;
  readonly profile: string | undefined;
  readonly release: string | undefined;
  /** Id of a service; absent: found from the prefix. */
  readonly service: string | undefined;
  /** Path of a file with MAP rules of the user's own. */
  readonly rule: string | undefined;
  readonly line: Line;
  readonly packages: { readonly add: readonly string[]; readonly remove: readonly string[] };
  /** `192.168.10.1/24`; absent: OpenWrt's own. */
  readonly lan: { readonly address: string | undefined };
  readonly wan: { readonly dhcpv4: boolean };
  readonly hostname: string | undefined;
  /** IANA name, `Asia/Tokyo`. */
  readonly timezone: string;
  /** Empty: OpenWrt's own servers. */
  readonly ntp: readonly string[];
  readonly wifi: { readonly country: string; readonly networks: readonly WifiNetwork<Secret>[] } | undefined;
  /** `passwordLogin` absent: off where there are keys, OpenWrt's default otherwise. */
  readonly ssh: { readonly authorizedKeys: readonly Key[]; readonly passwordLogin: boolean | undefined };
  readonly rootPasswordHash: Secret | undefined;
  readonly ipv6: { readonly allow: readonly Ipv6Opening[] };
  readonly forwards: readonly Forward[];
  readonly reservedPorts: readonly PortRange[];
  readonly files: readonly OwnFile<Content>[];
  /** A section's type stands before its options. */
  readonly uci: readonly OwnUci[];
}

export type Config = ConfigOf<SecretSource, FileSource, SshKeySource>;

/** The same with secrets and files read. */
export type ResolvedConfig = ConfigOf<string, Uint8Array, string>;
