import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import {
  type AwsAnswer,
  type AwsCall,
  AwsError,
  type AwsService,
  type LocalStack,
  type StackResource,
} from '../contract.ts';

const LONGEST_PLAINTEXT = 4_096;
const ID_BYTES = 36;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

type EncryptionContext = Readonly<Record<string, string>>;

/** Keys of the stack. A sealed text tells its key, and opens under the encryption context that it was sealed under. */
export const makeKms = (stack: LocalStack): AwsService => {
  const keys = stack.ofType('AWS::KMS::Key').map((resource) => ({ resource, secret: randomBytes(32) }));
  const find = (name: string) => {
    const found = keys.find(({ resource }) => resource.ref === name || resource.arn === name);
    if (found === undefined) throw new AwsError('NotFoundException', `There is no key ${name}.`);
    return found;
  };

  const encrypt = (call: AwsCall): AwsAnswer => {
    const { KeyId, Plaintext, EncryptionContext: context = {} } = bodyOf(call);
    const { resource, secret } = find(KeyId ?? '');
    demand(call, 'kms:Encrypt', resource, context);
    const plaintext = Buffer.from(Plaintext ?? '', 'base64');
    if (plaintext.length < 1 || plaintext.length > LONGEST_PLAINTEXT) {
      throw new AwsError('ValidationException', `A plaintext has 1 to ${LONGEST_PLAINTEXT} bytes.`);
    }
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', secret, nonce).setAAD(canonical(context));
    const sealed = [Buffer.from(resource.ref), nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()];
    return answerOf({ CiphertextBlob: Buffer.concat(sealed).toString('base64'), KeyId: resource.arn });
  };

  const decrypt = (call: AwsCall): AwsAnswer => {
    const { KeyId, CiphertextBlob, EncryptionContext: context = {} } = bodyOf(call);
    const sealed = Buffer.from(CiphertextBlob ?? '', 'base64');
    const id = sealed.subarray(0, ID_BYTES).toString();
    const key = keys.find(({ resource }) => resource.ref === id);
    if (key === undefined) throw new AwsError('InvalidCiphertextException', 'No key here sealed this.');
    demand(call, 'kms:Decrypt', key.resource, context);
    if (KeyId !== undefined && find(KeyId) !== key) {
      throw new AwsError('IncorrectKeyException', 'Another key sealed this.');
    }
    const plaintext = open(key.secret, sealed.subarray(ID_BYTES), context);
    return answerOf({ Plaintext: plaintext.toString('base64'), KeyId: key.resource.arn });
  };

  return {
    name: 'kms',
    handle: async (call) => {
      if (call.action === 'Encrypt') return encrypt(call);
      if (call.action === 'Decrypt') return decrypt(call);
      throw new AwsError('UnknownOperationException', `${call.action} is not known here.`);
    },
  };
};

/** Condition keys of an encryption context, for whoever calls a key. */
export const encryptionContextKeys = (context: EncryptionContext): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(context).map(([name, value]) => [`kms:EncryptionContext:${name}`, value]));

const demand = (call: AwsCall, action: string, key: StackResource, context: EncryptionContext): void =>
  call.demand({ action, resource: key.arn, context: encryptionContextKeys(context) });

const open = (secret: Buffer, sealed: Buffer, context: EncryptionContext): Buffer => {
  try {
    const decipher = createDecipheriv('aes-256-gcm', secret, sealed.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(canonical(context)).setAuthTag(sealed.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch {
    throw new AwsError('InvalidCiphertextException', 'Altered, or sealed under another context.');
  }
};

/** A context is a set: its order does not count. */
const canonical = (context: EncryptionContext): Buffer =>
  Buffer.from(JSON.stringify(Object.entries(context).toSorted(([one], [other]) => (one < other ? -1 : 1))));

const bodyOf = (call: AwsCall) =>
  JSON.parse(call.body.toString()) as {
    readonly KeyId?: string;
    readonly Plaintext?: string;
    readonly CiphertextBlob?: string;
    readonly EncryptionContext?: EncryptionContext;
  };

const answerOf = (value: unknown): AwsAnswer => ({
  headers: { 'content-type': 'application/x-amz-json-1.1' },
  body: JSON.stringify(value),
});
