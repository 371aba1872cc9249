import assert from 'node:assert/strict';
import { behaviour } from './registry.ts';
import { workflow } from './world.ts';

behaviour('errors: uncaught in run, the instance is errored with name, message and stack', async (world) => {
  const detail = await world.run("throw new TypeError('that is wrong');");
  assert.equal(detail.status, 'errored');
  assert.equal(detail.error.name, 'TypeError');
  assert.equal(detail.error.message, 'that is wrong');
  assert.equal(typeof detail.error.stack, 'string');
  assert.equal('output' in detail && detail.output !== undefined, false);
});

const lineOf = (source: string, text: string) => source.split('\n').findIndex((line) => line.includes(text)) + 1;

behaviour("errors: the stack is in the tenant's own TypeScript lines", async (world) => {
  const source = `import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from 'cloudflare:workers';

interface Params { readonly unused: string }
type Long = {
  a: string;
};

const fail = (why: string): never => {
  throw new Error(why); // here
};

export class W extends WorkflowEntrypoint<unknown, Params> {
  async run(event: WorkflowEvent<Params>, step: WorkflowStep): Promise<void> {
    const long: Long = { a: 'b' };
    fail(long.a); // called here
  }
}
`;
  const tenant = await world.deployed(source);
  const { error } = await (await tenant.create()).finished();
  assert.match(error.stack, new RegExp(`\\.ts:${lineOf(source, '// here')}:\\d+`));
  assert.match(error.stack, new RegExp(`\\.ts:${lineOf(source, '// called here')}:\\d+`));
  assert.doesNotMatch(error.stack, /node:|node_modules|lib\/(guest|executor)/);
});

behaviour("errors: the stack of a step's failure is in the tenant's lines too", async (world) => {
  const source = workflow(`await step.do("a", { retries: { limit: 0, delay: 1 } }, async () => {
      throw new Error('from the step'); // here
    });`);
  const tenant = await world.deployed(source);
  const { error } = await (await tenant.create()).finished();
  assert.match(error.stack, new RegExp(`\\.ts:${lineOf(source, '// here')}:\\d+`));
});

behaviour('errors: something thrown that is no error is told all the same', async (world) => {
  const error = await world.error("throw 'just a text';");
  assert.match(error.message, /just a text/);
});

for (const name of ['TypeError', 'RangeError', 'SyntaxError', 'ReferenceError', 'EvalError', 'URIError']) {
  behaviour(`errors: a ${name} out of a step comes back by class, live and on replay`, async (world) => {
    const tenant = await world.deployed(
      workflow(`let found;
    try { await step.do("a", { retries: { limit: 0, delay: 1 } }, async () => { throw new ${name}('why'); }); }
    catch (error) { found = [error instanceof ${name}, error.name, error.message]; }
    const live = await step.do('keep', async () => found);
    await step.waitForEvent('go on', { type: 'go' });
    return [live, found];`),
    );
    const instance = await tenant.create();
    await instance.waiting();
    await instance.send('go');
    assert.deepEqual(await instance.completed(), [
      [true, name, 'why'],
      [true, name, 'why'],
    ]);
  });
}

behaviour('errors: NonRetryableError comes back by class, live and on replay', async (world) => {
  const tenant = await world.deployed(
    workflow(`let found;
    try { await step.do("a", async () => { throw new NonRetryableError('final'); }); }
    catch (error) { found = [error instanceof NonRetryableError, error.name, error.message]; }
    await step.waitForEvent('go on', { type: 'go' });
    return found;`),
  );
  const instance = await tenant.create();
  await instance.waiting();
  await instance.send('go');
  assert.deepEqual(await instance.completed(), [true, 'NonRetryableError', 'final']);
});

behaviour('errors: another class comes back as Error with its name, message and encodable fields', async (world) => {
  const body = `class Declined extends Error {
      constructor(code) { super('card declined'); this.name = 'Declined'; this.code = code; this.callback = () => 1; }
    }
    try { await step.do("a", { retries: { limit: 0, delay: 1 } }, async () => { throw new Declined(402); }); }
    catch (error) {
      return [error instanceof Error, error instanceof Declined, error.name, error.message, error.code, typeof error.callback];
    }`;
  assert.deepEqual(await world.output(body), [true, false, 'Declined', 'card declined', 402, 'undefined']);
});

behaviour('errors: WorkflowTimeoutError of a wait is catchable and bears its name', async (world) => {
  const body = `try { await step.waitForEvent('w', { type: 'never', timeout: 30 }); }
    catch (error) { return [error instanceof Error, error.name, error.message]; }`;
  assert.deepEqual(await world.output(body), [true, 'WorkflowTimeoutError', 'Execution timed out after 30ms']);
});

behaviour('errors: a caught failure lets the workflow go on to the end', async (world) => {
  const body = `const undone = [];
    try {
      await step.do('reserve', async () => 1);
      await step.do('pay', async () => { throw new NonRetryableError('no money'); });
    } catch (error) { undone.push(await step.do('release', async () => 'released: ' + error.message)); }
    return undone;`;
  assert.deepEqual(await world.output(body), ['released: no money']);
});
