/** ISO 8601 as `datetime-local` has it, in the reader's own zone; empty for what is no time. */
export const toLocalInput = (iso: string | undefined): string => {
  const ms = Date.parse(iso ?? '');
  if (Number.isNaN(ms)) return '';
  const local = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
};

export const fromLocalInput = (text: string): string | undefined =>
  text === '' || Number.isNaN(Date.parse(text)) ? undefined : new Date(text).toISOString();
