/**
 * Local keys of a tree: node keys.mjs makes them once, node keys.mjs --install ROOT copies the public one into a root.
 *
 * opkg releases get a usign pair and a certificate (key-build, .pub, .ucert) that sign images, apk releases only a PEM pair.
 * They are random, so a signed image differs from tree to tree.
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeCertificate } from './ucert.mjs';

const { TOPDIR, PACKAGE_MANAGER } = process.env;
const keyBuild = join(TOPDIR, 'key-build');

function makeUsignKeys() {
  if (existsSync(keyBuild)) return;
  console.error('Generate local signing keys...');
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32);
  const point = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const keyId = randomBytes(8);
  const text = (comment, bytes) => `untrusted comment: ${comment}\n${bytes.toString('base64')}\n`;
  // "Ed", "BK", no key derivation (rounds, salt and checksum zero), key id, seed, public key
  writeFileSync(
    keyBuild,
    text('Local build key', Buffer.concat([Buffer.from('EdBK'), Buffer.alloc(28), keyId, seed, point])),
    { mode: 0o600 },
  );
  writeFileSync(`${keyBuild}.pub`, text('Local build key', Buffer.concat([Buffer.from('Ed'), keyId, point])));
  console.error('Generate local certificate...');
  writeFileSync(`${keyBuild}.ucert`, makeCertificate(keyBuild));
}

function makePemKeys() {
  if (existsSync(join(TOPDIR, 'private-key.pem'))) return;
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  writeFileSync(join(TOPDIR, 'private-key.pem'), privateKey.export({ format: 'pem', type: 'sec1' }), {
    mode: 0o600,
  });
  const pem = publicKey.export({ format: 'pem', type: 'spki' });
  writeFileSync(join(TOPDIR, 'public-key.pem'), pem);
  writeFileSync(join(TOPDIR, 'keys', 'local-public-key.pem'), pem);
}

function installPublicKey(root) {
  const keyId = () =>
    Buffer.from(readFileSync(`${keyBuild}.pub`, 'utf8').split('\n')[1], 'base64')
      .subarray(2, 10)
      .toString('hex');
  const [from, to] =
    PACKAGE_MANAGER === 'apk'
      ? [join(TOPDIR, 'public-key.pem'), join(root, 'etc/apk/keys/local-public-key.pem')]
      : [`${keyBuild}.pub`, join(root, 'etc/opkg/keys', keyId())];
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}

if (process.argv[2] === '--install') installPublicKey(process.argv[3]);
else if (PACKAGE_MANAGER === 'apk') makePemKeys();
else makeUsignKeys();
