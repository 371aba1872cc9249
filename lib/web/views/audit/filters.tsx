import { goTo, linkTo } from '../../router.ts';
import { fromLocalInput, toLocalInput } from '../instances/filter.ts';

interface AuditFiltersProps {
  readonly parts: readonly string[];
  readonly query: Readonly<Record<string, string>>;
  /** Whether one may ask for a tenant's alone. */
  readonly hasTenant: boolean;
}

export const AuditFilters = ({ parts, query, hasTenant }: AuditFiltersProps) => {
  const { tenant = '', from, to } = query;
  const change = (changed: Readonly<Record<string, string | undefined>>): void =>
    goTo(parts, { ...query, cursor: undefined, ...changed });
  return (
    <search class="filters">
      {hasTenant && (
        <label>
          <span class="label">Tenant</span>
          <input
            class="id"
            autocomplete="off"
            value={tenant}
            onChange={({ currentTarget }) => change({ tenant: currentTarget.value.trim() })}
          />
        </label>
      )}
      <label>
        <span class="label">From</span>
        <input
          type="datetime-local"
          value={toLocalInput(from)}
          onChange={({ currentTarget }) => change({ from: fromLocalInput(currentTarget.value) })}
        />
      </label>
      <label>
        <span class="label">to</span>
        <input
          type="datetime-local"
          value={toLocalInput(to)}
          onChange={({ currentTarget }) => change({ to: fromLocalInput(currentTarget.value) })}
        />
      </label>
      {(tenant !== '' || from !== undefined || to !== undefined) && (
        <a class="button" href={linkTo(parts)}>
          Clear filters
        </a>
      )}
    </search>
  );
};
