import type { ComponentChildren } from 'preact';

interface EmptyProps {
  readonly title: string;
  /** What to do next. */
  readonly children?: ComponentChildren;
  readonly actions?: ComponentChildren;
}

export const Empty = ({ title, children, actions }: EmptyProps) => (
  <div class="empty">
    <strong>{title}</strong>
    {children !== undefined && <p>{children}</p>}
    {actions !== undefined && <div class="actions">{actions}</div>}
  </div>
);
