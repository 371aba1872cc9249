import type { ComponentType } from 'preact';

/** What a view is shown with: its tenant, and what its address says behind its name. */
export interface ViewProps {
  readonly tenant: string;
  readonly parts: readonly string[];
  readonly query: Readonly<Record<string, string>>;
}

/** A view comes with its own script, loaded when it is first shown. */
export interface View {
  /** Its name in the address: `#/t/<tenant>/<name>/…`, or `#/<name>/…` for the operator's. */
  readonly name: string;
  /** Its name in the navigation. */
  readonly title: string;
  /** Of a tenant's views: only the operator's key opens it. */
  readonly isForOperator?: true;
  readonly load: () => Promise<ComponentType<ViewProps>>;
}
