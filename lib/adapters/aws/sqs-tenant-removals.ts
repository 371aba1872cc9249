import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { TenantRemovals } from '../../ports/tenant-removals.ts';

/** A removal as a message of the work queue, in its tenant's own group: it waits behind that tenant's work alone. */
export class SqsTenantRemovals implements TenantRemovals {
  readonly #client: SQSClient;
  readonly #queueUrl: string;

  constructor(params: { readonly client: SQSClient; readonly queueUrl: string }) {
    this.#client = params.client;
    this.#queueUrl = params.queueUrl;
  }

  async request(tenant: string): Promise<void> {
    await this.#client.send(
      new SendMessageCommand({
        QueueUrl: this.#queueUrl,
        MessageBody: JSON.stringify({ removesTenant: tenant }),
        MessageGroupId: tenant,
      }),
    );
  }
}

/** The tenant that a message's body wants removed; `undefined`: it is no such message. */
export const readRemoval = (body: string): string | undefined => {
  try {
    const { removesTenant } = JSON.parse(body) as { readonly removesTenant?: unknown };
    return typeof removesTenant === 'string' ? removesTenant : undefined;
  } catch {
    return undefined;
  }
};
