import { describe, expect, it } from 'vitest';
import { MAX_SNAPSHOTS, MAX_SNAPSHOTS_BYTES } from '../../lib/core/limits.ts';
import { noWorkspace, snapshotProblem } from '../../lib/core/snapshot-bounds.ts';

const GIB = 1_073_741_824;

describe('one more snapshot', () => {
  it('fits where there is room for it', () => {
    expect(snapshotProblem([], { bytes: 1, maxBytes: GIB })).toBeUndefined();
    const others = Array.from({ length: MAX_SNAPSHOTS - 1 }, () => ({ bytes: 1 }));
    expect(snapshotProblem(others, { bytes: 1, maxBytes: GIB })).toBeUndefined();
    expect(snapshotProblem([{ bytes: MAX_SNAPSHOTS_BYTES - 1 }], { bytes: 1, maxBytes: GIB })).toBeUndefined();
  });

  it('is refused by a code where it is too large, or all of them would be, or they are too many', () => {
    expect(snapshotProblem([], { bytes: GIB, maxBytes: GIB })).toMatch(/^\(snapshot\.too_large\) .*1024 MiB/);
    const many = Array.from({ length: MAX_SNAPSHOTS }, () => ({ bytes: 0 }));
    expect(snapshotProblem(many, { bytes: 1, maxBytes: GIB })).toMatch(/^\(snapshot\.quota_exceeded\) .*10240 MiB/);
    expect(snapshotProblem([{ bytes: MAX_SNAPSHOTS_BYTES }], { bytes: 1, maxBytes: GIB })).toMatch(/deleteSnapshot/);
  });

  it('of nothing is refused by a code, too', () => {
    expect(noWorkspace('build')).toMatch(/^\(snapshot\.no_workspace\) .*"build"/);
  });
});
