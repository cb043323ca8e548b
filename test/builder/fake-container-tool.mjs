import { spawn } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';

const STATE = import.meta.dirname;
const [program, ...args] = process.argv.slice(2);
const containerDir = (name) => join(STATE, 'containers', name);

function fail(text, exitCode = program === 'podman' ? 125 : 1) {
  process.stderr.write(`${text}\n`);
  process.exit(exitCode);
}

appendFileSync(join(STATE, 'calls'), `${JSON.stringify(args)}\n`);
const broken = existsSync(join(STATE, 'broken')) ? readFileSync(join(STATE, 'broken'), 'utf8') : '';
if (broken !== '') fail(broken);
const images = JSON.parse(readFileSync(join(STATE, 'images.json'), 'utf8'));
const idOf = (image) => image.digest.replace(/^./, 'f');
const find = (text) =>
  Object.entries(images).find(
    ([name, image]) =>
      name === text ||
      text === idOf(image) ||
      text === `${name.replace(/:[^/]*$/, '')}@sha256:${image.digest}`,
  )?.[1];

function obey(image, action) {
  if (image.failing?.[action] !== undefined) fail(image.failing[action]);
}

/** Options as written down by both projects; all others are refused. */
function takeOptions(rest, flags, valued) {
  const options = {};
  while (rest[0]?.startsWith('--')) {
    const [, name, value] = /^--([a-z-]+)(?:=(.*))?$/s.exec(rest.shift()) ?? [];
    if (value === undefined ? !flags.includes(name) : !valued.includes(name)) fail(`unknown flag: --${name}`);
    options[name] = [...(options[name] ?? []), value ?? ''];
  }
  return options;
}

function inspect([text]) {
  const image = find(text);
  if (image === undefined || image.at !== 'here') fail(`Error: No such image: ${text}`);
  obey(image, 'inspect');
  const repository = Object.keys(images)
    .find((name) => images[name] === image)
    .replace(/:[^/]*$/, '');
  process.stdout.write(
    JSON.stringify([
      {
        Id: program === 'docker' ? `sha256:${idOf(image)}` : idOf(image),
        RepoDigests: [`${repository}@sha256:${image.digest}`],
        Os: 'linux',
        Architecture: image.architecture ?? 'amd64',
      },
    ]),
  );
}

function pull(rest) {
  const { platform } = takeOptions(rest, ['quiet'], ['platform']);
  if (platform?.[0] !== 'linux/amd64') fail('wrong platform');
  const [text] = rest;
  const image = find(text);
  if (image === undefined) fail(`Error response from daemon: manifest unknown: ${text}`);
  obey(image, 'pull');
  image.at = 'here';
  writeFileSync(join(STATE, 'images.json'), JSON.stringify(images));
  process.stdout.write(`${idOf(image)}\n`);
}

function run(rest) {
  const flags = ['rm', 'interactive'];
  const valued = ['name', 'pull', 'platform', 'network', 'cap-drop', 'security-opt', 'entrypoint'];
  const options = takeOptions(rest, flags, valued);
  const [id, ...command] = rest;
  const image = find(id.replace('sha256:', ''));
  if (image === undefined || image.at !== 'here' || options.pull[0] !== 'never') fail('no such image', 125);
  obey(image, 'run');
  const dir = containerDir(options.name[0]);
  cpSync(image.files, join(dir, 'root'), { recursive: true, verbatimSymlinks: true });
  for (const folder of ['root/tmp', 'pids']) mkdirSync(join(dir, folder), { recursive: true });
  const child = spawn(options.entrypoint[0], command, { stdio: ['inherit', 'inherit', 'inherit'] });
  writeFileSync(join(dir, 'init'), String(child.pid));
  // The client passes signals on; the first process of a container does not mind them.
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(name, () => undefined);
  child.on('close', (code, signal) => {
    for (const pid of readdirSync(join(dir, 'pids'))) killGroup(Number(pid));
    rmSync(dir, { recursive: true, force: true, maxRetries: 20 });
    process.exitCode = signal === null ? code : 128 + constants.signals[signal];
  });
}

function killGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {}
}

function exec(rest) {
  const options = takeOptions(rest, ['interactive'], ['workdir', 'env']);
  const [name, ...command] = rest;
  const dir = containerDir(name);
  if (!existsSync(join(dir, 'pids'))) fail(`Error: no container with name or ID "${name}" found`);
  const passed = (options.env ?? []).map((text) => {
    const [, key, value] = /^(\w+)(?:=(.*))?$/s.exec(text);
    return [key, value ?? process.env[key]];
  });
  // A session of its own: the end of this client does not end what it started.
  const child = spawn(command[0], command.slice(1), {
    cwd: options.workdir?.[0] ?? join(dir, 'root/builder'),
    env: {
      PATH: process.env.PATH,
      HOME: join(dir, 'root'),
      TMPDIR: join(dir, 'root/tmp'),
      ...Object.fromEntries(passed),
    },
    stdio: [options.interactive === undefined ? 'ignore' : 'inherit', 'inherit', 'inherit'],
    detached: true,
  });
  writeFileSync(join(dir, 'pids', String(child.pid)), '');
  child.on('exit', (code, signal) => {
    rmSync(join(dir, 'pids', String(child.pid)), { force: true });
    process.exit(signal === null ? code : 128 + constants.signals[signal]);
  });
}

function remove(rest) {
  takeOptions(rest, ['force'], []);
  try {
    process.kill(Number(readFileSync(join(containerDir(rest[0]), 'init'), 'utf8')), 'SIGKILL');
  } catch {}
}

const [verb, ...rest] = args;
if (verb === 'image' && rest[0] === 'inspect') inspect(rest.slice(1));
else if (verb === 'pull') pull(rest);
else if (verb === 'run') run(rest);
else if (verb === 'exec') exec(rest);
else if (verb === 'rm') remove(rest);
else fail(`unknown command: ${verb}`);
