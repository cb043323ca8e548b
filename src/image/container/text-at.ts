/** Text in a field of fixed size that ends at the first 00; other signs than ASCII become `?`. */
export function textAt(bytes: Uint8Array, offset: number, maxBytes: number): string {
  const field = bytes.subarray(offset, offset + maxBytes);
  const end = field.indexOf(0);
  return Buffer.from(end === -1 ? field : field.subarray(0, end))
    .toString('latin1')
    .replace(/[^\n\r\t -~]/g, '?');
}

/** Lower-case hexadecimal digits. */
export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

/** Eight lower-case hexadecimal digits. */
export function hex32(value: number): string {
  return value.toString(16).padStart(8, '0');
}

/** `MIPS OpenWrt Linux-6.6.93` -> `6.6.93` */
export function linuxVersionOf(name: string): string | undefined {
  return /\bLinux-(\d+\.\d+(?:\.\d+)?(?:-rc\d+)?)/.exec(name)?.[1];
}
