import type { Place } from '../router.ts';
import type { Session } from '../session.ts';
import type { View } from '../views/view.ts';
import { OPERATOR_VIEWS, TENANT_VIEWS } from '../views/views.ts';

/** Where an address leads for whoever is signed in. */
export interface Where {
  /** Absent: among the operator's own views. */
  readonly tenant: string | undefined;
  /** Absent: nowhere. */
  readonly view: View | undefined;
  /** What the address says behind the view's name. */
  readonly parts: readonly string[];
}

/** A tenant's key sees its tenant alone, whatever the address says. */
export const whereIs = ({ parts }: Place, session: Pick<Session, 'tenant'>): Where => {
  const isOperator = session.tenant === undefined;
  const isOfTenant = parts[0] === 't';
  if (isOperator && !isOfTenant) return found(OPERATOR_VIEWS, undefined, parts);
  const tenant = session.tenant ?? parts[1];
  if (tenant === undefined) return found(OPERATOR_VIEWS, undefined, []);
  const views = tenantViews(isOperator);
  if (isOfTenant && parts[1] !== tenant) return { tenant, view: undefined, parts: [] };
  return found(views, tenant, isOfTenant ? parts.slice(2) : parts);
};

export const tenantViews = (isOperator: boolean): readonly View[] =>
  TENANT_VIEWS.filter(({ isForOperator }) => isOperator || isForOperator !== true);

const found = (views: readonly View[], tenant: string | undefined, parts: readonly string[]): Where => ({
  tenant,
  view: parts.length === 0 ? views[0] : views.find(({ name }) => name === parts[0]),
  parts: parts.slice(1),
});
