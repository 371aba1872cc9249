import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Authorizer,
  AwsError,
  type LocalStack,
  type Need,
  type Principal,
  type StackResource,
} from '../contract.ts';

const REGION = 'eu-central-1';
const ACCOUNT = '111122223333';

/** A stack by hand: functions are scripts written into packages of their own, in a folder that is removed at the end. */
export class StackFixture {
  readonly folder = mkdtempSync(join(tmpdir(), 'tenon-stack-'));
  readonly #resources: StackResource[] = [];

  /** `script`: `index.mjs`, whose `handler` is called. `properties`: beyond what each function has. */
  addFunction(logicalId: string, script: string, properties: object = {}): string {
    const folder = join(this.folder, `asset.${logicalId}`);
    mkdirSync(folder);
    writeFileSync(join(folder, 'index.mjs'), script);
    return this.add('AWS::Lambda::Function', logicalId, `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${logicalId}`, {
      Handler: 'index.handler',
      Architectures: ['arm64'],
      Code: { S3Key: `${logicalId}.zip` },
      Role: `arn:aws:iam::${ACCOUNT}:role/${logicalId}Role`,
      Timeout: 20,
      ...properties,
    });
  }

  /** Adds a file to a function's package. */
  write(logicalId: string, name: string, text: string): void {
    writeFileSync(join(this.folder, `asset.${logicalId}`, name), text);
  }

  /** @returns the ARN */
  add(type: string, logicalId: string, arn: string, properties: object): string {
    this.#resources.push({ logicalId, type, ref: logicalId, arn, properties });
    return arn;
  }

  get stack(): LocalStack {
    const ofType = (type: string): readonly StackResource[] =>
      this.#resources.filter((resource) => resource.type === type);
    return {
      name: 'Fixture',
      account: ACCOUNT,
      region: REGION,
      resources: this.#resources,
      outputs: {},
      assemblyFolder: this.folder,
      ofType,
      find: (type, prefix = '') => {
        const [found] = ofType(type).filter(({ logicalId }) => logicalId.startsWith(prefix));
        if (found === undefined) throw new Error(`no ${type} ${prefix}`);
        return found;
      },
    };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

export interface Asked {
  readonly principal: Principal;
  readonly need: Need;
}

/** Allows everything but what was taken away, and keeps what it was asked. */
export class ListAuthorizer implements Authorizer {
  readonly asked: Asked[] = [];
  readonly denied = new Set<string>();

  demand(principal: Principal, need: Need): void {
    this.asked.push({ principal, need });
    if (this.denied.has(need.action)) throw new AwsError('AccessDeniedException', `no ${need.action}`, 403);
  }
}

export const CREDENTIALS = { accessKeyId: 'ASIAFUNCTION', secretAccessKey: 'secret', sessionToken: 'token' };
