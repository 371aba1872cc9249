/** The time, epoch ms. The only way for services to know it, so that the simulation can hold it in its hand. */
export interface Clock {
  now(): number;
}
