import type { AuditActor, AuditEntry } from '../ports/audit-log.ts';
import type { Dependencies } from '../service/dependencies.ts';
import type { Caller, Keys } from './auth.ts';
import { statusOf } from './problems.ts';

/** Whose changes are written down: the operator's everywhere, anyone's where the operator has a say. */
export type AuditedBy = 'operator' | 'anyone';

/** A change that has passed every check before its handler. */
export interface Change {
  /** `PATCH /v1/tenants/{tenant}`, and so on. */
  readonly operation: string;
  readonly caller: Caller | undefined;
  readonly path: Readonly<Record<string, string>>;
  /** The one that the call concerns. */
  readonly tenant: string | undefined;
  readonly traceId: string;
}

/** What is seen of an answer. */
interface Outcome {
  readonly status: number;
  readonly made?: Readonly<Record<string, string>>;
}

interface Witness {
  readonly deps: Pick<Dependencies, 'audit' | 'clock' | 'randomness'>;
  readonly keys: Pick<Keys, 'isSecret'>;
  readonly onError: (error: unknown, context: { readonly route: string; readonly traceId: string }) => void;
}

const SECRET = '(a key)';

/**
 * Does what changes something between two writes of its entry: what took effect has one, whatever fails in between. Where the
 * first cannot be written nothing is done. Where the second cannot, the entry says that it is not known what became of it, and
 * the caller hears what did.
 */
export const withAudit = async <T extends Outcome>(
  { deps, keys, onError }: Witness,
  { operation, caller, path, tenant, traceId }: Change,
  act: () => Promise<T>,
): Promise<T> => {
  const names = Object.entries(path).filter(([name]) => name !== 'tenant');
  const entry: AuditEntry = {
    id: deps.randomness.id(),
    at: deps.clock.now(),
    by: actorOf(caller),
    operation,
    // Nobody is to find a key here that somebody wrote where its id belongs.
    names: Object.fromEntries(names.map(([name, value]) => [name, keys.isSecret(value) ? SECRET : value])),
    ...(tenant !== undefined && { tenant }),
    traceId,
  };
  await deps.audit.write(entry);
  const end = ({ status, made }: Outcome): Promise<void> =>
    deps.audit.write({ ...entry, names: { ...entry.names, ...made }, status }).catch((error: unknown) => {
      onError(error, { route: operation, traceId });
    });
  try {
    const answer = await act();
    await end(answer);
    return answer;
  } catch (error) {
    await end({ status: statusOf(error) });
    throw error;
  }
};

/** Reads are not written down, and of tenants' own calls only those on what the operator has a say in. */
export const isAudited = (method: string, auditedBy: AuditedBy, caller: Caller | undefined): boolean =>
  method !== 'GET' && caller !== undefined && (auditedBy === 'anyone' || caller.kind === 'operator');

const actorOf = (caller: Caller | undefined): AuditActor =>
  caller?.kind === 'tenant' ? { kind: 'key', keyId: caller.keyId } : { kind: 'operator' };
