import { decode, encode } from '../../lib/guest/values.ts';
import type { BindingCaller, BindingHost } from '../../lib/ports/binding-host.ts';
import type { BindingDeclaration } from '../../lib/ports/turn-messages.ts';
import type { Chance } from './chance.ts';
import type { Actor, Observer } from './observer.ts';

const DECLARATION: BindingDeclaration = { name: 'LEDGER', type: 'service', methods: ['charge', 'hand'] };

/** What the tenants' code calls. */
export interface Ledger {
  charge(step: { readonly name: string; readonly count: number }, attempt: number, amount: number): Promise<number>;
  /** Tells somebody the token of a deferred result. */
  hand(step: { readonly name: string; readonly count: number }, attempt: number, token: string): Promise<void>;
}

/** The outside: what was charged stays charged, whatever becomes of the one who did it. */
export class LedgerHost implements BindingHost {
  readonly #observer: Observer;
  readonly #chance: Chance;
  readonly #failure: number;
  /** Takes a call there and its answer back; a crash may cut off either. */
  readonly #carry: (label: string, effect: () => Promise<string>) => Promise<string>;

  constructor(params: {
    readonly observer: Observer;
    readonly chance: Chance;
    readonly failure: number;
    readonly carry: (label: string, effect: () => Promise<string>) => Promise<string>;
  }) {
    this.#observer = params.observer;
    this.#chance = params.chance;
    this.#failure = params.failure;
    this.#carry = params.carry;
  }

  declare(): readonly BindingDeclaration[] {
    return [DECLARATION];
  }

  async removeTenant(): Promise<void> {}

  async call(caller: BindingCaller, call: { readonly method: string; readonly args: string }): Promise<string> {
    const args = decode(call.args) as [{ name: string; count: number }, number, number | string, Actor];
    const [step, attempt, what, actor] = args;
    const { instance, tenant } = caller;
    if (tenant.id !== actor.key.tenant || instance?.id !== actor.key.id || instance.workflow !== actor.key.workflow) {
      this.#observer.report(`E8: a call of ${actor.key.tenant}/${actor.key.id} left in the name of ${tenant.id}`);
    }
    if (caller.signal.aborted) throw new Error('The attempt is over');
    this.#observer.onCallLeaves(actor, step, attempt);
    if (typeof what === 'string') this.#observer.onTokenLeaves(actor, step, what);
    const failsBefore = this.#chance.is(this.#failure);
    const failsAfter = this.#chance.is(this.#failure);
    return this.#carry(`${call.method} ${step.name} ${attempt}`, async () => {
      if (failsBefore) throw new Error('The ledger is closed');
      this.#observer.onEffect(actor, step, attempt);
      if (typeof what === 'string') this.#observer.onTokenHanded(actor, step, what);
      if (failsAfter) throw new Error('The ledger gave no receipt');
      return encode(typeof what === 'string' ? undefined : what * 2);
    });
  }
}
