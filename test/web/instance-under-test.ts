import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import type { Instance, TenantWorld } from '../conformance/world.ts';
import type { PageUnderTest } from './page-under-test.ts';

/** The page of an instance, for the operator. */
export const openInstance = (
  put: PageUnderTest,
  tenant: TenantWorld,
  instance: Instance,
  options: BrowserContextOptions = {},
): Promise<Page> => {
  const workflow = /workflows\/([^/]+)\//.exec(instance.path)?.[1];
  return put.asOperator(`#/t/${tenant.id}/instances/${workflow}/${instance.id}`, { locale: 'en-GB', ...options });
};

/** A step in the timeline: the button that selects it. */
export const rowOf = (page: Page, name: string): Locator =>
  page.getByLabel('Timeline').getByRole('button', { name: new RegExp(`^${name} ?\\(`) });
