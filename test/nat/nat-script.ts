import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from '../../bench/nat/lab.mjs';
import { renderOverlay } from '../../src/overlay/render.ts';
import { makeTempFolder, overlayInput, writeTree } from '../overlay/support.ts';

/** Run functions of nat.sh on the router of a lab, over the tree of an image. */
export async function runNatScript(lab: Lab, script: string): Promise<void> {
  const root = makeTempFolder();
  try {
    writeTree(root, renderOverlay(overlayInput()));
    mkdirSync(join(root, 'tmp'));
    const snippet = join(root, 'usr/share/nftables.d/ruleset-post/50-mape-image.nft');
    await lab.shell(
      'router',
      `export IPKG_INSTROOT='${root}'
       sed -i "s|/var/run/mape-image|${root}/var/run/mape-image|" '${snippet}'
       busybox ash -c '. "$IPKG_INSTROOT/usr/lib/mape-image/nat.sh"; ${script.replaceAll("'", `'\\''`)}'`,
    );
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
