import { EsbuildCompiler } from '../../../lib/bundle/esbuild-compiler.ts';

/** A version as `bundle-uploaded` would have made it. */
export interface CompiledBundle {
  readonly version: string;
  readonly code: string;
  readonly sourceMap: string;
  readonly workflows: readonly string[];
}

/** What tenants of probes upload. `env.LEDGER` is an address that notes what it is told, `env.SECRET` a sealed text. */
export const PROBE_SOURCE = `
import { WorkflowEntrypoint } from 'cloudflare:workers';
const note = async (env, what) => (await fetch(env.LEDGER + '/' + what, { method: 'POST' })).text();
const random = (length) => Array.from({ length }, () => Math.random().toString(36)[2] ?? '0').join('');

export class Work extends WorkflowEntrypoint {
  async run(event, step) {
    const noted = await step.do('note', () => note(this.env, 'work'));
    const large = await step.do('large', async () => random(500_000));
    return { noted, length: large.length, secret: this.env.SECRET, given: event.payload?.text?.length ?? 0 };
  }
}
export class Retry extends WorkflowEntrypoint {
  async run(event, step) {
    return step.do('late', { retries: { limit: 3, delay: 1_000, backoff: 'constant' } }, async () => {
      if ((await note(this.env, 'try')) === '1') throw new Error('not yet');
      return 'at last';
    });
  }
}
export class Torn extends WorkflowEntrypoint {
  async run(event, step) {
    const retries = { limit: 1, delay: 10, backoff: 'constant' };
    const stream = await step.do('torn', { retries }, async ({ attempt }) => {
      let left = attempt === 1 ? 9 : 1;
      return new ReadableStream({
        pull(controller) {
          if (left-- > 0) controller.enqueue(new Uint8Array(1_048_576));
          else if (attempt === 1) controller.error(new Error('torn off'));
          else controller.close();
        },
      });
    });
    return (await new Response(stream).bytes()).length;
  }
}
export class Wait extends WorkflowEntrypoint {
  async run(event, step) {
    const { payload } = await step.waitForEvent('wait', { type: 'go' });
    return payload;
  }
}
export class Sleep extends WorkflowEntrypoint {
  async run(event, step) {
    await step.sleep('long', '16 minutes');
  }
}
export class Large extends WorkflowEntrypoint {
  async run() {
    return random(500_000);
  }
}
export class Build extends WorkflowEntrypoint {
  async run(event, step) {
    const say = (name, script) =>
      step.do(name, () => this.env.SANDBOX.exec(['bash', '-c', script], { workspace: 'w', timeout: '1 minute' }));
    return [await say('first', 'echo kept > file; echo written'), await say('second', 'cat file; exit 7')];
  }
}
export class LongBuild extends WorkflowEntrypoint {
  async run(event, step) {
    await step.do('long', () => {
      const script = 'curl --silent --request POST "$LEDGER/building"; sleep 30';
      return this.env.SANDBOX.exec(['bash', '-c', script], { env: { LEDGER: this.env.LEDGER }, timeout: '1 minute' });
    });
  }
}
const keep = async (storage) => {
  const { etag } = await storage.put('kept', 1);
  return storage.transaction([{ put: 'made', value: 2 }, { check: 'kept', ifMatch: etag }, { delete: 'none' }]);
};
export class Keep extends WorkflowEntrypoint {
  async run(event, step) {
    const { committed } = await step.do('keep', () => keep(this.env.STORAGE));
    return [committed, (await step.do('list', () => this.env.STORAGE.list())).items.map(({ key }) => key)];
  }
}
export class Parent extends WorkflowEntrypoint {
  async run(event, step) {
    const flows = this.env.WORKFLOWS.for('Large');
    await step.do('again', async () => { await (await flows.get('child')).restart(); });
    await step.do('anew', async () => { await flows.create({ id: 'made' }); });
    await step.do('no more', async () => { await (await flows.get('child')).delete(); });
    return 'asked';
  }
}
export default {
  async fetch(request, env) {
    if (new URL(request.url).pathname === '/keep') return Response.json((await keep(env.STORAGE)).committed);
    return Response.json({ noted: await note(env, 'page'), secret: env.SECRET });
  },
};
`;

export const compileProbeBundle = async (): Promise<CompiledBundle> => {
  const compiler = new EsbuildCompiler();
  const bytes = new TextEncoder().encode(PROBE_SOURCE);
  const compilation = await compiler.compile({ contentType: 'text/typescript', bytes });
  await compiler.close();
  if (!compilation.ok) throw new Error(JSON.stringify(compilation.problems));
  const { version, bundle } = compilation;
  return {
    version,
    code: bundle.code,
    sourceMap: bundle.sourceMap,
    workflows: [...PROBE_SOURCE.matchAll(/^export class (\w+)/gm)].map(([, name]) => name ?? ''),
  };
};
