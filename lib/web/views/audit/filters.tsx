import { SpanInputs } from '../../parts/span-inputs.tsx';
import { goTo, linkTo } from '../../router.ts';

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
      <SpanInputs from={from} to={to} label="From" onChange={change} />
      {(tenant !== '' || from !== undefined || to !== undefined) && (
        <a class="button" href={linkTo(parts)}>
          Clear filters
        </a>
      )}
    </search>
  );
};
