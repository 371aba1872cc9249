/** Randomness for ids and keys; seeded in the simulation, the system's own everywhere else. */
export interface Randomness {
  /** 128 bits as 32 lower-case hex digits. */
  id(): string;
  /** 256 bits, base64url: what a key is made of. */
  secret(): string;
}
