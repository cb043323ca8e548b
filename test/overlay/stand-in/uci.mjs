// A small uci: /etc/config below $IPKG_INSTROOT, changes staged below its /tmp/.uci, commit by rename.
// As the real one, `batch` ends with 0 whatever its lines do, and errors go to stderr unless -q.
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { formatConfig, parseBatch, parseConfig, parsePlace } from './uci-text.mjs';

const root = process.env.IPKG_INSTROOT ?? '';
const args = process.argv.slice(2);
const quiet = args[0] === '-q';
if (quiet) args.shift();

const configPath = (config) => `${root}/etc/config/${config}`;
const stagedPath = (config) => `${root}/tmp/.uci/${config}`;

function load(config) {
  if (!existsSync(configPath(config))) throw new Error('Entry not found');
  const sections = parseConfig(readFileSync(configPath(config), 'utf8'));
  if (existsSync(stagedPath(config)))
    for (const line of readFileSync(stagedPath(config), 'utf8').split('\n').filter(Boolean))
      change(sections, JSON.parse(line));
  return sections;
}

function find(sections, reference) {
  const match = /^@([A-Za-z0-9_-]+)\[(-?[0-9]+)\]$/.exec(reference);
  if (match === null) return sections.find(({ name }) => name === reference);
  return sections.filter(({ type }) => type === match[1]).at(Number(match[2]));
}

function change(sections, { verb, section: reference, option, value }) {
  const section = find(sections, reference);
  if (verb === 'delete') {
    if (section === undefined || (option !== undefined && section.options[option] === undefined))
      throw new Error('Entry not found');
    if (option === undefined) sections.splice(sections.indexOf(section), 1);
    else delete section.options[option];
  } else if (verb === 'set' && option === undefined) {
    if (section === undefined) {
      if (reference.startsWith('@')) throw new Error('Invalid argument');
      sections.push({ type: value, name: reference, anonymous: false, options: {} });
    } else section.type = value;
  } else if (section === undefined) throw new Error('Invalid argument');
  else if (verb === 'rename') {
    section.name = value;
    section.anonymous = false;
  } else if (verb === 'add_list') {
    const known = section.options[option];
    section.options[option] = [...(known === undefined ? [] : [known].flat()), value];
  } else if (value === '') delete section.options[option];
  else section.options[option] = value;
}

function stage(command) {
  const sections = load(command.config);
  const section = find(sections, command.section);
  const resolved = { ...command, section: section?.name ?? command.section };
  change(sections, resolved);
  mkdirSync(`${root}/tmp/.uci`, { recursive: true });
  appendFileSync(stagedPath(command.config), `${JSON.stringify(resolved)}\n`);
}

function show(config) {
  const counts = {};
  for (const section of load(config)) {
    const index = counts[section.type] ?? 0;
    counts[section.type] = index + 1;
    const name = section.anonymous ? `@${section.type}[${index}]` : section.name;
    console.log(`${config}.${name}=${section.type}`);
    for (const [option, value] of Object.entries(section.options))
      console.log(
        `${config}.${name}.${option}=${[value]
          .flat()
          .map((item) => `'${item}'`)
          .join(' ')}`,
      );
  }
}

function commit(config) {
  if (!existsSync(stagedPath(config))) return;
  writeFileSync(`${configPath(config)}.uci-new`, formatConfig(load(config)));
  renameSync(`${configPath(config)}.uci-new`, configPath(config));
  rmSync(stagedPath(config));
}

function run(command) {
  switch (command.verb) {
    case 'get': {
      const section = find(load(command.config), command.section);
      const value = command.option === undefined ? section?.type : section?.options[command.option];
      if (value === undefined) throw new Error('Entry not found');
      console.log([value].flat().join(' '));
      return;
    }
    case 'show':
      show(command.config);
      return;
    case 'commit':
      if (process.env.UCI_FULL_FLASH === command.config) throw new Error('I/O error');
      commit(command.config);
      return;
    case 'revert':
      rmSync(stagedPath(command.config), { force: true });
      return;
    case 'set':
    case 'delete':
    case 'add_list':
    case 'rename':
      stage(command);
      return;
    default:
      throw new Error(`Unknown command ${command.verb}`);
  }
}

function attempt(command) {
  try {
    run(command);
    return 0;
  } catch (error) {
    if (!quiet) console.error(`uci: ${error.message}`);
    return 1;
  }
}

if (args[0] === 'batch') for (const command of parseBatch(readFileSync(0, 'utf8'))) attempt(command);
else process.exitCode = attempt({ verb: args[0], ...(args[1] === undefined ? {} : parsePlace(args[1])) });
