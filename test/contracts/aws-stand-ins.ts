import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Just enough of S3, KMS, SQS and Scheduler, on loopback, to see what the adapters say and to answer as the services do.
 * Signatures and policies are not looked at here: that is the local cloud's part. With `TEST_AWS_ENDPOINT` another
 * implementation answers (`other-aws.ts`).
 */
export interface Call {
  readonly method: string;
  /** `PUT /bucket/key`, or the operation's name. */
  readonly operation: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export interface StandIn {
  readonly config: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  readonly calls: Call[];
  close(): Promise<void>;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export type Service = (call: Call, url: URL) => Answer | Promise<Answer>;

export const startStandIn = async (service: Service): Promise<StandIn> => {
  const calls: Call[] = [];
  const server: Server = createServer((request, response) => void serve(request, response));
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? '/', 'http://stand-in');
    const target = request.headers['x-amz-target'];
    const operation =
      typeof target === 'string' ? (target.split('.').at(-1) ?? '') : `${request.method} ${decodeURI(url.pathname)}`;
    const call: Call = {
      method: request.method ?? '',
      operation,
      headers: request.headers,
      body: Buffer.concat(chunks),
    };
    calls.push(call);
    const answer = await service(call, url);
    response.writeHead(answer.status ?? 200, answer.headers);
    response.end(answer.body);
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    config: {
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    },
    calls,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

/** When every object was made, to the second as S3 has it. */
const MADE = new Date(Math.floor(Date.now() / 1_000) * 1_000);

/** Objects of one bucket by path-style addresses; lists come in pages of `pageSize`. */
export const objectService = (pageSize: number): Service => {
  const objects = new Map<string, Buffer>();
  const uploadInParts = partsService(objects);
  const keyOf = (url: URL): string => decodeURIComponent(url.pathname).split('/').slice(2).join('/');
  return ({ method, headers, body }, url) => {
    const key = keyOf(url);
    if (url.searchParams.has('uploads') || url.searchParams.has('uploadId')) {
      return uploadInParts({ method, body }, url, key);
    }
    switch (method) {
      case 'PUT': {
        if (headers['if-none-match'] === '*' && objects.has(key)) return { status: 412 };
        const source = headers['x-amz-copy-source'];
        if (typeof source === 'string') {
          const copied = objects.get(decodeURIComponent(source).split('/').slice(1).join('/'));
          if (copied !== undefined) objects.set(key, copied);
          return copied === undefined ? { status: 404 } : { body: '<?xml version="1.0"?><CopyObjectResult/>' };
        }
        objects.set(key, body);
        return {};
      }
      case 'DELETE':
        objects.delete(key);
        return { status: 204 };
      case 'POST': {
        for (const [, found = ''] of body.toString().matchAll(/<Key>([^<]*)<\/Key>/g)) objects.delete(found);
        return { body: '<?xml version="1.0"?><DeleteResult/>' };
      }
      default: {
        if (key === '') return { body: listText(objects, url, pageSize) };
        const found = objects.get(key);
        if (found === undefined) {
          return {
            status: 404,
            body: '<?xml version="1.0"?><Error><Code>NoSuchKey</Code><Message>none</Message></Error>',
          };
        }
        const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
        if (method === 'HEAD')
          return { headers: { 'content-length': `${found.length}`, 'last-modified': MADE.toUTCString() } };
        if (first === undefined) return { body: found };
        if (Number(first) >= found.length) {
          return { status: 416, body: '<?xml version="1.0"?><Error><Code>InvalidRange</Code></Error>' };
        }
        const part = found.subarray(Number(first), Number(last) + 1);
        const range = `bytes ${first}-${Number(first) + part.length - 1}/${found.length}`;
        return { status: 206, headers: { 'content-range': range }, body: part };
      }
    }
  };
};

/** Uploads in parts: an object is there when its upload is completed. */
const partsService = (objects: Map<string, Buffer>) => {
  const uploads = new Map<string, Map<number, Buffer>>();
  return ({ method, body }: Pick<Call, 'method' | 'body'>, url: URL, key: string): Answer => {
    const id = url.searchParams.get('uploadId');
    if (id === null) {
      const made = randomBytes(8).toString('hex');
      uploads.set(made, new Map());
      return {
        body: `<?xml version="1.0"?><InitiateMultipartUploadResult><UploadId>${made}</UploadId></InitiateMultipartUploadResult>`,
      };
    }
    const parts = uploads.get(id);
    if (parts === undefined) {
      return { status: 404, body: '<?xml version="1.0"?><Error><Code>NoSuchUpload</Code></Error>' };
    }
    const number = Number(url.searchParams.get('partNumber'));
    if (method === 'PUT') {
      parts.set(number, body);
      return { headers: { etag: `"${number}"` } };
    }
    uploads.delete(id);
    if (method === 'DELETE') return { status: 204 };
    objects.set(key, Buffer.concat([...parts].toSorted(([a], [b]) => a - b).map(([, part]) => part)));
    return { body: '<?xml version="1.0"?><CompleteMultipartUploadResult/>' };
  };
};

const listText = (objects: ReadonlyMap<string, Buffer>, url: URL, pageSize: number): string => {
  const prefix = url.searchParams.get('prefix') ?? '';
  const after = url.searchParams.get('continuation-token') ?? '';
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).toSorted();
  const page = keys.slice(0, pageSize);
  const next = keys.length > pageSize ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : '';
  const contents = page
    .map((key) => [`<Key>${key}</Key>`, `<Size>${objects.get(key)?.length}</Size>`])
    .map((parts) => `<Contents>${parts.join('')}<LastModified>${MADE.toISOString()}</LastModified></Contents>`)
    .join('');
  return `<?xml version="1.0"?><ListBucketResult>${contents}${next}</ListBucketResult>`;
};

/** Seals by keeping: a sealed text is a random name that opens under its own context only. */
export const keyService = (): Service => {
  const sealed = new Map<string, string>();
  return ({ operation, body }) => {
    const { Plaintext, CiphertextBlob, EncryptionContext } = JSON.parse(body.toString());
    const context = JSON.stringify(EncryptionContext);
    if (operation === 'Encrypt') {
      const name = randomBytes(180).toString('base64');
      sealed.set(`${name} ${context}`, Plaintext);
      return jsonOf({ CiphertextBlob: name, KeyId: 'key' });
    }
    const found = sealed.get(`${CiphertextBlob} ${context}`);
    return found === undefined
      ? jsonOf({ __type: 'InvalidCiphertextException', message: 'no' }, 400)
      : jsonOf({ Plaintext: found, KeyId: 'key' });
  };
};

export const queueService: Service = ({ body }) => {
  const { MessageBody } = JSON.parse(body.toString()) as { MessageBody: string };
  return jsonOf({ MessageId: 'm-1', MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex') });
};

export const jsonOf = (value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(value),
});

/** Executions by name; what they do is the test's. */
export const statesService = (): Service => {
  const names = new Set<string>();
  return ({ body }) => {
    const { name } = JSON.parse(body.toString()) as { name: string };
    if (names.has(name)) return jsonOf({ __type: 'ExecutionAlreadyExists', message: 'exists' }, 400);
    names.add(name);
    return jsonOf({ executionArn: `arn:${name}`, startDate: 0 });
  };
};
