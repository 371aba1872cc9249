import { moneyText } from '../../text/wording.ts';
import { layoutPlot } from './plot-layout.ts';

interface UsagePlotProps {
  readonly days: readonly { readonly day: string; readonly price: number }[];
  readonly currency: string;
}

/** The price of each day as a bar. The table of days below holds the same figures. */
export const UsagePlot = ({ days, currency }: UsagePlotProps) => {
  const { width, height, bars, marks, labels } = layoutPlot(days);
  const dearest = days.reduce((most, day) => (day.price > most.price ? day : most), days[0] ?? { day: '', price: 0 });
  return (
    <svg
      class="plot"
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={`Price by day; the most on ${dearest.day}: ${moneyText(dearest.price, currency)}. The table below has each day.`}
    >
      {marks.map(({ y, value }) => (
        <g key={y}>
          <line x1={64} x2={width} y1={y} y2={y} />
          <text x={58} y={y + 4} text-anchor="end">
            {moneyText(value, currency)}
          </text>
        </g>
      ))}
      {bars.map(({ day, value, ...bar }) => (
        <rect key={day} {...bar} rx={2}>
          <title>{`${day}: ${moneyText(value, currency)}`}</title>
        </rect>
      ))}
      {labels.map(({ x, text }) => (
        <text key={text} x={x} y={height - 6} text-anchor="middle">
          {text}
        </text>
      ))}
    </svg>
  );
};
