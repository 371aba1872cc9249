import { signal } from '@preact/signals';

const TICK_MS = 1_000;

/** The present, epoch ms, for what says how long ago something was; it stands still while nobody looks. */
export const now = signal(Date.now());

setInterval(() => {
  if (!document.hidden) now.value = Date.now();
}, TICK_MS);
