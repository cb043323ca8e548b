import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestKey } from './mirror.ts';

/**
 * Put a key of the tests in place of those of OpenWrt in a copy of the built program: the only way to another key is another
 * program.
 *
 * @param dir the copy, which has its `dist` there
 */
export function trustOnly(dir: string, key: TestKey): void {
  const keys = join(dir, 'dist/release/usign-keys.js');
  const text = readFileSync(keys, 'utf8');
  writeFileSync(keys, text.replaceAll(/'RW[A-Za-z0-9+/=]{54}'/g, `'${key.base64}'`));
}
