/** An instant for a sentence: the time of day alone where it is today's. @param at epoch ms, as `now` */
export const instantText = (at: number, now: number): string => {
  const date = new Date(at);
  const time = date.toLocaleTimeString(undefined, { timeStyle: 'medium' });
  const isToday = date.toDateString() === new Date(now).toDateString();
  return isToday ? time : `${date.toLocaleDateString(undefined, { dateStyle: 'medium' })}, ${time}`;
};
