import type { Tenant } from '../../../client/operations.ts';

type Limits = Tenant['limits'];
export type LimitName = keyof Limits;

export const LIMITS: readonly { readonly name: LimitName; readonly label: string; readonly hint: string }[] = [
  { name: 'cpuMs', label: 'CPU of an activation, ms', hint: 'One turn of an instance, or one request' },
  { name: 'memoryMb', label: 'Memory, MB', hint: 'Of one activation' },
  { name: 'steps', label: 'Steps of an instance', hint: 'A workflow may ask for fewer' },
  { name: 'createPerSecond', label: 'New instances a second', hint: 'What comes above is refused' },
  { name: 'concurrent', label: 'Turns at the same time', hint: 'Others wait in line' },
  { name: 'subrequests', label: 'Calls to the outside', hint: 'Of one activation' },
  { name: 'storageMb', label: 'Objects, MiB', hint: 'All that it keeps in env.BUCKET' },
];

/** As typed; empty: the default. */
export type LimitDraft = Readonly<Record<LimitName, string>>;

export const limitDraftOf = (limits: Limits): LimitDraft => ({
  cpuMs: String(limits.cpuMs),
  memoryMb: String(limits.memoryMb),
  steps: String(limits.steps),
  createPerSecond: String(limits.createPerSecond),
  concurrent: String(limits.concurrent),
  subrequests: String(limits.subrequests),
  storageMb: String(limits.storageMb),
});

/** What differs from how it is; `null` takes a limit back to its default. */
export const limitChanges = (limits: Limits, draft: LimitDraft): Partial<Record<LimitName, number | null>> =>
  Object.fromEntries(
    LIMITS.filter(({ name }) => draft[name].trim() !== String(limits[name])).map(({ name }) => [
      name,
      draft[name].trim() === '' ? null : Number(draft[name]),
    ]),
  );
