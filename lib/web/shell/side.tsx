import { useEffect, useState } from 'preact/hooks';
import { linkTo, place } from '../router.ts';
import { currentSession, signOut } from '../session.ts';
import type { View } from '../views/view.ts';
import { OPERATOR_VIEWS } from '../views/views.ts';
import { Mark } from './mark.tsx';
import { TenantSwitcher } from './tenant-switcher.tsx';
import { tenantViews, type Where } from './where.ts';

/** The way around: at the side, or behind a button where the screen is narrow. */
export const Side = ({ where }: { readonly where: Where }) => {
  const { tenant: own } = currentSession();
  const [isOpen, setOpen] = useState(false);
  const here = place.value;
  useEffect(() => setOpen(false), [here]);
  const isOperator = own === undefined;
  return (
    <header class="side" data-open={isOpen}>
      <div class="side-head">
        <a class="brand" href={linkTo(isOperator ? ['tenants'] : ['t', own])}>
          <Mark />
          Tenon
        </a>
        <button type="button" class="menu-button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          Menu
        </button>
      </div>
      <div class="side-body">
        {isOperator ? (
          <TenantSwitcher tenant={where.tenant} view={where.view?.name} />
        ) : (
          <span class="tenant" title={own}>
            {own}
          </span>
        )}
        <nav aria-label="Main">
          {where.tenant !== undefined && (
            <Links views={tenantViews(isOperator)} current={where.view} before={['t', where.tenant]} />
          )}
          {isOperator && (
            <>
              {where.tenant !== undefined && <h2>All tenants</h2>}
              <Links views={OPERATOR_VIEWS} current={where.tenant === undefined ? where.view : undefined} before={[]} />
            </>
          )}
        </nav>
        <div class="who">
          {isOperator ? 'Operator' : "Tenant's key"}
          <button type="button" class="plain" onClick={signOut}>
            Sign out
          </button>
        </div>
      </div>
    </header>
  );
};

interface LinksProps {
  readonly views: readonly View[];
  readonly current: View | undefined;
  readonly before: readonly string[];
}

const Links = ({ views, current, before }: LinksProps) => (
  <ul>
    {views.map((view) => (
      <li key={view.name}>
        <a href={linkTo([...before, view.name])} {...(view === current && { 'aria-current': 'page' })}>
          {view.title}
        </a>
      </li>
    ))}
  </ul>
);
