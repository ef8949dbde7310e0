/**
 * Paths of members that occur twice in one object of a JSON text, which JSON.parse does not tell: `spec.replicas`,
 * `spec.ports[0].port`. The text must be JSON that was parsed already.
 */
export function duplicateFields(json: string): string[] {
  const found: string[] = [];
  let at = 0;

  const skipSpace = (): void => {
    while (json[at] === ' ' || json[at] === '\n' || json[at] === '\t' || json[at] === '\r') at++;
  };
  const readString = (): string => {
    const start = at++;
    while (json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
    at++;
    return JSON.parse(json.slice(start, at));
  };
  const readObject = (path: string): void => {
    const names = new Set<string>();
    at++;
    for (skipSpace(); json[at] !== '}'; skipSpace()) {
      const name = readString();
      const inside = path === '' ? name : `${path}.${name}`;
      if (names.has(name)) found.push(inside);
      names.add(name);
      skipSpace();
      at++; // the colon
      readValue(inside);
      skipSpace();
      if (json[at] === ',') at++;
    }
    at++;
  };
  const readArray = (path: string): void => {
    at++;
    skipSpace();
    for (let index = 0; json[at] !== ']'; index++) {
      readValue(`${path}[${index}]`);
      skipSpace();
      if (json[at] === ',') at++;
      skipSpace();
    }
    at++;
  };
  const readValue = (path: string): void => {
    skipSpace();
    const first = json[at];
    if (first === '{') readObject(path);
    else if (first === '[') readArray(path);
    else if (first === '"') readString();
    else while (at < json.length && !',]} \n\t\r'.includes(json[at] ?? '')) at++;
  };

  readValue('');
  return found;
}
