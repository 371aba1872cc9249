/** How `structuredClone` treats instances of a class of the platform: by its prototype. */
export type Cloner = (value: object) => object;

const cloners = new WeakMap<object, Cloner | 'refused'>();

/** Told by the module of a class when it is loaded, so that cloning loads none. */
export function registerCloner(prototype: object, cloner: Cloner | 'refused'): void {
  cloners.set(prototype, cloner);
}

export function findCloner(value: object): Cloner | 'refused' | undefined {
  for (let link = Object.getPrototypeOf(value); link !== null; link = Object.getPrototypeOf(link)) {
    const cloner = cloners.get(link);
    if (cloner !== undefined) return cloner;
  }
  return undefined;
}
