import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { CheckRuns } from '../../ports/check-runs.ts';

export interface CheckName {
  readonly tenant: string;
  readonly version: string;
  readonly id: string;
}

/** A portion of a check as a message of the work queue, in its tenant's own group. */
export class SqsCheckRuns implements CheckRuns {
  readonly #client: SQSClient;
  readonly #queueUrl: string;

  constructor(params: { readonly client: SQSClient; readonly queueUrl: string }) {
    this.#client = params.client;
    this.#queueUrl = params.queueUrl;
  }

  async request({ tenant, version, id }: CheckName): Promise<void> {
    await this.#client.send(
      new SendMessageCommand({
        QueueUrl: this.#queueUrl,
        MessageBody: JSON.stringify({ runsCheck: { tenant, version, id } }),
        MessageGroupId: tenant,
      }),
    );
  }
}

/** The check that a message's body wants to go on; `undefined`: it is no such message. */
export const readCheckRun = (body: string): CheckName | undefined => {
  try {
    const { runsCheck } = JSON.parse(body) as { readonly runsCheck?: Partial<CheckName> };
    const { tenant, version, id } = runsCheck ?? {};
    const isOne = typeof tenant === 'string' && typeof version === 'string' && typeof id === 'string';
    return isOne ? { tenant, version, id } : undefined;
  } catch {
    return undefined;
  }
};
