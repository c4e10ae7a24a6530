/** The methods of a port, some of them in another way. */
export const tampered = <P extends object>(port: P, changes: Partial<P>): P =>
  new Proxy(port, { get: (target, name) => changes[name as keyof P] ?? target[name as keyof P] });
