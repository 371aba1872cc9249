import { RefusedError, UnreachableError } from '../client/http-client.ts';
import { EXIT, type ExitCode, UsageError } from './exit-codes.ts';
import { nextStep } from './next-steps.ts';
import type { Terminal } from './terminal.ts';

/** Tells what went wrong and what to do about it; gives the code to exit with. */
export const reportFailure = (error: unknown, terminal: Terminal, isJson: boolean): ExitCode => {
  if (error instanceof UsageError) {
    terminal.complain(`error: ${error.message}`);
    return EXIT.usage;
  }
  if (error instanceof UnreachableError) {
    terminal.complain(`error: ${error.message}`);
    terminal.complain('Is the server running? "tenon dev" starts one; --url or TENON_URL names another.');
    return EXIT.unreachable;
  }
  if (error instanceof RefusedError) {
    if (isJson) terminal.print(JSON.stringify(error.body));
    const { code, detail, errors = [] } = error.problem;
    terminal.complain(`error: ${detail} (${code})`);
    for (const { path, message } of errors) if (message !== detail) terminal.complain(`  ${path}: ${message}`);
    terminal.complain(nextStep(code));
    return EXIT.refused;
  }
  terminal.complain(`error: ${error instanceof Error ? error.message : String(error)}`);
  return EXIT.refused;
};
