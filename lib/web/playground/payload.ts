export type Payload =
  | { readonly kind: 'value'; readonly value: unknown }
  /** Nothing was written: the instance gets no payload. */
  | { readonly kind: 'none' }
  | { readonly kind: 'invalid'; readonly message: string };

export const readPayload = (text: string): Payload => {
  if (text.trim() === '') return { kind: 'none' };
  try {
    return { kind: 'value', value: JSON.parse(text) as unknown };
  } catch (error) {
    return { kind: 'invalid', message: error instanceof Error ? error.message : String(error) };
  }
};
