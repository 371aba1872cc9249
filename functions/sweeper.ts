import { composeSweeper } from '../lib/aws.ts';

const sweeper = composeSweeper();

/** Once a minute: makes good what got lost. */
export const handler = (): Promise<void> => sweeper.sweep();
