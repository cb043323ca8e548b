// UCI's text forms, read strictly: a line of `uci batch`, a configuration file. Written from what openwrt/uci file.c does.

/** Words of one line: '…' takes bytes as they are, "…" and bare text know a backslash, # ends the line, ; is refused. */
export function parseWords(line) {
  const words = [];
  let at = 0;
  while (at < line.length) {
    if (/\s/.test(line[at])) {
      at += 1;
      continue;
    }
    if (line[at] === '#') break;
    let word = '';
    while (at < line.length && !/\s/.test(line[at])) {
      const start = line[at];
      if (start === ';') throw new Error(`a second command in: ${line}`);
      if (start === "'" || start === '"') {
        const from = at;
        at += 1;
        while (at < line.length && line[at] !== start) {
          if (start === '"' && line[at] === '\\') at += 1;
          word += line[at];
          at += 1;
        }
        if (at >= line.length) throw new Error(`no end of the quotes at ${from} in: ${line}`);
        at += 1;
      } else {
        if (start === '\\') at += 1;
        if (at >= line.length) throw new Error(`a backslash at the end of: ${line}`);
        word += line[at];
        at += 1;
      }
    }
    words.push(word);
  }
  return words;
}

/** `config.section[.option][=value]` */
export function parsePlace(text) {
  const match =
    /^([A-Za-z0-9_-]+)(?:\.([A-Za-z0-9_]+|@[A-Za-z0-9_-]+\[-?[0-9]+\]))?(?:\.([A-Za-z0-9_]+))?(?:=(.*))?$/s.exec(
      text,
    );
  if (match === null) throw new Error(`Parse error: ${text}`);
  // what uci_validate_text refuses
  if (/[\x00-\x08\x0b\x0c\x0e-\x1f]/.test(match[4] ?? '')) throw new Error('Parse error: control character');
  return { config: match[1], section: match[2], option: match[3], value: match[4] };
}

/** Operations of a batch file, as `[verb, place]`. */
export function parseBatch(text) {
  return text
    .split('\n')
    .map(parseWords)
    .filter((words) => words.length > 0)
    .map((words) => {
      if (words.length > 2) throw new Error(`Too many arguments: ${words.join(' | ')}`);
      return { verb: words[0], ...(words[1] === undefined ? {} : parsePlace(words[1])) };
    });
}

/** Sections of a configuration file, in order. */
export function parseConfig(text) {
  const sections = [];
  for (const line of text.split('\n')) {
    const [word, first, second] = parseWords(line);
    if (word === 'config')
      sections.push({
        type: first,
        name: second ?? `cfg${String(sections.length + 1).padStart(2, '0')}`,
        anonymous: second === undefined,
        options: {},
      });
    const section = sections.at(-1);
    if (word === 'option') section.options[first] = second;
    if (word === 'list') {
      const known = section.options[first];
      section.options[first] = [...(Array.isArray(known) ? known : []), second];
    }
  }
  return sections;
}

export function formatConfig(sections) {
  const quote = (value) => `'${value.replaceAll("'", "'\\''")}'`;
  return sections
    .map(({ type, name, anonymous, options }) => {
      const lines = Object.entries(options).flatMap(([option, value]) =>
        Array.isArray(value)
          ? value.map((item) => `\tlist ${option} ${quote(item)}\n`)
          : [`\toption ${option} ${quote(value)}\n`],
      );
      return `\nconfig ${type}${anonymous ? '' : ` ${quote(name)}`}\n${lines.join('')}`;
    })
    .join('')
    .concat('\n');
}
