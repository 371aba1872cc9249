import type { World } from '../conformance/world.ts';

export type Fear = 'cpu' | 'memory' | 'disk' | 'escape' | 'network' | 'api';

export interface Attack {
  readonly fear: Fear;
  readonly name: string;
  /** Gives how it ended, in a few words. Throws where it was not contained. */
  readonly run: (world: World) => Promise<string>;
}

const registered: Attack[] = [];

export const attack = (fear: Fear, name: string, run: Attack['run']): void => {
  registered.push({ fear, name, run });
};

export const attacks = (): readonly Attack[] => registered;
