import {
  CALLS,
  type CallName,
  COMPARISONS,
  type Edge,
  FIELD_TYPES,
  type FieldType,
  type Flow,
  type FlowNode,
  type FlowProblem,
  MAX_NODES,
  type Value,
  type Values,
} from './flow.ts';

const ID = /^[a-z][a-zA-Z0-9]{0,39}$/;
const FIELD = /^[a-zA-Z][a-zA-Z0-9]{0,39}$/;
const WORKFLOW = /^[A-Z][a-zA-Z0-9]{0,63}$/;
const EVENT = /^[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,99}$/;
const DURATION = /^\d{1,6} (second|minute|hour|day|week|month)s?$/;
// The host is the flow's own: no reference can lead a request elsewhere.
const URL_START = /^https:\/\/[a-z0-9.-]+(\/|$)/;
const METHODS = ['GET', 'POST', 'PUT', 'DELETE'] as const;
const MAX_DEPTH = 5;

type Shape = Readonly<Record<string, unknown>>;

/** What is wrong with one thing; caught where that thing is known by its name. */
class Wrong extends Error {}

const object = (value: unknown, what: string, fields: readonly string[], optional: readonly string[] = []): Shape => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Wrong(`${what} is no object`);
  const unknown = Object.keys(value).find((key) => !fields.includes(key) && !optional.includes(key));
  if (unknown !== undefined) throw new Wrong(`${what} has no field ${JSON.stringify(unknown)}`);
  const missing = fields.find((field) => !Object.hasOwn(value, field));
  if (missing !== undefined) throw new Wrong(`${what} needs the field "${missing}"`);
  return value as Shape;
};

const text = (value: unknown, what: string, pattern: RegExp): string => {
  if (typeof value !== 'string' || !pattern.test(value)) {
    throw new Wrong(`${what} is ${JSON.stringify(value)}, and has to match ${pattern.source}`);
  }
  return value;
};

const oneOf = <T extends string>(value: unknown, what: string, known: readonly T[]): T => {
  const found = known.find((name) => name === value);
  if (found === undefined)
    throw new Wrong(`${what} is ${JSON.stringify(value)}, and has to be one of ${known.join(', ')}`);
  return found;
};

const list = (value: unknown, what: string, max = Number.POSITIVE_INFINITY): readonly unknown[] => {
  if (!Array.isArray(value) || value.length > max) throw new Wrong(`${what} is no list of at most ${max}`);
  return value;
};

const entries = (value: unknown, what: string): readonly (readonly [string, unknown])[] => {
  const names = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  return Object.entries(object(value, what, names)).map(([name, entry]) => [
    text(name, `a field of ${what}`, FIELD),
    entry,
  ]);
};

const fieldTypes = (value: unknown, what: string): ReadonlyMap<string, FieldType> =>
  new Map(entries(value, what).map(([name, type]) => [name, oneOf(type, `${what}.${name}`, FIELD_TYPES)]));

const readValue = (value: unknown, what: string, depth = 0): Value => {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (depth === MAX_DEPTH) throw new Wrong(`${what} goes deeper than ${MAX_DEPTH} levels`);
  return readValues(value, what, depth + 1);
};

const readValues = (value: unknown, what: string, depth = 0): Values =>
  Object.fromEntries(entries(value, what).map(([name, field]) => [name, readValue(field, `${what}.${name}`, depth)]));

// biome-ignore lint/suspicious/noControlCharactersInRegex: a step's name has none
const LABEL = /^[^\u0000-\u001f\u007f]{1,256}$/;

const readNode = (id: string, value: Shape): FlowNode => {
  const kinds = ['make', 'call', 'request', 'sleep', 'approval', 'branch', 'end'] as const;
  const kind = oneOf(value.kind, 'kind', kinds);
  const fields = (more: readonly string[], optional: readonly string[] = []): Shape =>
    object(value, `a node of kind "${kind}"`, ['id', 'kind', ...more], optional);
  const label = (): string => text(value.label, 'label', LABEL);
  switch (kind) {
    case 'make':
      return { id, kind, label: label(), fields: readValues(fields(['label', 'fields']).fields, 'fields') };
    case 'call': {
      const node = fields(['label', 'call', 'with']);
      const call = oneOf(node.call, 'call', Object.keys(CALLS) as CallName[]);
      const given = list(node.with, 'with').map((part, index) => readValue(part, `with[${index}]`));
      if (given.length !== CALLS[call].takes)
        throw new Wrong(`${call} takes ${CALLS[call].takes}, got ${given.length}`);
      return { id, kind, label: label(), call, with: given };
    }
    case 'request': {
      const node = fields(['label', 'method', 'url'], ['body', 'gives']);
      const method = oneOf(node.method, 'method', METHODS);
      const body = node.body === undefined ? {} : { body: readValues(node.body, 'body') };
      if (method === 'GET' && 'body' in body) throw new Wrong('a GET has no body');
      const gives = fieldTypes(node.gives ?? {}, 'gives');
      return { id, kind, label: label(), method, url: text(node.url, 'url', URL_START), ...body, gives };
    }
    case 'sleep':
      return { id, kind, label: label(), for: text(fields(['label', 'for']).for, 'for', DURATION) };
    case 'approval': {
      const node = fields(['label', 'event', 'timeout']);
      const timeout = text(node.timeout, 'timeout', DURATION);
      return { id, kind, label: label(), event: text(node.event, 'event', EVENT), timeout };
    }
    case 'branch': {
      const { left, is, right } = object(fields(['if']).if, 'if', ['left', 'is', 'right']);
      const condition = { left: readValue(left, 'left', MAX_DEPTH), right: readValue(right, 'right', MAX_DEPTH) };
      return { id, kind, if: { ...condition, is: oneOf(is, 'is', COMPARISONS) } };
    }
    case 'end':
      return { id, kind, result: readValues(fields(['result']).result, 'result') };
  }
};

const readEdge = (value: unknown): Edge => {
  const { from, to, when } = object(value, 'an edge', ['from', 'to'], ['when']);
  if (when !== undefined && typeof when !== 'boolean') throw new Wrong('when is neither true nor false');
  const ends = { from: text(from, 'from', ID), to: text(to, 'to', ID) };
  return when === undefined ? ends : { ...ends, when };
};

/** Reads the JSON of a flow. What is wrong goes to `problems`, each with its place; what is right is read on. */
export const readFlow = (json: unknown, problems: FlowProblem[]): Flow | undefined => {
  const reading = <T>(at: string, read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof Wrong)) throw error;
      problems.push({ at, message: error.message });
      return undefined;
    }
  };
  return reading('flow', () => {
    const flow = object(json, 'a flow', ['workflow', 'params', 'start', 'nodes', 'edges']);
    const nodes = new Map<string, FlowNode>();
    for (const [index, value] of list(flow.nodes, 'nodes', MAX_NODES).entries()) {
      const id = reading(`nodes[${index}]`, () => text((value as Shape | null)?.id, 'id', ID));
      if (id === undefined) continue;
      if (nodes.has(id) || id === 'payload') problems.push({ at: id, message: 'another has this id' });
      const node = reading(id, () => readNode(id, value as Shape));
      if (node !== undefined) nodes.set(id, node);
    }
    const edges = list(flow.edges, 'edges', 2 * MAX_NODES).flatMap(
      (value, index) => reading(`edges[${index}]`, () => readEdge(value)) ?? [],
    );
    const params = fieldTypes(flow.params, 'params');
    const start = text(flow.start, 'start', ID);
    return { workflow: text(flow.workflow, 'workflow', WORKFLOW), params, start, nodes, edges };
  });
};
