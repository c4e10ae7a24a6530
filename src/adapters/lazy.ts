/**
 * A port behind an adapter that is loaded when the first of its methods is called; what is not asynchronous is
 * `ready` from the first.
 */
export function lazily<P extends object>(load: () => Promise<P>, ready: Partial<P> = {}): P {
  let loaded: Promise<P> | undefined;
  return new Proxy(ready as P, {
    get: (own, name) => {
      if (name in own) return own[name as keyof P];
      if (name === 'then') return undefined; // not a promise, though it may be returned from an async function
      return async (...args: unknown[]) => {
        loaded ??= load();
        const method = (await loaded)[name as keyof P];
        if (typeof method !== 'function') throw new TypeError(`${String(name)} is not a method`);
        return method(...args);
      };
    },
  });
}

/** The value of an asynchronous computation that is done once, when it is first asked for. */
export function once<T>(compute: () => Promise<T>): () => Promise<T> {
  let value: Promise<T> | undefined;
  return () => {
    value ??= compute();
    return value;
  };
}
