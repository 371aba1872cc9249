/** What tenants can start from: the repository's own examples, which its tests run. */
export interface Example {
  /** Of its folder. */
  readonly name: string;
  readonly source: string;
  /** JSON. */
  readonly payload: string;
}

const SOURCES: Readonly<Record<string, string>> = import.meta.glob('../../../tenant-examples/*/workflow.ts', {
  query: '?raw',
  import: 'default',
  eager: true,
});
const PAYLOADS: Readonly<Record<string, string>> = import.meta.glob('../../../tenant-examples/*/input.json', {
  query: '?raw',
  import: 'default',
  eager: true,
});

/** The shortest one, which ends by itself. */
const FIRST = 'hello';

export const EXAMPLES: readonly Example[] = Object.entries(SOURCES)
  .map(([path, source]) => {
    const folder = path.slice(0, path.lastIndexOf('/'));
    const payload = PAYLOADS[`${folder}/input.json`]?.trim() ?? '{}';
    return { name: folder.slice(folder.lastIndexOf('/') + 1), source, payload };
  })
  .sort((a, b) => Number(b.name === FIRST) - Number(a.name === FIRST) || a.name.localeCompare(b.name));
