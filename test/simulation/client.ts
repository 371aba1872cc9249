import { type FinalStatus, isFinal, type StepKind } from '../../lib/core/records.ts';
import { decode, encode } from '../../lib/guest/values.ts';
import type { InstanceKey, Summary } from '../../lib/ports/instance-store.ts';
import type { DeferredOutcome } from '../../lib/ports/workflow-control.ts';
import { awaitFinish } from '../../lib/service/await-finish.ts';
import { completeDeferred } from '../../lib/service/complete-deferred.ts';
import { type ControlAction, controlInstance } from '../../lib/service/control-instance.ts';
import { createInstance } from '../../lib/service/create-instance.ts';
import { decideApproval } from '../../lib/service/decide-approval.ts';
import { readInstance } from '../../lib/service/read-instance.ts';
import { sendEvent } from '../../lib/service/send-event.ts';
import { loadValue } from '../../lib/service/stored-values.ts';
import type { Chance } from './chance.ts';
import { type HandedToken, nameOf } from './observer.ts';
import type { Plan } from './plans.ts';
import type { World } from './world.ts';

/** Somebody outside who starts one instance, tells it what it waits for, and meddles with it now and then. */
export class Client {
  readonly plan: Plan;
  readonly key: InstanceKey;
  readonly #world: World;
  readonly #chance: Chance;
  #sent = 0;
  #keys = 0;
  readonly #told = new Set<string>();
  #isTerminated = false;
  isDone = false;
  output: unknown;

  constructor(world: World, plan: Plan, id: string, chance: Chance) {
    this.#world = world;
    this.plan = plan;
    this.#chance = chance;
    this.key = { tenant: plan.tenant, workflow: plan.workflow, id };
  }

