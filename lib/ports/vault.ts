/** Seals tenants' secrets at rest: KMS on AWS, a key file of mode 0600 on one machine. */
export interface Vault {
  /** `context` is bound to the text: one tenant's sealed text opens under no other's name. */
  seal(text: string, context: string): Promise<string>;
  open(sealed: string, context: string): Promise<string>;
}
