import type { Command } from 'commander';

/** One for each command, by its path: shown by its help and in `docs/cli.md`, and run by a test. */
export const EXAMPLES: Readonly<Record<string, string>> = {
  init: 'tenon init onboarding',
  dev: 'tenon dev --port 8787 --data .tenon',
  deploy: 'tenon deploy workflow.ts',
  trigger: `tenon trigger Onboarding '{"name":"ada"}' --id first --wait`,
  'instances list': 'tenon instances list Onboarding --status waiting',
  'instances describe': 'tenon instances describe Onboarding first',
  'instances logs': 'tenon instances logs Onboarding first --follow',
  'instances watch': 'tenon instances watch Onboarding first --follow',
  'instances send-event': `tenon instances send-event Onboarding first --type approved --payload '{"by":"grace"}'`,
  'instances pause': 'tenon instances pause Onboarding first',
  'instances resume': 'tenon instances resume Onboarding first',
  'instances terminate': 'tenon instances terminate Onboarding first --rollback',
  'instances restart': `tenon instances restart Onboarding first --from-step-name 'open the account'`,
  'instances delete': 'tenon instances delete Onboarding first',
  'instances move': 'tenon instances move Onboarding first --version 0123456789abcdef0123456789abcdef',
  'instances approve': 'tenon instances approve Onboarding first 3f2a --by grace',
  'instances refuse': `tenon instances refuse Onboarding first 3f2a --reason 'not this week'`,
  replay: 'tenon replay Onboarding first',
  'tenants create': 'tenon tenants create acme --allow api.example.com',
  'tenants list': 'tenon tenants list',
  'tenants describe': 'tenon tenants describe acme',
  'tenants suspend': 'tenon tenants suspend acme',
  'tenants resume': 'tenon tenants resume acme',
  'tenants delete': 'tenon tenants delete acme --with-all-data',
  'keys create': 'tenon keys create --expires-at 2027-01-01T00:00:00Z',
  'keys list': 'tenon keys list',
  'keys rotate': `tenon keys rotate 1f0c --grace '10 minutes'`,
  'keys revoke': 'tenon keys revoke 1f0c',
  'env set': 'tenon env set BILLING_URL https://billing.example.com',
  'env list': 'tenon env list',
  'env delete': 'tenon env delete BILLING_URL',
  'versions list': 'tenon versions list',
  'versions activate': 'tenon versions activate 0123456789abcdef0123456789abcdef',
  'versions check': 'tenon versions check 0123456789abcdef0123456789abcdef',
  'policies list': 'tenon policies list',
  'policies put': `tenon policies put payments --before-step 'pay *' --action approve --timeout '2 days'`,
  'policies delete': 'tenon policies delete payments',
  usage: 'tenon usage --from 2026-01-01 --to 2026-01-31',
  audit: 'tenon audit --from 2026-01-31',
  logs: 'tenon logs --per-page 20',
  tail: 'tenon tail --level warn',
  completion: 'tenon completion bash',
};

/** What a person writes behind `tenon`, such as `instances list`. */
export const commandPath = (command: Command): string => {
  const { parent } = command;
  return parent === null || parent.parent === null ? command.name() : `${commandPath(parent)} ${command.name()}`;
};

/** The commands that do something, in the order in which help names them. */
export const commandsOf = (command: Command): readonly Command[] =>
  command.commands.length === 0 ? [command] : command.commands.flatMap(commandsOf);

export const addExamples = (program: Command): void => {
  for (const command of commandsOf(program)) {
    command.addHelpText('after', () => `\nExample:\n  ${EXAMPLES[commandPath(command)]}`);
  }
};
