import { type Download, openDownload } from '../../service/download-stream.ts';
import { DOWNLOAD_TOKEN } from '../path-params.ts';
import { defineRoute, type Route } from '../route.ts';

export const DOWNLOAD_ROUTES: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/v1/downloads/{token}',
    tag: 'instances',
    summary: "Read a step's stream or an object of a bucket; the link that leads here is the permission",
    access: 'public',
    params: { token: DOWNLOAD_TOKEN },
    responses: { 200: { description: 'The bytes', contentType: 'application/octet-stream' } },
    problems: ['download.not_found'],
    handle: async ({ app, path }) => answerWith(await openDownload(app.deps, path.token)),
  }),
];

/** As a file to be saved: what tenants' code has made must not run in the page's origin. */
const answerWith = ({ fileName, bytes, next }: Download): Response =>
  new Response(streamOf(next), {
    headers: {
      'content-type': 'application/octet-stream',
      'content-length': `${bytes}`,
      'content-disposition': `attachment; filename="${fileName}"`,
      'content-security-policy': 'sandbox',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    },
  });

/** Read as fast as the caller takes it. */
const streamOf = (next: Download['next']): ReadableStream<Uint8Array> =>
  new ReadableStream(
    {
      pull: async (controller) => {
        const part = await next();
        if (part === undefined) controller.close();
        else controller.enqueue(part);
      },
    },
    { highWaterMark: 0 },
  );
