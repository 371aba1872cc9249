const NUMBER = /^\d{1,2}$/;
const EVERY = /^\*\/(\d{1,2})$/;
const DAYS: Readonly<Record<string, string>> = {
  SUN: 'Sunday',
  MON: 'Monday',
  TUE: 'Tuesday',
  WED: 'Wednesday',
  THU: 'Thursday',
  FRI: 'Friday',
  SAT: 'Saturday',
};
const DAY_NAMES = Object.keys(DAYS);

/** What people write most, in words; any other cron is its own best description. All times are UTC. */
export const cronText = (cron: string): string => {
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = cron.split(' ');
  if (month !== '*') return cron;
  if (day === '*' && weekday === '*' && hour === '*') {
    if (minute === '*') return 'every minute';
    const every = EVERY.exec(minute)?.[1];
    if (every !== undefined) return `every ${every} minutes`;
    return NUMBER.test(minute) ? `every hour at :${minute.padStart(2, '0')}` : cron;
  }
  if (!NUMBER.test(minute) || !NUMBER.test(hour)) return cron;
  const time = `at ${hour.padStart(2, '0')}:${minute.padStart(2, '0')} UTC`;
  if (day === '*' && weekday === '*') return `every day ${time}`;
  if (day === '*') return `${weekdayText(weekday) ?? weekday} ${time}`;
  return weekday === '*' && NUMBER.test(day) ? `on day ${day} of each month ${time}` : cron;
};

const weekdayText = (field: string): string | undefined => {
  if (field === 'MON-FRI' || field === '1-5') return 'Monday to Friday';
  const names = field.split(',').map((one) => DAYS[NUMBER.test(one) ? (DAY_NAMES[Number(one) % 7] ?? '') : one]);
  return names.every((name) => name !== undefined) ? names.join(', ') : undefined;
};
