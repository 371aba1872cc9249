/** What to do next, by the code of the problem. */
export const NEXT_STEPS: Readonly<Record<string, string>> = {
  'auth.missing':
    'Give a key: --key, or TENON_KEY. A server started by "tenon dev" keeps its own in .tenon/operator-key.',
  'auth.invalid':
    'The key is not known to this server, has ended or was revoked. "tenon keys create" makes a new one for a tenant.',
  'auth.forbidden': 'This call needs the operator key.',
  'request.invalid': 'Mend what is named above; --help shows what the command takes.',
  'payload.too_large': 'Send less: a value has 1 MiB at most.',
  'rate.limited': 'Wait a moment and try again.',
  'quota.exceeded': 'Wait a moment and try again; the operator sets the limit.',
  'tenant.not_found': '"tenon tenants list" shows the tenants, "tenon tenants create <id>" makes one.',
  'tenant.already_exists': '"tenon keys create --tenant <id>" makes another key for it.',
  'tenant.suspended': '"tenon tenants describe <id>" shows it; the operator lifts it by "tenon tenants resume <id>".',
  'workflow.not_found':
    '"tenon versions list" shows which workflows are deployed; names are those of the exported classes.',
  'version.none_active': 'Deploy first: "tenon deploy <file>".',
  'version.not_found': '"tenon versions list" shows the versions.',
  'version.check_failed':
    '"tenon versions check" shows which instances do not follow; "tenon replay --version <version>" shows where.',
  'version.check_stale': '"tenon versions check" makes a fresh one.',
  'source.not_found': '"tenon versions list" shows the versions.',
  'source.too_large': 'Look into the file that was deployed.',
  'bundle.not_found': 'Deploy again: "tenon deploy <file>".',
  'upload.wrong_size': 'The file changed on its way: deploy again.',
  'upload.wrong_digest': 'The file changed on its way: deploy again.',
  'upload.expired': 'The link was too old: deploy again.',
  'upload.used': 'The link is good once: deploy again.',
  'upload.invalid': 'The link was changed on its way: deploy again.',
  'instance.not_found': '"tenon instances list <workflow>" shows the instances.',
  'instance.already_exists': 'Leave out --id to have one made, or take another.',
  'instance.finished': '"tenon instances restart" starts it again.',
  'instance.cannot_move': '"tenon replay --version <version>" shows where the code does not follow.',
  'instance.cannot_terminate': 'It has finished already; "tenon instances describe" shows how.',
  'instance.cannot_restart': '"tenon instances describe" shows the names of its steps.',
  'step.not_found': '"tenon instances describe" shows the names of its steps.',
  'check.not_found': '"tenon versions check <version>" begins one.',
  'policy.not_found': '"tenon policies list" shows the policies.',
  'approval.not_found': '"tenon instances describe" shows what the instance waits for.',
  'approval.settled': '"tenon instances describe" shows what was said.',
  'key.not_found': '"tenon keys list" shows the keys.',
  'env.not_found': '"tenon env list" shows the names.',
  internal: 'Try again; if it stays so, the log of the server says more, by the trace id of the call.',
};

/** An answer that is no problem of Tenon's comes from somebody else, or from another release. */
export const nextStep = (code: string): string =>
  NEXT_STEPS[code] ?? 'Is that a Tenon server of this release? --url or TENON_URL names another.';
