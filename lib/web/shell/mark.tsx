/** The sign of the house, as in `icon.svg`; the name stands beside it. */
export const Mark = () => (
  <svg viewBox="0 0 32 32" aria-hidden="true">
    <rect width="32" height="32" rx="7" fill="#2f5fd0" />
    <path d="M7 8h18v6h-6v11h-6V14H7z" fill="#fff" />
  </svg>
);
