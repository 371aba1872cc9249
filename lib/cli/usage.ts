import type { Command } from 'commander';
import { lengthText, sizeText } from '../client/wording.ts';
import type { Units } from '../core/usage.ts';
import { type CommandContext, connectionOf, show } from './command-context.ts';
import { tableText } from './wording.ts';

interface Charge {
  readonly units: Units;
  readonly price: number;
}

interface UsageReport {
  readonly from: string;
  readonly to: string;
  readonly currency: string;
  readonly total: Charge;
  readonly workflows: readonly (Charge & { readonly workflow: string })[];
}

export const addUsage = (program: Command, context: CommandContext): void => {
  program
    .command('usage')
    .description('what a tenant has used, and its price, by UTC days')
    .option('--from <day>', 'first day, such as 2026-01-31; the last 30 days where it is left out')
    .option('--to <day>', 'last day, today where it is left out')
    .action(async (flags: { readonly from?: string; readonly to?: string }, command: Command) => {
      const connection = connectionOf(command, context);
      const query = new URLSearchParams();
      if (flags.from !== undefined) query.set('from', `${flags.from}T00:00:00Z`);
      if (flags.to !== undefined) query.set('to', `${flags.to}T23:59:59Z`);
      const search = query.size === 0 ? '' : `?${query}`;
      const report = await connection.client.call<UsageReport>('GET', `${connection.tenantPath()}/usage${search}`);
      show(context, connection, report, () => usageText(report));
    });
};

const usageText = ({ from, to, currency, total, workflows }: UsageReport): string => {
  const row = (name: string, { units, price }: Charge): readonly string[] => [
    name,
    String(units.instances),
    String(units.steps),
    lengthText(units.cpuMs),
    sizeText(units.bytes),
    String(units.requests),
    `${price.toFixed(6)} ${currency}`,
  ];
  const table = tableText(
    ['WORKFLOW', 'INSTANCES', 'STEPS', 'CPU', 'STORED', 'REQUESTS', 'PRICE'],
    [...workflows.map((charge) => row(charge.workflow, charge)), row('in all', total)],
  );
  return `${from} to ${to}\n${table}`;
};
