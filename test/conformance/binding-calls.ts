import assert from 'node:assert/strict';
import { type TenantWorld, type World, workflow } from './world.ts';

/** A tenant whose `default.fetch` runs the code by the path of the request against `binding`, its own one of that name. */
export const callingBinding = (
  world: World,
  name: string,
  cases: Readonly<Record<string, string>>,
): Promise<TenantWorld> => {
  const branches = Object.entries(cases).map(([path, code]) => `'/${path}': async () => { ${code} }`);
  return world.deployed(`${workflow('return 1;')}
export default {
  async fetch(request, env) {
    const binding = env.${name};
    const cases = { ${branches.join(',\n')} };
    try { return Response.json({ value: await cases[new URL(request.url).pathname]() }); }
    catch (error) { return Response.json({ error: error.message }, { status: 400 }); }
  },
};`);
};

/** The value that the code gave, or the text of its error. */
export const call = async (tenant: TenantWorld, name: string): Promise<unknown> => {
  const { body, status, text } = await tenant.fetch('GET', `/${name}`);
  assert.ok(body !== undefined, `${status}: ${text}`);
  return body.value ?? body.error;
};
