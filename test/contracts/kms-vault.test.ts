import { CreateKeyCommand } from '@aws-sdk/client-kms';
import { afterEach, describe, expect, it } from 'vitest';
import { makeKmsClient } from '../../lib/adapters/aws/aws-clients.ts';
import { KmsVault } from '../../lib/adapters/aws/kms-vault.ts';
import { keyService, type StandIn, startStandIn } from './aws-stand-ins.ts';
import { ManualClock } from './contract.ts';
import { otherAws, serviceOr } from './other-aws.ts';
import { testVault } from './vault-contract.ts';

const clock = new ManualClock();
let standIn: StandIn;
let keyId = 'key';
const makeVault = (): KmsVault => new KmsVault({ client: makeKmsClient(standIn.config), keyId, clock });
const setup = async (): Promise<KmsVault> => {
  standIn = await startStandIn(serviceOr(keyService()));
  if (otherAws !== undefined) {
    const made = await makeKmsClient(standIn.config).send(new CreateKeyCommand({}));
    keyId = made.KeyMetadata?.KeyId ?? '';
    standIn.calls.length = 0;
  }
  return makeVault();
};

testVault({ setup, teardown: async () => standIn.close() });

describe('a vault on KMS', () => {
  afterEach(() => standIn.close());

  it('names the tenant in the context that KMS and its policies look at', async () => {
    const vault = await setup();
    await vault.open(await vault.seal('hunter2', 'acme/TOKEN'), 'acme/TOKEN');
    for (const { body } of standIn.calls) {
      expect(JSON.parse(body.toString()).EncryptionContext).toEqual({ tenant: 'acme', name: 'TOKEN' });
      expect(body.toString()).not.toContain('hunter2');
    }
  });

  it('seals what is longer than KMS takes', async () => {
    const vault = await setup();
    const text = 'x'.repeat(60_000);
    expect(await makeVault().open(await vault.seal(text, 'acme/TOKEN'), 'acme/TOKEN')).toBe(text);
  });

  it('asks KMS once in five minutes for a secret that is opened with every turn', async () => {
    const vault = await setup();
    const sealed = await vault.seal('hunter2', 'acme/TOKEN');
    for (let turn = 0; turn < 10; turn += 1) await vault.open(sealed, 'acme/TOKEN');
    expect(standIn.calls.length).toBe(2);
    await expect(vault.open(sealed, 'globex/TOKEN')).rejects.toThrow();
    clock.at += 300_000;
    await vault.open(sealed, 'acme/TOKEN');
    expect(standIn.calls.filter(({ operation }) => operation === 'Decrypt').length).toBe(3);
  });
});
