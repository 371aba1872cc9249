import { wordsOf } from '../text/wording.ts';

/** An instance's, a step's or a bundle's status; the word carries the meaning, the colour repeats it. */
export const StatusBadge = ({ status }: { readonly status: string }) => (
  <span class="badge" data-status={status}>
    {wordsOf(status)}
  </span>
);
