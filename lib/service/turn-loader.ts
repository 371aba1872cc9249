import { metadataOf } from '../core/envelope.ts';
import { TenonError } from '../core/errors.ts';
import { dispatchWorkflow } from '../dispatch/dispatch-workflow.ts';
import type { Summary } from '../ports/instance-store.ts';
import { noMicroVms } from '../ports/micro-vms.ts';
import { type LoadedTurn, type LoadTurn, type Tail, type TurnContext, type TurnEnv, TurnStep } from './load-turn.ts';
import { makeVersion } from './make-version.ts';
import { versionNotFound } from './refusals.ts';
import type { TurnDependencies, TurnOptions } from './turn-options.ts';
import { loadTurnSettings, type TurnSettings } from './turn-settings.ts';

const loadPinned: LoadTurn = ({ env }) => env.load();

/**
 * Asks the loader.
 * @throws MissingDispatcherMetadataError, TenonError where the instance can never go on, whatever the loader throws
 */
export const loadTurn = async (
  deps: TurnDependencies,
  {
    summary,
    isFirstTurn,
    loadRunner = loadPinned,
    onError,
    microVms,
  }: { readonly summary: Summary; readonly isFirstTurn: boolean } & Pick<
    TurnOptions,
    'loadRunner' | 'onError' | 'microVms'
  >,
): Promise<LoadedTurn> => {
  const { createdAt, id, workflow } = summary;
  const envelope = { ...summary.envelope, __dispatcherMetadata: metadataOf(summary.envelope, summary.version) };
  const event = { payload: envelope, timestamp: new Date(createdAt), instanceId: id, workflowName: workflow };
  const step = new TurnStep();
  await dispatchWorkflow({ env: deps, ctx: summary }, event, step, async ({ metadata }) => {
    if (metadata.tenant !== summary.tenant) {
      throw new TenonError('request.invalid', 'The envelope names another tenant than the one that owns this instance');
    }
    const settings = await loadTurnSettings(deps, summary);
    const { tenant } = settings;
    const ctx = { tenant, workflow, instanceId: id, version: summary.version, isFirstTurn };
    return loadRunner({ metadata, env: loaderEnv(deps, ctx, { settings, microVms }), ctx });
  });
  const { tail, ...loaded } = step.loaded;
  return tail === undefined ? loaded : { ...loaded, tail: harmless(tail, onError) };
};

const harmless =
  (tail: Tail, onError: (error: unknown) => void): Tail =>
  (records) => {
    try {
      tail(records);
    } catch (error) {
      onError(error);
    }
  };

const loaderEnv = (
  deps: TurnDependencies,
  ctx: TurnContext,
  { settings, microVms }: { readonly settings: TurnSettings; readonly microVms: TurnOptions['microVms'] | undefined },
): TurnEnv => ({
  load: async ({ version = ctx.version, context, tail, isolation } = {}) => {
    const isApart = isolation === 'microvm' && microVms !== undefined;
    if (isApart && microVms === 'missing') throw noMicroVms(ctx.tenant.id);
    // Whatever else is chosen is chosen there.
    if (isApart) return { run: (_event, step) => step.begin({ version: ctx.version, settings, isApart }) };
    const chosen = ctx.isFirstTurn ? version : ctx.version;
    if (chosen !== ctx.version) await refuseUnlessRunnable(deps, ctx, chosen);
    const guest = context === undefined ? settings.guest : { ...settings.guest, hasFreshContext: context === 'fresh' };
    const loaded = { version: chosen, settings: { ...settings, guest }, ...(tail !== undefined && { tail }) };
    return { run: (_event, step) => step.begin(loaded) };
  },
  compile: async (source) => {
    const { compiler } = deps;
    if (compiler === undefined) throw new Error('This host has no compiler: give the composition one');
    const made = await makeVersion(
      { ...deps, compiler },
      {
        tenant: ctx.tenant.id,
        contentType: 'text/typescript',
        bytes: new TextEncoder().encode(source),
        activate: false,
      },
    );
    if (typeof made === 'string') return made;
    const [first] = made;
    throw new TenonError('request.invalid', `The source that loadRunner compiled is no bundle: ${first?.message}`);
  },
});

const refuseUnlessRunnable = async (
  { bundles }: Pick<TurnDependencies, 'bundles'>,
  { tenant, workflow }: TurnContext,
  name: string,
): Promise<void> => {
  const version = await bundles.getVersion(tenant.id, name);
  if (version === undefined) throw versionNotFound();
  if (version.workflows.some((exported) => exported.name === workflow)) return;
  throw new TenonError('workflow.not_found', 'The version that was chosen exports no workflow with this name.');
};
