/** Does it again `everyMs` after it was done last; what fails is told, and done again. `stop` waits for what is under way. */
export const repeat = (
  everyMs: number,
  action: () => Promise<unknown>,
  onError: (error: unknown) => void,
): { stop(): Promise<void> } => {
  let isStopped = false;
  let underWay = Promise.resolve();
  let timeout: NodeJS.Timeout;
  const arm = (): void => {
    timeout = setTimeout(() => {
      underWay = act();
    }, everyMs);
  };
  const act = async (): Promise<void> => {
    try {
      await action();
    } catch (error) {
      onError(error);
    }
    if (!isStopped) arm();
  };
  arm();
  return {
    stop: () => {
      isStopped = true;
      clearTimeout(timeout);
      return underWay;
    },
  };
};
