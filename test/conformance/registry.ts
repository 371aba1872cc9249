import type { World } from './world.ts';

export interface Behaviour {
  readonly name: string;
  readonly check: (world: World) => Promise<void>;
}

const registered: Behaviour[] = [];

/** One behaviour of the contract: `name` is the sentence, `check` throws where it does not hold. */
export const behaviour = (name: string, check: (world: World) => Promise<void>): void => {
  if (registered.some((other) => other.name === name)) throw new Error(`two behaviours are called "${name}"`);
  registered.push({ name, check });
};

export const behaviours = (): readonly Behaviour[] => registered;

/** Thrown by a check that cannot run here; `message` is the stated reason. */
export class NotHere extends Error {
  override readonly name = 'NotHere';
}
