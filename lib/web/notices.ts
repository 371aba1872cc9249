import { signal } from '@preact/signals';

/** Said once of what was done; shown for a while, and read out. */
export interface Notice {
  readonly id: number;
  readonly text: string;
}

export const notice = signal<Notice | undefined>(undefined);

let count = 0;

export const tell = (text: string): void => {
  count += 1;
  notice.value = { id: count, text };
};

export const dismissNotice = (): void => {
  notice.value = undefined;
};
