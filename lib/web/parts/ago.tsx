import { now } from '../clock.ts';
import { relativeText } from '../text/wording.ts';

/** How long ago, or in how long; the exact instant is at hand. */
export const Ago = ({ at }: { readonly at: string | undefined }) =>
  at === undefined ? (
    <span class="quiet">–</span>
  ) : (
    <time dateTime={at} title={new Date(at).toLocaleString()}>
      {relativeText(at, now.value)}
    </time>
  );
