// Calls of lab-ask: a folder each, its name a line in a pipe.
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  createReadStream,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createInterface } from 'node:readline';

/**
 * Hear calls and answer them, several at a time.
 *
 * @param answer `({program, legacy, args, input}) => {code, stdout, stderr}`, or a promise of it
 */
export function hearCalls(root, answer, log) {
  const folder = `${root}/tmp/ask`;
  mkdirSync(folder, { recursive: true });
  spawnSync('mkfifo', [`${folder}/calls`]);
  // Open for writing, too: it does not end when an asker closes.
  const pipe = createReadStream('', { fd: openSync(`${folder}/calls`, 'r+') });
  createInterface({ input: pipe }).on('line', async (id) => {
    const call = `${folder}/${id}`;
    const [program, legacy, ...args] = readFileSync(`${call}/call`, 'utf8').split('\0').slice(0, -1);
    const input = () => readFileSync(`${call}/input`, 'utf8');
    try {
      finishCall(call, await answer({ program, legacy, args, input }));
    } catch (error) {
      log(`${program} ${args.join(' ')}: ${error.message}`);
      finishCall(call, { code: 1, stderr: `${error.message}\n` });
    }
  });
}

/**
 * The files an asker prints, then the end of its wait. Who was killed meanwhile reads no more: opened for both directions
 * the pipe blocks nobody, and stays open until a slow asker has come to it.
 */
function finishCall(folder, { code, stdout, stderr }) {
  if (!existsSync(folder)) return;
  writeFileSync(`${folder}/stdout`, stdout ?? '');
  writeFileSync(`${folder}/stderr`, stderr ?? '');
  const pipe = openSync(`${folder}/done`, 'r+');
  writeSync(pipe, `${code}\n`);
  setTimeout(() => closeSync(pipe), 10_000).unref();
}
