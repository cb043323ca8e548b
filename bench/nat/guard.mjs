// The guard service of the overlay in a lab, as `/etc/init.d/mape-guard` starts it.
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ADDRESS, DEVICE } from './lab.mjs';

const SCRIPTS = 'usr/lib/mape-image';
const SNIPPETS = 'usr/share/nftables.d/ruleset-post';

/** As `fw4 flush` does: table by table, in the order of their making. */
export const FLUSH =
  'nft list tables | while read -r _ family table; do nft delete table "$family" "$table"; done';

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Run the guard while `use` runs.
 *
 * `use` is handed `settled`, which resolves when the guard has set the tunnel up again after the firewall went, `countUps`,
 * how often it did, and `lock`, the file that fw4 holds while it works.
 *
 * @param options.rules the table that the service keeps in place
 */
export async function withGuard(lab, { rules, address = ADDRESS }, use) {
  const root = mkdtempSync(join(tmpdir(), 'mape-nat-'));
  const snippet = join(root, SNIPPETS, '50-mape-image.nft');
  cpSync(join(import.meta.dirname, '../../overlays/mape', SCRIPTS), join(root, SCRIPTS), { recursive: true });
  mkdirSync(join(root, SNIPPETS), { recursive: true });
  const watched = [1, 2, 3, 4].map((index) => `table ip mape_watch_${index} {}\n`);
  writeFileSync(snippet, `${watched.join('')}${rules}\n`);
  // ifup is netifd's; ash takes functions before programs
  const script = `
    export IPKG_INSTROOT='${root}'
    logger() { :; }
    ifup() {
      ip link set ${DEVICE} up
      ip route replace 198.51.100.0/24 dev ${DEVICE} src ${address}
      echo up
    }
    . "$IPKG_INSTROOT/${SCRIPTS}/guard.sh"`;
  await lab.shell('router', `nft -f '${snippet}'`);
  let ups = 0;
  const guard = lab.start('router', 'setsid', ['nice', '-n', '-19', 'busybox', 'ash', '-c', script], () => {
    ups += 1;
  });
  const settled = async (count) => {
    for (let tries = 0; tries < 750 && ups < count; tries += 1) await pause(20);
    if (ups < count) throw new Error('the guard never set the tunnel up');
  };
  try {
    // One that does not hear yet misses the table.
    for (let tries = 0; tries < 20 && ups === 0; tries += 1) {
      await lab.shell('router', 'nft add table ip mape_watch_0; nft delete table ip mape_watch_0');
      await Promise.race([settled(1), pause(2000)]);
    }
    return await use({
      settled: () => settled(2),
      countUps: () => ups,
      lock: join(root, 'var/run/fw4.lock'),
    });
  } finally {
    // setsid made it a group of its own
    process.kill(-guard.child.pid, 'SIGKILL');
    rmSync(root, { recursive: true, force: true });
  }
}
