import type { Condition, Fields, FlowNode } from './flow.ts';
import { quoted, type Scope, toCode, urlToCode } from './values-to-code.ts';

/** Both the condition and its contrary, which with numbers is more than the other operator: NaN is neither. */
export const conditionToCode = (
  { left, is, right }: Condition,
  scope: Scope,
  refuse: (message: string) => void,
): { readonly holds: string; readonly fails: string } => {
  const [one, other] = [toCode(left, scope, refuse), toCode(right, scope, refuse)];
  if (one.type !== other.type) refuse(`compares a ${one.type} with a ${other.type}`);
  const written = (operator: string): string => `${one.code} ${operator} ${other.code}`;
  if (is === 'equals') return { holds: written('==='), fails: written('!==') };
  if (is === 'differs from') return { holds: written('!=='), fails: written('===') };
  if (one.type !== 'number') refuse(`"${is}" is for numbers, and this is a ${one.type}`);
  const holds = written(is === 'is at least' ? '>=' : '<');
  return { holds, fails: `!(${holds})` };
};

type Step = Exclude<FlowNode, { readonly kind: 'branch' | 'end' }>;

/** What a node awaits, and the fields of its result that others may refer to. */
export const stepToCode = (
  node: Step,
  scope: Scope,
  refuse: (message: string) => void,
): { readonly expression: string; readonly gives?: Fields } => {
  const label = quoted(node.label);
  switch (node.kind) {
    case 'make': {
      const gives = new Map(
        Object.entries(node.fields).flatMap(([name, value]) => {
          const { type } = toCode(value, scope, () => {});
          return type === 'object' ? [] : [[name, type] as const];
        }),
      );
      return { expression: `step.do(${label}, async () => (${toCode(node.fields, scope, refuse).code}))`, gives };
    }
    case 'call': {
      const given = node.with.map((value) => toCode(value, scope, refuse).code).join(', ');
      // What the binding answers cannot be referred to: it is not recorded.
      return { expression: `step.do(${label}, async () => {\nawait this.env.${node.call}(${given});\n})` };
    }
    case 'request': {
      const init = [`method: '${node.method}',`];
      if (node.body !== undefined) init.push(`body: JSON.stringify(${toCode(node.body, scope, refuse).code}),`);
      // The same at every attempt, so that who receives it can tell.
      init.push(
        `headers: { 'content-type': 'application/json', 'idempotency-key': \`\${event.instanceId}/${node.id}\` },`,
      );
      const call = `request(${urlToCode(node.url, scope, refuse)}, {\n${init.join('\n')}\nsignal,\n})`;
      const shape = [...node.gives].map(([name, type]) => `${name}: ${type}`).join('; ');
      const expression = calling(shape === '' ? '' : `<{ ${shape} }>`, label, '({ signal }) =>', call);
      return node.gives.size === 0 ? { expression } : { expression, gives: node.gives };
    }
    case 'sleep':
      return { expression: `step.sleep(${label}, ${quoted(node.for)})` };
    case 'approval': {
      const gives = new Map([
        ['approved', 'boolean'],
        ['by', 'string'],
      ] as const);
      return { expression: `decision(step, ${label}, ${quoted(node.event)}, ${quoted(node.timeout)})`, gives };
    }
  }
};

const calling = (type: string, label: string, head: string, call: string): string =>
  call.includes('\n') ? `step.do${type}(${label}, ${head}\n${call},\n)` : `step.do${type}(${label}, ${head} ${call})`;
