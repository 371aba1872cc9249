import { showValue } from '../core/durations.ts';
import type { SnapshotTask } from '../ports/sandbox.ts';
import { BindingError } from './binding-error.ts';
import { readOptions, readToken, readWorkspace } from './sandbox-arguments.ts';

/** As the guest, or a machine that its tenant may have taken over, asks for it. */
export interface AskedSnapshot {
  readonly kind: SnapshotTask['kind'];
  readonly token?: unknown;
  readonly workspace?: unknown;
  /** A name, or what taking it gave. */
  readonly snapshot?: unknown;
  readonly options?: unknown;
}

/** A digest of a lock file fits. */
const NAME = /^[a-z0-9][a-z0-9._-]{0,99}$/;

/**
 * @param makeName of a snapshot that the tenant does not name
 * @throws BindingError what is wrong with it
 */
export const readSnapshotTask = (tenant: string, asked: AskedSnapshot, makeName: () => string): SnapshotTask => {
  const base = { tenant, token: readToken(asked.token) };
  switch (asked.kind) {
    case 'take': {
      const { name } = readOptions('snapshot', asked.options, ['name']);
      const workspace = readWorkspace(asked.workspace);
      return { ...base, kind: 'take', workspace, snapshot: name === undefined ? makeName() : readName(name) };
    }
    case 'restore': {
      const options = readOptions('restore', asked.options, ['workspace']);
      const { name, workspace } = readReference(asked.snapshot);
      return { ...base, kind: 'restore', snapshot: name, workspace: readWorkspace(options.workspace ?? workspace) };
    }
    case 'remove':
      return { ...base, kind: 'remove', snapshot: readReference(asked.snapshot).name };
    case 'list':
      return { ...base, kind: 'list' };
  }
};

const readReference = (value: unknown): { readonly name: string; readonly workspace?: unknown } => {
  if (typeof value !== 'object' || value === null) return { name: readName(value) };
  const { name, workspace } = value as { readonly name?: unknown; readonly workspace?: unknown };
  return { name: readName(name), workspace };
};

const readName = (value: unknown): string => {
  if (typeof value === 'string' && NAME.test(value)) return value;
  throw new BindingError(
    `A snapshot's name has lower-case letters, digits, dots, hyphens and underscores, at most 100, such as "deps-4f2a"; got ${showValue(value)}`,
  );
};
