import { type FetchRequest, readUrl } from './fetch-request.ts';

export const MAX_REDIRECTS = 20;

const REDIRECT_STATUSES = [301, 302, 303, 307, 308];
const BODY_HEADERS = ['content-encoding', 'content-language', 'content-location', 'content-type'];
/** What is meant for one origin is not told to another. */
const ORIGIN_HEADERS = ['authorization', 'cookie'];

export const isRedirect = (status: number): boolean => REDIRECT_STATUSES.includes(status);

/**
 * The request that follows a redirect: https://fetch.spec.whatwg.org/#http-redirect-fetch.
 * @throws TypeError where `location` is no URL that can be fetched
 */
export const redirected = (request: FetchRequest, status: number, location: string): FetchRequest => {
  const url = readUrl(location, request.url);
  const headers = new Map(request.headers);
  const { method } = request;
  const becomesGet =
    ((status === 301 || status === 302) && method === 'POST') ||
    (status === 303 && method !== 'GET' && method !== 'HEAD');
  if (becomesGet) for (const name of BODY_HEADERS) headers.delete(name);
  if (url.origin !== request.url.origin) for (const name of ORIGIN_HEADERS) headers.delete(name);
  return {
    ...request,
    url,
    headers,
    ...(becomesGet ? { method: 'GET', body: undefined } : {}),
  };
};
