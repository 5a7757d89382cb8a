/**
 * The three functions of the Reflect metadata API that @peculiar/x509's container asks for when it is loaded. They keep a
 * table of their own and change no other behaviour; a full polyfill that is already present stays.
 */
const table = new WeakMap<object, Map<PropertyKey, unknown>>();

const shim = {
  getMetadata: (key: PropertyKey, target: object): unknown => {
    for (let at: object | null = target; at !== null; at = Object.getPrototypeOf(at)) {
      if (table.get(at)?.has(key)) return table.get(at)?.get(key);
    }
    return undefined;
  },
  getOwnMetadata: (key: PropertyKey, target: object): unknown => table.get(target)?.get(key),
  defineMetadata: (key: PropertyKey, value: unknown, target: object): void => {
    const known = table.get(target) ?? new Map<PropertyKey, unknown>();
    known.set(key, value);
    table.set(target, known);
  },
};

if (!("getMetadata" in Reflect)) Object.assign(Reflect, shim);
