import { Activation } from './versions/activation.tsx';
import { VersionCompare } from './versions/compare.tsx';
import { VersionDetail } from './versions/detail.tsx';
import { VersionList } from './versions/list.tsx';
import type { ViewProps } from './view.ts';

/** `versions`, `versions/compare?from=&to=`, `versions/<version>` and `versions/<version>/activate`. */
export const Versions = (props: ViewProps) => {
  const { tenant, parts } = props;
  const [version, deed] = parts;
  if (version === undefined) return <VersionList {...props} />;
  if (version === 'compare') return <VersionCompare {...props} />;
  if (deed === 'activate') return <Activation tenant={tenant} version={version} />;
  return <VersionDetail tenant={tenant} version={version} />;
};
