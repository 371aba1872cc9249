import { InstanceList } from './instance-list.tsx';
import type { ViewProps } from './view.ts';

/** `instances` lists them. */
export const Instances = (props: ViewProps) => <InstanceList {...props} />;
