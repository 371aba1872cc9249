interface LoadingProps {
  readonly what: string;
  /** How much room it takes until then. @default 5 */
  readonly rows?: number;
}

/** Holds the room of what is on its way. */
export const Loading = ({ what, rows = 5 }: LoadingProps) => (
  <div class="loading" aria-busy="true">
    <p class="unseen">Loading {what} …</p>
    {Array.from({ length: rows }, (_, row) => (
      <span key={row} />
    ))}
  </div>
);
