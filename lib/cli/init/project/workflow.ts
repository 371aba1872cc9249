import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from 'cloudflare:workers';

export interface Signup {
  readonly name: string;
}

export interface Approval {
  readonly by: string;
}

/** Opens an account, lets somebody approve it within a week, and says welcome. */
export class Onboarding extends WorkflowEntrypoint<unknown, Signup> {
  override async run(event: WorkflowEvent<Signup>, step: WorkflowStep): Promise<string> {
    const account = await step.do('open the account', async () => `acct-${event.payload.name}`);
    console.log('opened', account);
    const { payload } = await step.waitForEvent<Approval>('approval', { type: 'approved', timeout: '7 days' });
    return step.do('welcome', async () => `${account}, approved by ${payload.by}`);
  }
}
