import type { Command } from 'commander';
import { type CommandContext, connectionOf } from './command-context.ts';
import { resolveInstanceId } from './latest-instance.ts';
import { momentText } from './wording.ts';

interface Page<T> {
  readonly events: readonly T[];
  readonly cursor: string;
  readonly done: boolean;
}

interface Line {
  readonly time: string;
  readonly level: string;
  readonly message: string;
  readonly step?: string;
  readonly attempt?: number;
}

interface Event {
  readonly type: string;
  readonly timestamp: string;
  readonly stepName?: string;
  readonly attempt?: number;
  readonly message?: string;
  readonly error?: { readonly name: string; readonly message: string };
}

export const addInstancesFollow = (instances: Command, context: CommandContext): void => {
  const add = <T>(name: string, what: string, path: string, view: (entry: T) => string): void => {
    instances
      .command(`${name} <workflow> [id]`)
      .description(`${what}; without an id, of the newest`)
      .option('--follow', 'go on until the instance has ended')
      .action(async (workflow: string, id: string | undefined, flags: { readonly follow?: true }, command: Command) => {
        const connection = connectionOf(command, context);
        const of = connection.instancePath(workflow, await resolveInstanceId(connection, workflow, id ?? 'latest'));
        const query = flags.follow ? {} : { wait: 0 };
        for (let cursor: string | undefined; ; ) {
          const page: Page<T> = await connection.client.call<Page<T>>('GET', `${of}/${path}`, {
            query: { ...query, ...(cursor !== undefined && { cursor }) },
          });
          const show = connection.isJson ? (entry: T) => JSON.stringify(entry) : view;
          for (const entry of page.events) context.terminal.print(show(entry));
          cursor = page.cursor;
          if (page.done || (page.events.length === 0 && !flags.follow)) return;
        }
      });
  };
  add<Line>('logs', 'show what an instance has said', 'logs', lineText);
  add<Event>('watch', 'show the events of an instance', 'subscribe', eventText);
};

const attemptText = (attempt: number | undefined): string =>
  attempt === undefined || attempt === 1 ? '' : ` #${attempt}`;

const lineText = ({ time, level, message, step, attempt }: Line): string =>
  `${momentText(time)}  ${level.padEnd(5)}  ${step === undefined ? '' : `[${step}${attemptText(attempt)}] `}${message}`;

const eventText = ({ type, timestamp, stepName, attempt, message, error }: Event): string => {
  const of = stepName === undefined ? '' : `  ${stepName}${attemptText(attempt)}`;
  const said = message ?? (error && `${error.name}: ${error.message}`);
  return `${momentText(timestamp)}  ${type}${of}${said === undefined ? '' : `  ${said}`}`;
};
