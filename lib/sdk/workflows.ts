/** What `import ... from 'cloudflare:workflows'` (and `'tenon:workflows'`) gives a tenant. */

/**
 * Thrown in a step's callback: the step fails at once, without another attempt. Known by its class, whatever its name,
 * and by the name `NonRetryableError`, whatever its class.
 */
export class NonRetryableError extends Error {
  constructor(message: string, name = 'NonRetryableError') {
    super(message);
    this.name = name;
  }
}
