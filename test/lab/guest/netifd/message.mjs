// The messages of netifd-proto.sh: operations, one a line, words parted by \037; objects and arrays nest until `close`.

/**
 * @returns `{interface, action, words, fields, addresses, routes}`: what is about, the words of its action, nested fields,
 *   addresses as `A/LEN`, routes as `[target, gateway]`
 */
export function parseMessage(text) {
  const message = { interface: '', action: '', words: [], fields: {}, addresses: [], routes: [] };
  const open = [message.fields];
  const put = (name, value) => {
    const inner = open.at(-1);
    if (Array.isArray(inner)) inner.push(value);
    else inner[name] = value;
    return value;
  };
  for (const line of text.split('\n').filter(Boolean)) {
    const [verb, name, value] = line.split('\x1f');
    if (verb === 'interface') message.interface = name;
    else if (verb === 'action') [message.action, message.words] = [name, line.split('\x1f').slice(2)];
    else if (verb === 'object') open.push(put(name, {}));
    else if (verb === 'array') open.push(put(name, []));
    else if (verb === 'close') open.pop();
    else if (verb === 'address') message.addresses.push(name);
    else if (verb === 'route') message.routes.push([name, value ?? '']);
    else put(name, verb === 'int' ? Number(value) : value);
  }
  return message;
}
