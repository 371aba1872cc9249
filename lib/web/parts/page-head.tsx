import type { ComponentChildren } from 'preact';

interface PageHeadProps {
  readonly title: ComponentChildren;
  readonly about?: ComponentChildren;
  /** At the right: buttons, or a search. */
  readonly children?: ComponentChildren;
}

export const PageHead = ({ title, about, children }: PageHeadProps) => (
  <div class="page-head">
    <div>
      <h1>{title}</h1>
      {about !== undefined && <p>{about}</p>}
    </div>
    {children !== undefined && <div class="actions">{children}</div>}
  </div>
);
