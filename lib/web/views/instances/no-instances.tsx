import { Empty } from '../../parts/empty.tsx';
import { linkTo } from '../../router.ts';

interface NoInstancesProps {
  readonly tenant: string;
  readonly why: 'nothing_deployed' | 'none_yet' | 'filtered';
}

export const NoInstances = ({ tenant, why }: NoInstancesProps) => {
  if (why === 'filtered') {
    return (
      <Empty title="No instance is like that">
        Choose another status or a wider range of time, or clear the filters.
      </Empty>
    );
  }
  return (
    <Empty
      title={why === 'none_yet' ? 'No instance yet' : 'Nothing is deployed'}
      actions={
        <a class="button primary" href={linkTo(['t', tenant, 'playground'])}>
          {why === 'none_yet' ? 'Run one in the playground' : 'Write a workflow in the playground'}
        </a>
      }
    >
      {why === 'none_yet' ? (
        'An instance appears here as soon as it is created.'
      ) : (
        <>
          Deploy a version: <code>tenon deploy workflow.ts --tenant {tenant}</code>
        </>
      )}
    </Empty>
  );
};
