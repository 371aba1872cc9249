import type { Flow, FlowNode, FlowProblem } from './flow.ts';
import { moduleOf } from './module-text.ts';
import { readFlow } from './read-flow.ts';
import { conditionToCode, stepToCode } from './steps-to-code.ts';
import { type Scope, toCode, variable } from './values-to-code.ts';
import { findWays, type Ways } from './ways.ts';

export type CompiledFlow =
  | { readonly ok: true; readonly source: string }
  | { readonly ok: false; readonly problems: readonly FlowProblem[] };

/** Ends that several ways share are written once for each: so that a flow cannot ask for a module without end. */
const MAX_WRITTEN = 500;

/** The module of a flow: TypeScript with one workflow, or what is wrong with the flow, by node. */
export const compileFlow = (json: unknown): CompiledFlow => {
  const problems: FlowProblem[] = [];
  const flow = readFlow(json, problems);
  if (flow === undefined || problems.length > 0) return { ok: false, problems };
  const ways = findWays(flow, problems);
  if (ways === undefined) return { ok: false, problems };
  const body = new Writer(flow, ways, problems).body();
  return problems.length > 0 ? { ok: false, problems } : { ok: true, source: moduleOf(flow, body) };
};

class Writer {
  readonly #flow: Flow;
  readonly #ways: Ways;
  readonly #problems: FlowProblem[];
  /** Others refer to them: their results are kept. */
  readonly #named: ReadonlySet<string>;
  #written = 0;

  constructor(flow: Flow, ways: Ways, problems: FlowProblem[]) {
    this.#flow = flow;
    this.#ways = ways;
    this.#problems = problems;
    const texts = JSON.stringify([...flow.nodes.values()]);
    this.#named = new Set([...texts.matchAll(/\{\{ *(\w+)\./g)].map(([, id = '']) => id));
  }

  body(): string {
    return this.#from(this.#flow.start, undefined, new Map([['payload', this.#flow.params]]));
  }

  /** The statements from a node on, up to `stop` or to an end. What they declare is known inside of their block. */
  #from(start: string, stop: string | undefined, known: Scope): string {
    const scope = new Map(known);
    const lines: string[] = [];
    for (let id = start; id !== stop; ) {
      const node = this.#flow.nodes.get(id) as FlowNode;
      const refuse = (message: string): void => {
        this.#problems.push({ at: id, message });
      };
      this.#written += 1;
      if (this.#written === MAX_WRITTEN) refuse('comes up in too many ways: let branches meet again');
      if (this.#written >= MAX_WRITTEN) break;
      if (node.kind === 'end') {
        lines.push(`return ${toCode(node.result, scope, refuse).code};`);
        break;
      }
      if (node.kind === 'branch') {
        const meeting = this.#ways.meeting(id);
        const yes = this.#from(this.#ways.next(id, true), meeting, scope);
        const no = this.#from(this.#ways.next(id, false), meeting, scope);
        const { holds, fails } = conditionToCode(node.if, scope, refuse);
        if (meeting === undefined) {
          // Both come to an end of their own: the shorter one first, and no block around the other.
          const [when, short, long] = yes.length < no.length ? [holds, yes, no] : [fails, no, yes];
          lines.push(`if (${when}) {`, short, '}', long);
          break;
        }
        if (yes === '') lines.push(`if (${fails}) {`, no, '}');
        else lines.push(`if (${holds}) {`, yes, no === '' ? '}' : `} else {\n${no}\n}`);
        id = meeting;
        continue;
      }
      const { expression, gives } = stepToCode(node, scope, refuse);
      const isNamed = gives !== undefined && this.#named.has(id);
      lines.push(`${isNamed ? `const ${variable(id)} = ` : ''}await ${expression};`);
      if (gives !== undefined) scope.set(id, gives);
      id = this.#ways.next(id);
    }
    return lines.join('\n');
  }
}
