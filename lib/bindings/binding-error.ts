/** A refusal whose message is for the tenant: it says what to change and names no address, path or stack of the host. */
export class BindingError extends Error {
  override readonly name = 'BindingError';
}
