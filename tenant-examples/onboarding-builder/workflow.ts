import {
  type TenantStorage,
  WorkflowEntrypoint,
  type WorkflowEvent,
  type WorkflowStep,
  type WorkflowTimeoutDuration,
} from 'cloudflare:workers';

// Compiled from a flow: what is to change is changed there.

interface Env {
  STORAGE: TenantStorage;
}

interface Payload {
  team: string;
  owner: string;
  seats: number;
}

interface Decision {
  approved: boolean;
  by: string;
}

/** Silence is a no. */
const decision = async (step: WorkflowStep, name: string, type: string, timeout: WorkflowTimeoutDuration) => {
  try {
    const { payload } = await step.waitForEvent<Decision>(name, { type, timeout });
    return payload;
  } catch (error) {
    if (error instanceof Error && error.name === 'WorkflowTimeoutError') return { approved: false, by: 'nobody' };
    throw error;
  }
};

export class TeamOnboarding extends WorkflowEntrypoint<Env, Payload> {
  async run(event: WorkflowEvent<Payload>, step: WorkflowStep) {
    const $payload = event.payload;
    const $account = await step.do('prepare the account', async () => ({
      key: `accounts/${$payload.team}`,
      title: `${$payload.team} (${$payload.seats} seats)`,
      plan: 'team',
    }));
    if (!($payload.seats >= 50)) {
      await step.do('open the account', async () => {
        await this.env.STORAGE.put($account.key, {
          title: $account.title,
          owner: $payload.owner,
        });
      });
      await step.sleep('let it settle', '1 second');
      return {
        team: $payload.team,
        outcome: 'open',
        account: $account.key,
      };
    }
    const $review = await decision(step, 'sales says yes', 'sales-decision', '3 days');
    if ($review.approved !== true) {
      return {
        team: $payload.team,
        outcome: `refused by ${$review.by}`,
      };
    }
    await step.do('note who agreed', async () => {
      await this.env.STORAGE.put(`reviews/${$payload.team}`, {
        by: $review.by,
      });
    });
    await step.do('open the account', async () => {
      await this.env.STORAGE.put($account.key, {
        title: $account.title,
        owner: $payload.owner,
        agreedBy: $review.by,
      });
    });
    await step.sleep('let it settle', '1 second');
    return {
      team: $payload.team,
      outcome: 'open',
      account: $account.key,
    };
  }
}
