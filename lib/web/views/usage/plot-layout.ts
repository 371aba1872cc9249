/** Bars and their axis, in the units of a view box. */
export interface PlotLayout {
  readonly width: number;
  readonly height: number;
  readonly bars: readonly Bar[];
  /** Lines across, from the ground up. */
  readonly marks: readonly { readonly y: number; readonly value: number }[];
  readonly labels: readonly { readonly x: number; readonly text: string }[];
}

export interface Bar {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly day: string;
  readonly value: number;
}

const WIDTH = 900;
const HEIGHT = 200;
const LEFT = 70;
const BOTTOM = 24;
const TOP = 8;
const MARKS = 4;
const LABELS = 6;
const MAX_BAR = 36;
/** Of a day on which something was used, however little: it has to be seen. */
const MIN_BAR = 1.5;

export const layoutPlot = (days: readonly { readonly day: string; readonly price: number }[]): PlotLayout => {
  const top = niceCeiling(Math.max(0, ...days.map(({ price }) => price)));
  const room = HEIGHT - BOTTOM - TOP;
  const slot = (WIDTH - LEFT) / Math.max(1, days.length);
  const width = Math.min(MAX_BAR, slot * 0.72);
  const heightOf = (value: number): number => (value === 0 ? 0 : Math.max(MIN_BAR, (value / top) * room));
  const middleOf = (index: number): number => LEFT + slot * (index + 0.5);
  const every = Math.max(1, Math.ceil(days.length / LABELS));
  return {
    width: WIDTH,
    height: HEIGHT,
    bars: days.map(({ day, price }, index) => ({
      x: middleOf(index) - width / 2,
      y: HEIGHT - BOTTOM - heightOf(price),
      width,
      height: heightOf(price),
      day,
      value: price,
    })),
    marks: Array.from({ length: MARKS + 1 }, (_, mark) => ({
      y: HEIGHT - BOTTOM - (room * mark) / MARKS,
      value: (top * mark) / MARKS,
    })),
    labels: days.flatMap(({ day }, index) => (index % every === 0 ? [{ x: middleOf(index), text: day.slice(5) }] : [])),
  };
};

/** The next 1, 2, 4 or 10 of its power: quarters of them read well. 1 for nothing. */
export const niceCeiling = (value: number): number => {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 4, 10].find((nice) => value <= nice * power * (1 + Number.EPSILON)) ?? 10) * power;
};
