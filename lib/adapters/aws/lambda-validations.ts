import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { Validations } from '../../ports/validations.ts';

/** Asks the function that validates uploads, which takes this as well as the store's own events. */
export class LambdaValidations implements Validations {
  readonly #client: LambdaClient;
  readonly #functionName: string;

  constructor(params: { readonly client: LambdaClient; readonly functionName: string }) {
    this.#client = params.client;
    this.#functionName = params.functionName;
  }

  async request({ tenant, bundleId }: { readonly tenant: string; readonly bundleId: string }): Promise<void> {
    await this.#client.send(
      new InvokeCommand({
        FunctionName: this.#functionName,
        InvocationType: 'Event',
        Payload: JSON.stringify({ tenant, bundleId }),
      }),
    );
  }
}
