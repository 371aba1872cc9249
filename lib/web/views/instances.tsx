import { InstancePage } from '../instance/instance-page.tsx';
import { InstanceList } from './instance-list.tsx';
import type { ViewProps } from './view.ts';

/** `instances` lists them; `instances/<workflow>/<id>` is one of them, `?step=` a step of it. */
export const Instances = (props: ViewProps) => {
  const { tenant, parts, query } = props;
  const [workflow, id] = parts;
  if (workflow === undefined || id === undefined) return <InstanceList {...props} />;
  return <InstancePage key={`${workflow}/${id}`} path={{ tenant, workflow, id }} selectedKey={query.step} />;
};
