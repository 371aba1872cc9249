import { SECOND_MS } from '../core/limits.ts';
import { MicroVmBusy, type MicroVms, noMicroVms } from '../ports/micro-vms.ts';
import type { Wake } from '../ports/wake-queue.ts';
import { countAsked } from './asked-usage.ts';
import { sendAsked } from './asked-wakes.ts';
import type { Dependencies } from './dependencies.ts';
import type { TurnRunner } from './turn-runner.ts';

/** A message that comes this early may as well be taken. */
const EARLY_MS = SECOND_MS / 4;
/** A tenant whose machines are all at work is asked for again after this, and up to as much again. */
const BUSY_MS = 2 * SECOND_MS;
/** Commands that the turns of one tenant may ask for at a time. */
const MAX_COMMANDS = 1_000;

type Needs = Pick<Dependencies, 'clock' | 'randomness' | 'tenants' | 'wakes' | 'usage'> & {
  readonly turns: Pick<TurnRunner, 'run'>;
  /** Absent: this installation has none, and a tenant of that level is not run beside others. */
  readonly microVms: Pick<MicroVms, 'runTurns'> | undefined;
  /** Checks and starts a command that a step of that tenant has asked for in a machine of its own. */
  readonly startCommand: (tenant: string, command: unknown) => Promise<void>;
  readonly onError: (error: unknown) => void;
};

/**
 * Runs the turns that messages ask for, all at once: here, or in a machine of the tenant's own where its level or the message
 * says so. A message that comes early is sent again. Gives the indexes of those that have to come again.
 */
export const dispatchWakes = async (
  deps: Needs,
  { wakes, endsAt }: { readonly wakes: readonly Wake[]; readonly endsAt: number },
): Promise<ReadonlySet<number>> => {
  const failed = new Set<number>();
  const ofTenants = new Map<string, number[]>();
  for (const [index, { key }] of wakes.entries()) {
    ofTenants.set(key.tenant, [...(ofTenants.get(key.tenant) ?? []), index]);
  }
  const attempt = async (indexes: readonly number[], act: () => Promise<void>): Promise<void> => {
    try {
      await act();
    } catch (error) {
      deps.onError(error);
      for (const index of indexes) failed.add(index);
    }
  };
  await Promise.all(
    [...ofTenants].map(([tenantId, indexes]) =>
      attempt(indexes, async () => {
        const tenant = await deps.tenants.getTenant(tenantId);
        if (tenant === undefined) return;
        const now = deps.clock.now();
        const due: Wake[] = [];
        for (const index of indexes) {
          const wake = wakes[index];
          if (wake === undefined) continue;
          if (wake.at !== undefined && wake.at - now > EARLY_MS) await deps.wakes.wake(wake);
          else due.push(wake);
        }
        if (due.length === 0) return;
        const isApart = (wake: Wake): boolean => tenant.isolation === 'microvm' || wake.isApart === true;
        const [apart, here] = [due.filter(isApart), due.filter((wake) => !isApart(wake))];
        await Promise.all([
          ...(apart.length > 0 ? [runApart(deps, tenantId, apart, endsAt)] : []),
          ...here.map((wake) => deps.turns.run(wake)),
        ]);
      }),
    ),
  );
  return failed;
};

const runApart = async (deps: Needs, tenant: string, due: readonly Wake[], endsAt: number): Promise<void> => {
  const { microVms } = deps;
  if (microVms === undefined) throw noMicroVms(tenant);
  try {
    const { asked, commands, used, problems } = await microVms.runTurns({ tenant, wakes: due, endsAt });
    countAsked(deps.usage, tenant, used);
    for (const problem of problems) deps.onError(new Error(`In a machine of ${tenant}: ${problem}`));
    for (const command of commands.slice(0, MAX_COMMANDS)) await deps.startCommand(tenant, command).catch(deps.onError);
    await sendAsked(deps, tenant, asked);
  } catch (error) {
    if (!(error instanceof MicroVmBusy)) throw error;
    for (const wake of due) {
      // Apart from each other, so that they do not all meet again.
      const share = Number.parseInt(deps.randomness.id().slice(0, 4), 16) / 0x1_0000;
      await deps.wakes.wake({ ...wake, at: deps.clock.now() + BUSY_MS * (1 + share) });
    }
  }
};
