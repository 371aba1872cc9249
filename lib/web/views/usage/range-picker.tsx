import { goTo, linkTo } from '../../router.ts';
import { type DayRange, lastDays } from './range.ts';

const PRESETS = [7, 30, 90, 365];

interface RangePickerProps {
  readonly parts: readonly string[];
  readonly range: DayRange;
}

export const RangePicker = ({ parts, range }: RangePickerProps) => {
  const change = (changed: Partial<DayRange>): void => goTo(parts, { ...range, ...changed });
  return (
    <search class="filters">
      <label>
        <span class="label">From</span>
        <input
          type="date"
          required
          max={range.to}
          value={range.from}
          onChange={({ currentTarget }) => currentTarget.value !== '' && change({ from: currentTarget.value })}
        />
      </label>
      <label>
        <span class="label">to</span>
        <input
          type="date"
          required
          min={range.from}
          value={range.to}
          onChange={({ currentTarget }) => currentTarget.value !== '' && change({ to: currentTarget.value })}
        />
      </label>
      <ul class="chips" aria-label="Last days">
        {PRESETS.map((count) => {
          const preset = lastDays(count, Date.now());
          const isChosen = preset.from === range.from && preset.to === range.to;
          return (
            <li key={count}>
              <a href={linkTo(parts, { ...preset })} {...(isChosen && { 'aria-current': 'true' })}>
                {count} days
              </a>
            </li>
          );
        })}
      </ul>
    </search>
  );
};
