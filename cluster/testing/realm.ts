/**
 * Jest runs tests in a vm context with an Object of its own, but with the `structuredClone` of outside, whose objects have another
 * prototype: nothing that was cloned equals anything that was parsed. Where it is so, the context gets one of its own. Imported first.
 */
const outside = globalThis.structuredClone;

function cloneHere(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cloneHere);
  if (typeof value !== 'object' || value === null) return value;
  if (Object.getPrototypeOf(value) !== Object.prototype) return outside(value);
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, cloneHere(field)]));
}

if (Object.getPrototypeOf(outside({})) !== Object.prototype) {
  // What it clones has the type of what it is given.
  globalThis.structuredClone = cloneHere as typeof structuredClone;
}
