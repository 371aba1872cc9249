/** Stands in for the real function where only the template matters. */
export const handler = async (): Promise<string> => 'dispatcher';
