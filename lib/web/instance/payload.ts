export type Payload =
  | { readonly kind: 'none' }
  | { readonly kind: 'json'; readonly value: unknown }
  /** `problem`: what is wrong with it and, where the browser tells, at which line. */
  | { readonly kind: 'malformed'; readonly problem: string };

export const readPayload = (text: string): Payload => {
  if (text.trim() === '') return { kind: 'none' };
  try {
    return { kind: 'json', value: JSON.parse(text) as unknown };
  } catch (error) {
    return {
      kind: 'malformed',
      problem: `This is no JSON: ${error instanceof Error ? error.message : 'it ends early'}`,
    };
  }
};
