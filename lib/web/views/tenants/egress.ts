import type { Tenant } from '../../../client/operations.ts';
import { countText } from '../../../client/wording.ts';

export type Egress = Tenant['egress'];

export const EGRESS_KINDS = ['none', 'public', 'allow', 'gateway'] as const;
export type EgressKind = (typeof EGRESS_KINDS)[number];

export const EGRESS_TITLES: Readonly<Record<EgressKind, string>> = {
  none: 'Nothing',
  public: 'The public internet',
  allow: 'Only these hosts',
  gateway: 'All through a gateway',
};

/** As a form has it: what is picked, and the text beside it. */
export interface EgressDraft {
  readonly kind: EgressKind;
  /** One host a line, or the gateway's URL. */
  readonly text: string;
}

export const draftOf = (egress: Egress): EgressDraft => {
  if (typeof egress === 'string') return { kind: egress, text: '' };
  return 'allow' in egress
    ? { kind: 'allow', text: egress.allow.join('\n') }
    : { kind: 'gateway', text: egress.gateway };
};

export const egressOf = ({ kind, text }: EgressDraft): Egress => {
  switch (kind) {
    case 'none':
    case 'public':
      return kind;
    case 'allow':
      return { allow: text.split(/[\s,]+/).filter((host) => host !== '') };
    case 'gateway':
      return { gateway: text.trim() };
  }
};

export const egressText = (egress: Egress): string => {
  if (egress === 'none') return 'nothing';
  if (egress === 'public') return 'the public internet';
  if ('gateway' in egress) return `gateway ${egress.gateway}`;
  const [first, ...others] = egress.allow;
  if (first === undefined) return 'nothing';
  return others.length === 0 ? first : `${first} and ${countText(others.length, 'more', 'more')}`;
};
