import { join } from 'node:path';
import { compare, runOnce } from './measure.mjs';

const main = join(import.meta.dirname, '../dist/main.js');
const bare = () => runOnce(process.execPath, ['-e', '0']);

/** What a user waits before anything happens, against Node.js alone. */
export async function* bench() {
  const version = await compare(25, bare, () => runOnce(process.execPath, [main, '--version']));
  yield { what: '--version / node -e 0', value: version.ratio.toFixed(2), goal: '< 1.6' };
  const calc = await compare(25, bare, () =>
    runOnce(process.execPath, [main, 'calc', '2400:4151:8000:1200::/64', '--json']),
  );
  yield { what: 'calc --json / node -e 0', value: calc.ratio.toFixed(2), goal: '< 2.5' };
  const text = await compare(25, bare, () =>
    runOnce(process.execPath, [main, 'calc', '2400:4151:8000:1200::/64']),
  );
  yield { what: 'calc / node -e 0', value: text.ratio.toFixed(2), goal: '< 2.5' };
}
