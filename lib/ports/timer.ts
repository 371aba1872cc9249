/** Things to do later; in the simulation time goes on only when nothing else is left to do. */
export interface Timer {
  /** Calls `action` once after `delayMs`; what it gives takes it back. */
  after(delayMs: number, action: () => void): () => void;
}
