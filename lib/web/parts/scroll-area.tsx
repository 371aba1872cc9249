import type { ComponentChildren, Ref } from 'preact';

interface ScrollAreaProps {
  readonly label: string;
  readonly class: string;
  readonly areaRef?: Ref<HTMLElement>;
  readonly children: ComponentChildren;
}

/** Scrolls by itself, by keyboard too. */
export const ScrollArea = ({ label, class: className, areaRef, children }: ScrollAreaProps) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: without a mouse, what holds no button could not be scrolled
  <section aria-label={label} class={className} tabIndex={0} {...(areaRef !== undefined && { ref: areaRef })}>
    {children}
  </section>
);
