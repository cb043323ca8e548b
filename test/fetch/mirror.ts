import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { computeSha256 } from '../../src/bytes/sha256.ts';
import { parseUsignPublicKey, type UsignPublicKey } from '../../src/release/usign.ts';
import { listen, serveFile } from '../io/http-server.ts';

/** A key pair as usign makes them. */
export interface TestKey {
  readonly id: string;
  /** The second line of a public key file. */
  readonly base64: string;
  readonly public: UsignPublicKey;
  signFile(data: Uint8Array): string;
}

export function makeTestKey(id = 'aabbccdd00112233'): TestKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(12);
  const head = Buffer.concat([Buffer.from('Ed'), Buffer.from(id, 'hex')]);
  const base64 = Buffer.concat([head, raw]).toString('base64');
  return {
    id,
    base64,
    public: parseUsignPublicKey(base64),
    signFile: (data) => signFile(privateKey, head, data),
  };
}

function signFile(key: KeyObject, head: Uint8Array, data: Uint8Array): string {
  const base64 = Buffer.concat([head, sign(null, data, key)]).toString('base64');
  return `untrusted comment: signed by a test\n${base64}\n`;
}

/** What answers in place of the file; `serve` answers with the file itself. */
export type Answer = (
  request: IncomingMessage,
  response: ServerResponse,
  serve: () => void,
  /** How often this path was asked for, from 1. */
  count: number,
) => void;

/** A download server on loopback. */
export interface Mirror {
  readonly url: string;
  readonly files: Map<string, Uint8Array>;
  readonly answers: Map<string, Answer>;
  /** Paths asked for, in order, with the range where one was. */
  readonly asked: string[];
  /** Bytes of bodies sent. */
  sentBytes(): number;
  /** Add a release: its lists, and the folder of the target signed with the key. */
  addRelease(release: TestRelease): void;
  close(): Promise<void>;
}

export interface TestRelease {
  readonly release: string;
  readonly target: string;
  readonly tarball: Uint8Array;
  readonly key: TestKey;
  readonly revision?: string;
  readonly profiles?: readonly { readonly id: string; readonly target: string; readonly title?: string }[];
}

export const DEVICES = [
  { id: 'tplink_archer-c6-v2', target: 'ath79/generic', title: 'TP-Link Archer C6 v2 (EU/RU/JP)' },
  { id: 'tplink_archer-c6-v2-us', target: 'ath79/generic', title: 'TP-Link Archer C6 v2 (US)' },
  { id: 'tplink_archer-c6-v3', target: 'ramips/mt7621', title: 'TP-Link Archer C6 V3' },
  { id: 'generic', target: 'x86/64', title: 'Generic x86/64' },
  { id: 'generic', target: 'x86/generic', title: 'Generic x86' },
];

/** Folder of a target on the server. */
export function targetPath(release: string, target = 'ath79/generic'): string {
  return release === 'SNAPSHOT' ? `/snapshots/targets/${target}` : `/releases/${release}/targets/${target}`;
}

export function tarballName(release: string, target = 'ath79/generic'): string {
  const version = release === 'SNAPSHOT' ? '' : `${release}-`;
  return `openwrt-imagebuilder-${version}${target.replace('/', '-')}.Linux-x86_64.tar.zst`;
}

export async function startMirror(): Promise<Mirror> {
  const files = new Map<string, Uint8Array>();
  const answers = new Map<string, Answer>();
  const asked: string[] = [];
  const counts = new Map<string, number>();
  let sent = 0;
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    const { range } = request.headers;
    asked.push(range === undefined ? path : `${path} ${range}`);
    const count = (counts.get(path) ?? 0) + 1;
    counts.set(path, count);
    const serve = (): void => {
      sent += serveFile(request, response, files.get(path));
    };
    const answer = answers.get(path);
    if (answer === undefined) serve();
    else answer(request, response, serve, count);
  });
  const url = await listen(server);
  const releases: string[] = [];
  return {
    url,
    files,
    answers,
    asked,
    sentBytes: () => sent,
    addRelease(added) {
      const { release, target, tarball, key, revision = 'r28959-29397011cc', profiles = DEVICES } = added;
      const put = (path: string, data: Uint8Array | string) => files.set(path, Buffer.from(data));
      if (release !== 'SNAPSHOT' && !releases.includes(release)) releases.unshift(release);
      const versions = { stable_version: releases[0] ?? '', versions_list: releases };
      put('/.versions.json', JSON.stringify(versions));
      const top = release === 'SNAPSHOT' ? '/snapshots' : `/releases/${release}`;
      const listed = profiles.map(({ id, target: of, title = id }) => ({
        id,
        target: of,
        titles: [{ title }],
      }));
      put(`${top}/.overview.json`, JSON.stringify({ release, profiles: listed }));
      const targets = Object.fromEntries(profiles.map(({ target: of }) => [of, 'mips_24kc']));
      put(`${top}/.targets.json`, JSON.stringify(targets));
      const folder = targetPath(release, target);
      const own = Object.fromEntries(
        profiles
          .filter((profile) => profile.target === target)
          .map(({ id }) => [id, { titles: [{ title: id }] }]),
      );
      const content = new Map<string, Uint8Array>([
        [tarballName(release, target), tarball],
        ['profiles.json', Buffer.from(JSON.stringify({ target, profiles: own }))],
        ['version.buildinfo', Buffer.from(`${revision}\n`)],
        ['kmods/6.6.110-1-abc/packages.adb', Buffer.from('adb')],
      ]);
      for (const [name, data] of content) put(`${folder}/${name}`, data);
      signFolder(files, folder, [...content.keys()], key);
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** Write `sha256sums` over files of a folder, and its signature. */
export function signFolder(
  files: Map<string, Uint8Array>,
  folder: string,
  names: readonly string[],
  key: TestKey,
): void {
  const lines = names.map((name) => `${computeSha256(files.get(`${folder}/${name}`) ?? '')} *${name}\n`);
  const sums = Buffer.from(lines.sort().join(''));
  files.set(`${folder}/sha256sums`, sums);
  files.set(`${folder}/sha256sums.sig`, Buffer.from(key.signFile(sums)));
}
