/**
 * Certificates of signed images (ucert): blobs of {u32 flags, id and length, data padded to 4}, big-endian.
 *
 *   outer blob: attribute 0 = usign signature text, attribute 1 = payload: a table "ucert" with certtype (int32),
 *   validfrom and expiresat (int64), pubkey (string). A second outer blob holds the signature of the image alone.
 */
import { createPrivateKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';

const [TABLE, STRING, INT64, INT32] = [2, 3, 4, 5];
const pad4 = (bytes) => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);

/** Attribute with a 4-byte head; its length counts the head, not the padding behind it. */
function blob(id, data, extended = false) {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(((extended ? 0x80000000 : 0) + id * 0x1000000 + data.length + 4) >>> 0);
  return pad4(Buffer.concat([head, data]));
}

/** Named value of a table. */
function field(type, name, data) {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(name.length);
  return blob(type, Buffer.concat([pad4(Buffer.concat([length, Buffer.from(`${name}\0`)])), data]), true);
}

const int64 = (value) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
};

/** usign signature text of `bytes` with the key pair at `keyPath`. */
function usign(keyPath, bytes) {
  const key = Buffer.from(readFileSync(keyPath, 'utf8').split('\n')[1], 'base64');
  const [keyId, seed] = [key.subarray(32, 40), key.subarray(40, 72)];
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  const signature = sign(null, bytes, createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
  const line = Buffer.concat([Buffer.from('Ed'), keyId, signature]).toString('base64');
  return Buffer.from(`untrusted comment: signed by key ${keyId.toString('hex')}\n${line}\n`);
}

/** Certificate of the key by itself, valid for a year from now. */
export function makeCertificate(keyPath) {
  const now = Math.floor(Date.now() / 1000);
  const payload = field(
    TABLE,
    'ucert',
    Buffer.concat([
      field(INT32, 'certtype', Buffer.from([0, 0, 0, 1])),
      field(INT64, 'validfrom', int64(now)),
      field(INT64, 'expiresat', int64(now + 365 * 86400)),
      field(STRING, 'pubkey', Buffer.from(`${readFileSync(`${keyPath}.pub`, 'utf8')}\0`)),
    ]),
  );
  return blob(0, Buffer.concat([blob(0, usign(keyPath, payload)), blob(1, payload)]));
}

/** Payload of an image's signature chunk. */
export function signImage(keyPath, image) {
  return Buffer.concat([readFileSync(`${keyPath}.ucert`), blob(0, blob(0, usign(keyPath, image)))]);
}
