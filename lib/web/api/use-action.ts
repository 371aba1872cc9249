import { useState } from 'preact/hooks';
import { tell } from '../notices.ts';

export interface Action {
  readonly isBusy: boolean;
  /** Of the last time. */
  readonly error: unknown;
  /** Does it; what `act` gives is told. Gives whether it went well. */
  readonly run: (act: () => Promise<string | undefined>) => Promise<boolean>;
}

/** Something that a person does by a button, with how it went. */
export const useAction = (): Action => {
  const [{ isBusy, error }, setState] = useState<Pick<Action, 'isBusy' | 'error'>>({ isBusy: false, error: undefined });
  const run = async (act: () => Promise<string | undefined>): Promise<boolean> => {
    setState({ isBusy: true, error: undefined });
    try {
      const text = await act();
      if (text !== undefined) tell(text);
      setState({ isBusy: false, error: undefined });
      return true;
    } catch (thrown) {
      setState({ isBusy: false, error: thrown });
      return false;
    }
  };
  return { isBusy, error, run };
};
