/** A share of a width, for a style. */
export const percent = (share: number): string => `${share * 100}%`;
