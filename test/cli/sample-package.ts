import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

/**
 * Put another version of a package into a tree of the sample ImageBuilder, as a feed does in a month.
 *
 * @param mark a file of the package that gets this text; absent: its files stay as they are
 */
export function replacePackage(tree: string, name: string, version: string, mark?: string): void {
  const folder = join(tree, 'packages');
  const former = readdirSync(folder).find((file) => file.startsWith(`${name}_`) || isApkOf(file, name));
  if (former === undefined) throw new Error(`no package ${name}`);
  const { control, files } = JSON.parse(gunzipSync(readFileSync(join(folder, former))).toString('utf8'));
  const fileName = former.endsWith('.apk')
    ? `${name}-${version}.apk`
    : `${name}_${version}_${control.arch}.ipk`;
  const added = mark === undefined ? [] : [{ path: `usr/share/${name}.mark`, mode: 0o644, text: mark }];
  const fresh = { control: { ...control, version }, files: [...files, ...added] };
  rmSync(join(folder, former));
  writeFileSync(join(folder, fileName), gzipSync(JSON.stringify(fresh)));
}

function isApkOf(file: string, name: string): boolean {
  return file.startsWith(`${name}-`) && /^\d[^-]*(-r\d+)?\.apk$/.test(file.slice(name.length + 1));
}
