/** An instant as people say it, with the exact one at hand. */
export const Moment = ({ at }: { readonly at: string | null | undefined }) => {
  if (!at) return <span class="quiet">–</span>;
  const date = new Date(at);
  return (
    <time dateTime={at} title={at}>
      {date.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' })}
    </time>
  );
};