  /** `meddlings`: how often it pauses, restarts, terminates or duplicates. */
  async live(params: { readonly meddlings: number; readonly pollMs: number }): Promise<void> {
    const { complete } = this.plan;
    if (complete !== undefined) {
      this.#world.observer.onHanded(this.key, (handed) => {
        this.#complete(handed, complete).catch((error: unknown) => {
          this.#world.observer.report(`a client failed: ${(error as Error).stack}`);
        });
      });
    }
    await this.#create();
    const meddling = this.#meddle(params.meddlings, params.pollMs);
    for (const { type, payload } of this.plan.early ?? []) await this.#send(type, payload);
    await meddling;
    // Ever less often: what is stuck would be looked at for ever.
    for (let waitMs = params.pollMs; ; waitMs = Math.min(waitMs * 1.5, 3_600_000)) {
      const summary = await this.#read();
      if (summary !== undefined && isFinal(summary.status)) return this.#end(summary, summary.status);
      if (summary?.status === 'paused' || summary?.status === 'waitingForPause') {
        await this.#world.ask('resume', (deps) => controlInstance(deps, { key: this.key, action: { kind: 'resume' } }));
      }
      await this.#answer(summary);
      this.#decide(summary);
      await this.#world.ask('wait', (deps) => awaitFinish(deps, { key: this.key, waitMs: Math.floor(waitMs) }));
    }
  }

  /** Creates it; an answer that is lost leaves open whether it exists, so the same id is asked for again. */
  async #create(): Promise<void> {
    for (;;) {
      const { tenant, workflow, id } = this.key;
      const answer = await this.#world.ask('create', (deps) =>
        createInstance(deps, { tenant, workflow, id, params: encode(this.plan.params), source: 'api' }),
      );
      if (answer.kind === 'ok') return;
      if (answer.kind === 'refused') {
        if (answer.error.code === 'instance.already_exists') return;
        throw new Error(`create was refused: ${answer.error.message}`);
      }
    }
  }

  async #read(): Promise<Summary | undefined> {
    const answer = await this.#world.ask('read', (deps) => readInstance(deps, { key: this.key }));
    return answer.kind === 'ok' ? answer.value.summary : undefined;
  }

  async #answer(summary: Summary | undefined): Promise<void> {
    const { answer } = this.plan;
    if (answer === undefined || summary === undefined) return;
    for (const { kind, name, until, eventType } of summary.waitingFor) {
      if (kind !== 'event' || eventType === undefined) continue;
      // Each wait is told once: an event that got lost shows, since nobody sends another.
      const wait = `${summary.incarnation}/${name}/${until}`;
      if (this.#told.has(wait)) continue;
      this.#told.add(wait);
      const payload = answer(eventType, this.#sent + 1);
      if (payload === undefined) continue;
      this.#sent += 1;
      await this.#send(eventType, payload);
    }
  }

  /** An operator answers each approval sooner or later, or never. */
  #decide(summary: Summary | undefined): void {
    const { decide } = this.plan;
    if (decide === undefined || summary === undefined) return;
    for (const { approval } of summary.waitingFor) {
      if (approval === undefined || this.#told.has(`${summary.incarnation}/${approval}`)) continue;
      this.#told.add(`${summary.incarnation}/${approval}`);
      const { incarnation } = summary;
      this.#say({ approval, incarnation }, decide(approval)).catch((error: unknown) => {
        this.#world.observer.report(`an operator failed: ${(error as Error).stack}`);
      });
    }
  }

  async #say(
    { approval, incarnation }: { readonly approval: string; readonly incarnation: string },
    answers: readonly boolean[],
  ): Promise<void> {
    const { observer } = this.#world;
    await this.#world.sleep(this.#chance.below(this.#chance.pick([50, 2_000, 60_000])));
    const accepted = new Set<boolean>();
    for (const approved of answers) if (await this.#sayOnce(approval, approved)) accepted.add(approved);
    if (accepted.size > 1 && observer.rows.get(nameOf(this.key))?.incarnation === incarnation) {
      observer.report(`E5: ${approval} took two answers`);
    }
  }

  /** Until it is certain: the same answer twice is one. */
  async #sayOnce(approval: string, approved: boolean): Promise<boolean> {
    for (;;) {
      const answer = await this.#world.ask('decide', (deps) =>
        decideApproval(deps, { key: this.key, approval, verdict: { approved } }),
      );
      if (answer.kind === 'ok') return true;
      if (answer.kind === 'lost') continue;
      const { code, message } = answer.error;
      if (code === 'internal') continue;
      if (code.startsWith('approval.') || code === 'instance.finished') return false;
      throw new Error(`a verdict was refused: ${message}`);
    }
  }

  /** Until it is certain: the same key makes the same event of all tries. */
  async #send(eventType: string, payload: unknown): Promise<void> {
    this.#keys += 1;
    const key = `${this.#keys}`;
    for (;;) {
      const answer = await this.#world.ask(`event ${eventType} ${key}`, (deps) =>
        sendEvent(deps, {
          key: this.key,
          eventType,
          payload: encode(payload),
          idempotency: { key, digest: key },
        }),
      );
      if (answer.kind === 'ok') return;
      if (answer.kind === 'refused') {
        if (answer.error.code === 'instance.finished') return;
        throw new Error(`an event was refused: ${answer.error.message}`);
      }
    }
  }

  /** Somebody who was told a token uses it sooner or later, with all that the plan has for it; one that nobody made as well. */
  async #complete({ token, step }: HandedToken, complete: (step: string) => readonly DeferredOutcome[]): Promise<void> {
    const { observer } = this.#world;
    await this.#world.sleep(this.#chance.below(this.#chance.pick([50, 2_000, 60_000])));
    const life = observer.rows.get(nameOf(this.key))?.incarnation;
    const forged = `${token.slice(0, -1)}${token.endsWith('A') ? 'E' : 'A'}`;
    const accepted = new Set<string>();
    for (const outcome of complete(step)) {
      if (await this.#completeWith(forged, outcome)) observer.report(`a token that nobody made was accepted: ${step}`);
      if (await this.#completeWith(token, outcome)) accepted.add(JSON.stringify(outcome));
    }
    // A restart clears what an instance has not come to yet.
    if (accepted.size > 1 && observer.rows.get(nameOf(this.key))?.incarnation === life) {
      observer.report(`E5: "${step}" took ${accepted.size} outcomes by one token`);
    }
  }

  /** Until it is certain: the same outcome twice is one. */
  async #completeWith(token: string, outcome: DeferredOutcome): Promise<boolean> {
    for (;;) {
      const answer = await this.#world.ask('complete', (deps) => completeDeferred(deps, { token, outcome }));
      if (answer.kind === 'ok') return true;
      if (answer.kind === 'lost') continue;
      const { code, message } = answer.error;
      if (code === 'internal') continue;
      if (code.startsWith('deferred.') || code === 'instance.finished') return false;
      throw new Error(`a result was refused: ${message}`);
    }
  }

  async #meddle(times: number, pollMs: number): Promise<void> {
    for (let left = times; left > 0; left--) {
      await this.#world.sleep(this.#chance.is(0.5) ? this.#chance.below(50) : this.#chance.below(2 * pollMs));
      const kind = this.#chance.pick([
        'pause',
        'pause',
        'restart',
        'restart from',
        'terminate',
        'create again',
        'activate',
      ]);
      if (kind === 'pause') {
        await this.#control({ kind: 'pause' });
        await this.#world.sleep(this.#chance.is(0.5) ? this.#chance.below(20) : this.#chance.below(pollMs));
        await this.#control({ kind: 'resume' });
      } else if (kind === 'restart') await this.#control({ kind: 'restart', toActiveVersion: this.#chance.is(0.5) });
      else if (kind === 'restart from') await this.#restartFrom();
      else if (kind === 'create again') await this.#create();
      else if (kind === 'terminate') {
        if (!this.#chance.is(0.3)) continue;
        this.#isTerminated = true;
        await this.#control({ kind: 'terminate', rollback: this.#chance.is(0.5) });
      } else {
        const version = this.#chance.pick(['v1', 'v2']);
        await this.#world.platform.bundles.activateVersion(this.plan.tenant, version);
      }
    }
  }

  async #control(action: ControlAction): Promise<void> {
    await this.#world.ask(`${action.kind}`, (deps) => controlInstance(deps, { key: this.key, action }));
  }

  async #restartFrom(): Promise<void> {
    const answer = await this.#world.ask('read steps', (deps) => readInstance(deps, { key: this.key }));
    if (answer.kind !== 'ok' || answer.value.steps.length === 0) return;
    const { name, count, type } = this.#chance.pick(answer.value.steps);
    const kind: StepKind = type === 'sleep' || type === 'waitForEvent' ? type : 'do';
    await this.#control({ kind: 'restart', from: { name, count, type: kind } });
  }

  #problemOfRollback(): string | undefined {
    const { observer, disasters } = this.#world;
    const row = observer.rows.get(nameOf(this.key));
    const end = row && observer.lifeOf(row.incarnation).records.at(-1);
    const rollback = end?.kind === 'errored' ? end.rollback : undefined;
    if (this.plan.breaksWith === undefined || rollback?.outcome === 'complete') return undefined;
    if (this.plan.mayFailToUndo === true && rollback?.error.name === 'PolicyRefusedError') return undefined;
    const isWornOut = rollback?.error.name === 'RollbackUnavailableError' && disasters >= 3;
    return isWornOut ? undefined : `did not roll back: ${JSON.stringify(rollback)}`;
  }

  /** E7, and the output right. */
  async #end(summary: Summary, status: FinalStatus): Promise<void> {
    const problem = await this.#problemOf(summary, status);
    if (problem !== undefined) this.#world.observer.report(`${nameOf(this.key)} ${problem}`);
    this.isDone = true;
  }

  async #problemOf({ output, error }: Summary, status: FinalStatus): Promise<string | undefined> {
    switch (status) {
      case 'terminated':
        return this.#isTerminated ? undefined : 'was terminated, and nobody asked for it';
      case 'errored': {
        const isExpected =
          error?.name === this.plan.mayFailWith || this.plan.breaksWith?.test(error?.message ?? '') === true;
        if (isExpected) return this.#problemOfRollback();
        // By contract: three turns in a row that do not end cleanly end the instance.
        const isWornOut = error?.message.startsWith('Three turns in a row') === true;
        return isWornOut && this.#world.disasters >= 3 ? undefined : `failed: ${error?.name}: ${error?.message}`;
      }
      case 'complete': {
        if (output === undefined) return 'is complete without output';
        this.output = decode(await loadValue(this.#world.platform.blobs, output));
        return this.plan.check(this.output);
      }
    }
  }
}
