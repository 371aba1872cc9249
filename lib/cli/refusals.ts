import { RefusedError, UnreachableError } from '../client/http-client.ts';
import { EXIT, type ExitCode, UsageError } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

/** What to do next, by the code of the problem. */
const NEXT: Readonly<Record<string, string>> = {
  'auth.missing':
    'Give a key: --key, or TENON_KEY. A server started by "tenon dev" keeps its own in .tenon/operator-key.',
  'auth.invalid':
    'The key is not known to this server, or was revoked. "tenon keys create" makes a new one for a tenant.',
  'auth.forbidden': 'This call needs the operator key.',
  'tenant.not_found': '"tenon tenants list" shows the tenants, "tenon tenants create <id>" makes one.',
  'tenant.already_exists': '"tenon keys create --tenant <id>" makes another key for it.',
  'workflow.not_found':
    '"tenon versions list" shows which workflows are deployed; names are those of the exported classes.',
  'version.none_active': 'Deploy first: "tenon deploy <file>".',
  'version.not_found': '"tenon versions list" shows the versions.',
  'instance.not_found': '"tenon instances list <workflow>" shows the instances.',
  'instance.already_exists': 'Leave out --id to have one made, or take another.',
  'instance.finished': '"tenon instances restart" starts it again.',
  'instance.cannot_move': '"tenon replay --version" shows where the code does not follow.',
  'instance.cannot_terminate': 'It has finished already; "tenon instances describe" shows how.',
  'instance.cannot_restart': '"tenon instances describe" shows the names of its steps.',
  'key.not_found': '"tenon keys list" shows the keys.',
  'env.not_found': '"tenon env list" shows the names.',
};

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
    const next = NEXT[code];
    if (next !== undefined) terminal.complain(next);
    return EXIT.refused;
  }
  terminal.complain(`error: ${error instanceof Error ? error.message : String(error)}`);
  return EXIT.refused;
};
