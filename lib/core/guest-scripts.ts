/** Names under which the two scripts of a context are compiled, so that stacks can be told apart. */
export const BUNDLE_FILE = 'tenon-bundle.js';
export const PRELUDE_FILE = 'tenon-prelude.js';

/** A stack without the frames that name a guest's scripts, which say nothing to whoever wrote the tenant's source. */
export const withoutScriptFrames = (stack: string): string =>
  stack
    .split('\n')
    .filter((line) => !line.includes(BUNDLE_FILE) && !line.includes(PRELUDE_FILE))
    .join('\n');
