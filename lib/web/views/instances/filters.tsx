import { SpanInputs } from '../../parts/span-inputs.tsx';
import { goTo, linkTo } from '../../router.ts';
import type { InstanceFilter } from './filter.ts';

interface InstanceFiltersProps {
  readonly parts: readonly string[];
  readonly filter: InstanceFilter;
  readonly workflows: readonly string[];
}

export const InstanceFilters = ({ parts, filter, workflows }: InstanceFiltersProps) => {
  const { workflow = '', from, to, status } = filter;
  // A workflow that the active version has no more may still have instances.
  const names = workflows.includes(workflow) ? workflows : [workflow, ...workflows];
  const change = (changed: Partial<InstanceFilter>): void => goTo(parts, { ...filter, cursor: undefined, ...changed });
  return (
    <search class="filters">
      <label>
        <span class="label">Workflow</span>
        <select value={workflow} onChange={({ currentTarget }) => change({ workflow: currentTarget.value })}>
          {names.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <SpanInputs from={from} to={to} label="Created from" onChange={change} />
      {(from ?? to ?? status) !== undefined && (
        <a class="button" href={linkTo(parts, { workflow })}>
          Clear filters
        </a>
      )}
    </search>
  );
};
