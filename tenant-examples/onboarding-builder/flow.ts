/** A flow as a visual builder keeps it: boxes and arrows, whose texts are data and never code. */

export const FIELD_TYPES = ['string', 'number', 'boolean'] as const;
export type FieldType = (typeof FIELD_TYPES)[number];
export type Fields = ReadonlyMap<string, FieldType>;

/** A text may hold references, `{{payload.team}}` or `{{review.by}}`; one that is a reference and nothing else keeps its type. */
export type Value = string | number | boolean | { readonly [field: string]: Value };
export type Values = Readonly<Record<string, Value>>;

export const COMPARISONS = ['equals', 'differs from', 'is at least', 'is below'] as const;

export interface Condition {
  readonly left: Value;
  readonly is: (typeof COMPARISONS)[number];
  readonly right: Value;
}

/** The calls of bindings that a box may make, with what each takes. Whatever is not here cannot be said in a flow. */
export const CALLS = {
  'STORAGE.put': { takes: 2, type: 'TenantStorage' },
  'STORAGE.delete': { takes: 1, type: 'TenantStorage' },
  'CACHE.put': { takes: 2, type: 'TenantCache' },
  'QUEUE.send': { takes: 1, type: 'Queue' },
} as const;
export type CallName = keyof typeof CALLS;

/** `id` is what references and arrows name it by; `label` is the name of its step. */
interface Box<Kind extends string> {
  readonly id: string;
  readonly kind: Kind;
  readonly label: string;
}

export type FlowNode =
  /** A pure step: makes an object. */
  | (Box<'make'> & { readonly fields: Values })
  | (Box<'call'> & { readonly call: CallName; readonly with: readonly Value[] })
  /** `gives`: the fields of the JSON answered that others refer to. */
  | (Box<'request'> & {
      readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
      readonly url: string;
      readonly body?: Values;
      readonly gives: Fields;
    })
  | (Box<'sleep'> & { readonly for: string })
  /** Gives `approved` and `by`; silence is a no, by `nobody`. */
  | (Box<'approval'> & { readonly event: string; readonly timeout: string })
  | (Omit<Box<'branch'>, 'label'> & { readonly if: Condition })
  | (Omit<Box<'end'>, 'label'> & { readonly result: Values });

export interface Edge {
  readonly from: string;
  readonly to: string;
  /** At a branch: whether its condition held. */
  readonly when?: boolean;
}

export interface Flow {
  /** The class's name. */
  readonly workflow: string;
  readonly params: Fields;
  readonly start: string;
  readonly nodes: ReadonlyMap<string, FlowNode>;
  readonly edges: readonly Edge[];
}

/** What is wrong, and where: a node's id, `edges[3]`, or `flow`. */
export interface FlowProblem {
  readonly at: string;
  readonly message: string;
}

export const MAX_NODES = 100;
