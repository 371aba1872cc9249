import { describe, expect, it } from 'vitest';
import { useIsolate } from './isolate.ts';

const { run, same } = useIsolate();

describe('Date', () => {
  it('shows the time of the gate, however it is asked', async () => {
    const seen = await run((_, { gate }) => {
      gate.time = 1_600_000_000_000;
      class Sub extends Date {}
      const ways = [
        Date.now(),
        new Date(...([] as [])).getTime(),
        Date.parse(Date()),
        Date.parse((Date as unknown as (year: number) => string)(1999)),
        new (Date.prototype.constructor as DateConstructor)().getTime(),
        new (new Date(0).constructor as DateConstructor)().getTime(),
        new Sub().getTime(),
        (Reflect.construct(Date, []) as Date).getTime(),
        performance.now(),
        new Event('x').timeStamp,
        new File([], 'x').lastModified,
      ];
      gate.time = Number.POSITIVE_INFINITY;
      return [ways, Number.isNaN(new Date(...([] as [])).getTime())];
    });
    expect(seen).toEqual([Array(11).fill(1_600_000_000_000), true]);
  });

  same('is otherwise as ever', ({ thrown }) => {
    class Sub extends Date {}
    const [date, sub] = [new Date(2020, 1, 29, 12, 30, 15, 5), new Sub(0)];
    return [
      [Date.name, Date.length, Date.prototype.constructor === Date, date instanceof Date, typeof Date()],
      [new Date(5).getTime(), new Date(new Date(7)).getTime(), new Date('2020-01-01T00:00:00Z').getTime()],
      [Number.isNaN(new Date(undefined as never).getTime()), Date.UTC(2000, 0), Date.parse('2000-01-01T00:00Z')],
      [sub instanceof Sub, sub instanceof Date, sub.getTime()],
      Object.prototype.toString.call(new Date(0)),
      thrown(() => Date.prototype.getTime.call({} as Date)),
      Object.getOwnPropertyNames(Date).sort(),
    ];
  });

  it('is in UTC, in every text that it gives', async () => {
    const seen = await run(() => {
      const date = new Date(Date.UTC(2024, 6, 1, 23, 30));
      return [
        date.getTimezoneOffset(),
        date.getHours(),
        new Date(2024, 0, 1).toISOString(),
        date.toString(),
        date.toLocaleString('en-US'),
        date.toLocaleDateString('en-GB'),
        date.toLocaleTimeString('de-DE'),
      ].map((text) => (typeof text === 'string' ? text.replaceAll('\u202f', ' ') : text));
    });
    expect(seen).toEqual([
      0,
      23,
      '2024-01-01T00:00:00.000Z',
      'Mon Jul 01 2024 23:30:00 GMT+0000 (Coordinated Universal Time)',
      '7/1/2024, 11:30:00 PM',
      '01/07/2024',
      '23:30:00',
    ]);
  });
});

describe('Intl', () => {
  it('takes the time of the gate where no date is given, and UTC where no zone is', async () => {
    const seen = await run((_, { gate }) => {
      gate.time = Date.UTC(2021, 4, 6, 7, 8, 9);
      const options = { dateStyle: 'short', timeStyle: 'medium' } as const;
      const format = new Intl.DateTimeFormat('en-GB', options);
      const zoned = new Intl.DateTimeFormat('en-GB', { ...options, timeZone: 'Asia/Tokyo' });
      const { format: bound } = format;
      return [
        format.format(),
        bound(),
        format.format === bound,
        zoned.format(),
        format.formatToParts().length > 0 && format.formatToParts().find(({ type }) => type === 'hour')?.value,
        [
          format.resolvedOptions().timeZone,
          zoned.resolvedOptions().timeZone,
          Intl.DateTimeFormat().resolvedOptions().timeZone,
        ],
        Intl.DateTimeFormat('en-US').format(0),
      ];
    });
    expect(seen).toEqual([
      '06/05/2021, 07:08:09',
      '06/05/2021, 07:08:09',
      true,
      '06/05/2021, 16:08:09',
      '07',
      ['UTC', 'Asia/Tokyo', 'UTC'],
      '1/1/1970',
    ]);
  });

  it('can be replaced, and is changed by no reading', async () => {
    const seen = await run(() => {
      const get = () => Object.getOwnPropertyDescriptor(Intl, 'DateTimeFormat')?.get;
      const before = get();
      const first = Intl.DateTimeFormat;
      const isKept = Intl.DateTimeFormat === first && get() === before;
      Object.assign(Intl, { DateTimeFormat: 'mine' });
      return [isKept, Intl.DateTimeFormat];
    });
    expect(seen).toEqual([true, 'mine']);
  });

  same('keeps the shape of its class', ({ thrown }) => [
    Intl.DateTimeFormat.name,
    Intl.DateTimeFormat.length,
    Intl.DateTimeFormat.supportedLocalesOf(['en-US']),
    Intl.DateTimeFormat.prototype.constructor === Intl.DateTimeFormat,
    Intl.DateTimeFormat('en-US') instanceof Intl.DateTimeFormat,
    new (class extends Intl.DateTimeFormat {})('en-US').format(0),
    thrown(() => new Intl.DateTimeFormat('en-US', null as never)),
    thrown(() => Intl.DateTimeFormat.prototype.format),
    thrown(() => new Intl.DateTimeFormat('en-US', { timeZone: 'Nowhere/Land' })),
    new Intl.DateTimeFormat('en-US', { year: 'numeric' }).formatToParts(0),
  ]);
});

describe('Math.random', () => {
  it('is drawn from the gate one by one', async () => {
    const seen = await run((_, { gate }) => {
      gate.seed = 9;
      const drawn = [Math.random(), Math.random()];
      gate.seed = 9;
      return [drawn, [gate.randomFloat(), gate.randomFloat()], Math.random.name, Math.random.length];
    });
    const [drawn, expected, ...shape] = seen as unknown[];
    expect(drawn).toEqual(expected);
    expect(shape).toEqual(['random', 0]);
  });
});
