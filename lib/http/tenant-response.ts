/**
 * Tenants' own answers share the page's origin: what would let them act for it, or for the whole host, is taken out.
 */
const STRIPPED = [
  'set-cookie',
  'set-cookie2',
  'clear-site-data',
  'service-worker-allowed',
  // CORS with credentials; without it a browser gives no one a credentialed answer.
  'access-control-allow-credentials',
  // These hold for the whole host, not for one path.
  'strict-transport-security',
  'alt-svc',
  'nel',
  'report-to',
  'reporting-endpoints',
  'origin-agent-cluster',
  // The connection's own, which is ours.
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'trailer',
  'content-length',
];

/** The same answer with the headers of `http-api.md`, *Front doors*. */
export const containResponse = (response: Response): Response => {
  const headers = new Headers(response.headers);
  for (const name of STRIPPED) headers.delete(name);
  // Two policies hold together, so a policy of the tenant's can only narrow this one.
  const own = headers.get('content-security-policy');
  headers.set('content-security-policy', own === null ? 'sandbox' : `sandbox, ${own}`);
  headers.set('x-content-type-options', 'nosniff');
  return new Response(response.body, { status: response.status, headers });
};
