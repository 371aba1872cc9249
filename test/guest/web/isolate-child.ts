import ivm from 'isolated-vm';

/** A process of its own: isolated-vm needs `--no-node-snapshot`, and a crash of V8 ends only this. */
const isolate = new ivm.Isolate({ memoryLimit: 64 });
let prelude: ivm.Script | undefined;

type Request = { id: number; kind: 'prelude' | 'run' | 'bare'; code: string };

async function answer({ kind, code }: Request): Promise<unknown> {
  if (kind === 'prelude') {
    prelude = await isolate.compileScript(code, { filename: 'prelude.js' });
    return undefined;
  }
  const context = await isolate.createContext();
  try {
    if (kind === 'run') await prelude?.run(context, { timeout: 5_000 });
    return await context.eval(code, { promise: true, copy: true, timeout: 5_000 });
  } finally {
    context.release();
  }
}

process.on('message', async (request: Request) => {
  try {
    process.send?.({ id: request.id, value: await answer(request) });
  } catch (error) {
    process.send?.({ id: request.id, error: error instanceof Error ? error.stack : String(error) });
  }
});
process.on('disconnect', () => process.exit());
