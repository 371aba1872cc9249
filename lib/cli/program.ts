import { Command, CommanderError } from 'commander';
import { addAudit } from './audit.ts';
import type { CommandContext } from './command-context.ts';
import { addCompletion } from './completion.ts';
import { addConnectionFlags } from './connection.ts';
import { addDeploy } from './deploy.ts';
import { addDev } from './dev.ts';
import { addEnv } from './env.ts';
import { addExamples } from './examples.ts';
import { EXIT, EXIT_MEANINGS, type ExitCode } from './exit-codes.ts';
import { addInit } from './init.ts';
import { addInstancesApprove } from './instances-approve.ts';
import { addInstancesControl } from './instances-control.ts';
import { addInstancesDescribe } from './instances-describe.ts';
import { addInstancesFollow } from './instances-follow.ts';
import { addInstancesList } from './instances-list.ts';
import { addInstancesMove } from './instances-move.ts';
import { addInstancesSendEvent } from './instances-send-event.ts';
import { addKeys } from './keys.ts';
import { addLogs } from './logs.ts';
import { addPolicies } from './policies.ts';
import { reportFailure } from './refusals.ts';
import { addReplay } from './replay.ts';
import { addTail } from './tail.ts';
import { addTenants } from './tenants.ts';
import type { Terminal } from './terminal.ts';
import { addTrigger } from './trigger.ts';
import { addUsage } from './usage.ts';
import { addVersions } from './versions.ts';

const AFTER_HELP = `
Where an instance id is asked for, "latest" means the newest.

Exit codes:
${Object.values(EXIT)
  .map((code) => `  ${code}  ${EXIT_MEANINGS[code]}`)
  .join('\n')}`;

/** Runs one command line. Never throws: what went wrong is told on the terminal, and by the code. */
export const runCli = async (args: readonly string[], terminal: Terminal): Promise<ExitCode> => {
  let code: ExitCode = EXIT.ok;
  const context: CommandContext = {
    terminal,
    exitWith: (given) => {
      code = given;
    },
  };
  const program = makeProgram(context);
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    // Commander has told its own mistakes already; asking for help is none.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    return reportFailure(error, terminal, program.opts<{ json?: boolean }>().json === true);
  }
};

/** All commands. Parsing throws where the command line is wrong, and whatever a command throws. */
export const makeProgram = (context: CommandContext): Command => {
  const { terminal } = context;
  const program = addConnectionFlags(new Command('tenon'))
    .description('durable workflows that follow the tenant')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => terminal.print(text.trimEnd()),
      writeErr: (text) => terminal.complain(text.trimEnd()),
    })
    .showHelpAfterError('Add --help to see what this command takes.')
    .addHelpText('after', AFTER_HELP)
    .exitOverride();
  addInit(program, context);
  addDev(program, context);
  addDeploy(program, context);
  addTrigger(program, context);
  const instances = program.command('instances').description('instances of a workflow');
  addInstancesList(instances, context);
  addInstancesDescribe(instances, context);
  addInstancesFollow(instances, context);
  addInstancesSendEvent(instances, context);
  addInstancesControl(instances, context);
  addInstancesMove(instances, context);
  addInstancesApprove(instances, context);
  addReplay(program, context);
  addTenants(program, context);
  addKeys(program, context);
  addEnv(program, context);
  addVersions(program, context);
  addPolicies(program, context);
  addUsage(program, context);
  addAudit(program, context);
  addLogs(program, context);
  addTail(program, context);
  addCompletion(program, context);
  addExamples(program);
  return program;
};
