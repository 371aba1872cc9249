import { PageUnderTest } from './page-under-test.ts';

/** When a browser that has never been here sees something, on loopback: `node test/web/first-paint.ts`. */
const TIMES = 10;
const PAINT = `new Promise((seen) => new PerformanceObserver((list) => {
  const [first] = list.getEntriesByName('first-contentful-paint');
  if (first) seen(first.startTime);
}).observe({ type: 'paint', buffered: true }))`;

const put = new PageUnderTest();
await put.start();
try {
  const paints: number[] = [];
  for (let time = 0; time < TIMES; time += 1) {
    const page = await put.open();
    paints.push((await page.evaluate(PAINT)) as number);
    await page.context().close();
  }
  paints.sort((a, b) => a - b);
  const ms = (value: number | undefined): string => `${Math.round(value ?? 0)} ms`;
  console.log(`first paint of ${TIMES}: ${ms(paints[0])} to ${ms(paints.at(-1))}, median ${ms(paints[TIMES >> 1])}`);
} finally {
  await put.stop();
}
