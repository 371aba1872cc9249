import type { Flow, FlowNode, FlowProblem } from './flow.ts';

export interface Ways {
  /** Where the arrow out of this node leads; at a branch, the one for that answer. */
  next(id: string, when?: boolean): string;
  /** Where both ways out of a branch meet again; `undefined`: each has an end of its own. */
  meeting(branch: string): string | undefined;
}

/** Follows the arrows. What is wrong with them goes to `problems`, by the node where it is. */
export const findWays = ({ start, nodes, edges }: Flow, problems: FlowProblem[]): Ways | undefined => {
  const before = problems.length;
  for (const [index, { from, to }] of edges.entries()) {
    for (const end of [from, to]) {
      if (!nodes.has(end)) problems.push({ at: `edges[${index}]`, message: `there is no node "${end}"` });
    }
  }
  if (!nodes.has(start)) problems.push({ at: 'flow', message: `there is no node "${start}" to start with` });
  for (const node of nodes.values()) {
    const out = edges.filter(({ from }) => from === node.id).map(({ when }) => `${when}`);
    if (out.sort().join() !== ARROWS[node.kind] && node.kind !== 'end') {
      problems.push({ at: node.id, message: node.kind === 'branch' ? TWO_ARROWS : ONE_ARROW });
    } else if (node.kind === 'end' && out.length > 0)
      problems.push({ at: node.id, message: 'nothing comes after an end' });
  }
  if (problems.length > before) return undefined;

  const after = (id: string): readonly string[] => edges.filter(({ from }) => from === id).map(({ to }) => to);
  const order = inOrder(start, after, problems);
  for (const id of nodes.keys()) {
    if (!order.includes(id)) problems.push({ at: id, message: 'no way leads here from the start' });
  }
  if (problems.length > before) return undefined;

  // What every way from a node on comes by, from the ends back.
  const certain = new Map<string, ReadonlySet<string>>();
  for (const id of order.toReversed()) {
    const [first = [], ...others] = after(id).map((next) => certain.get(next) ?? new Set<string>());
    certain.set(id, new Set([id, ...[...first].filter((node) => others.every((other) => other.has(node)))]));
  }
  return {
    next: (id, when) => edges.find((edge) => edge.from === id && edge.when === when)?.to ?? id,
    meeting: (branch) => order.find((id) => id !== branch && certain.get(branch)?.has(id)),
  };
};

const ARROWS: Readonly<Record<FlowNode['kind'], string>> = {
  make: 'undefined',
  call: 'undefined',
  request: 'undefined',
  sleep: 'undefined',
  approval: 'undefined',
  branch: 'false,true',
  end: '',
};
const ONE_ARROW = 'needs exactly one arrow out of it, without "when"';
const TWO_ARROWS = 'needs exactly two arrows out of it, "when": true and "when": false';

/** All that the start leads to, each after everything that leads to it. A circle is a problem at the node that closes it. */
const inOrder = (
  start: string,
  after: (id: string) => readonly string[],
  problems: FlowProblem[],
): readonly string[] => {
  const order: string[] = [];
  const open = new Set<string>();
  const visit = (id: string): void => {
    if (order.includes(id)) return;
    open.add(id);
    for (const next of after(id)) {
      if (open.has(next)) problems.push({ at: id, message: `leads back to "${next}": a flow has no circles` });
      else visit(next);
    }
    open.delete(id);
    order.push(id);
  };
  visit(start);
  return order.reverse();
};
