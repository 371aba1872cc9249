import { TenonError } from '../../core/errors.ts';
import type { PathParam } from '../path-params.ts';
import { type Call, defineRoute, type Route } from '../route.ts';

const tag = 'page';
const INDEX = 'index.html';

const ASSET: PathParam = {
  description: 'As the page names it',
  isValid: (value) => /^[A-Za-z0-9._-]{1,200}$/.test(value),
  refuse: () => noSuchFile(),
};

const noSuchFile = () => new TenonError('route.not_found', 'The page has no such file. Load it again.');

const notBuilt = () =>
  new TenonError('route.not_found', 'This server has no page. Build it with `npm run page`, and start it again.');

/** Names of assets carry a digest of what is in them. */
const FOR_EVER = 'public, max-age=31536000, immutable';

/**
 * The page asks only the API that it came from, and the place where bundles are put; nothing of another origin is loaded
 * and nothing written into it runs.
 */
const contentSecurityPolicy = (uploadOrigin: string | undefined): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src 'self'${uploadOrigin === undefined ? '' : ` ${uploadOrigin}`}`,
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

const serve = async (
  { app, request }: Pick<Call<'/', unknown, unknown>, 'app' | 'request'>,
  name: string,
  caching: string,
): Promise<Response> => {
  const file = await app.page?.files.read(name);
  if (file === undefined) throw name === INDEX ? notBuilt() : noSuchFile();
  const isBrotli = /\bbr\b/.test(request.headers.get('accept-encoding') ?? '');
  return new Response(new Uint8Array(isBrotli ? file.brotli : file.bytes), {
    headers: {
      'content-type': file.contentType,
      'cache-control': caching,
      vary: 'accept-encoding',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'content-security-policy': contentSecurityPolicy(await app.page?.uploadOrigin?.()),
      ...(isBrotli && { 'content-encoding': 'br' }),
    },
  });
};

export const PAGE_ROUTES: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/',
    tag,
    summary: 'The web page',
    access: 'public',
    params: {},
    responses: { 200: { description: 'HTML', contentType: 'text/html' } },
    problems: ['route.not_found'],
    handle: (call) => serve(call, INDEX, 'no-cache'),
  }),
  defineRoute({
    method: 'GET',
    path: '/assets/{file}',
    tag,
    summary: 'A part of the web page',
    access: 'public',
    params: { file: ASSET },
    responses: { 200: { description: 'A script, a style or a picture', contentType: '*/*' } },
    problems: ['route.not_found'],
    handle: (call) => serve(call, `assets/${call.path.file}`, FOR_EVER),
  }),
];
