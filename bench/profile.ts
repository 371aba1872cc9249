import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The part of the `.cpuprofile` format that is read here. Times are in microseconds. */
export type CpuProfile = Readonly<{
  nodes: readonly Readonly<{
    id: number;
    callFrame: Readonly<{ functionName: string; url: string }>;
    children?: readonly number[];
  }>[];
  samples?: readonly number[];
  timeDeltas?: readonly number[];
}>;

export type AreaTime = Readonly<{ area: string; ms: number; share: number }>;

const idle = 'idle';

/** The first that matches wins. Order matters: what is particular comes before what is general. */
const areas: readonly (readonly [RegExp, string])[] = [
  [/\/lib\/http\/|\/node_modules\/(hono|@hono)\//, 'HTTP: routes, Hono'],
  [/^node:(_http|http|net|internal\/(http|net|stream_base|deps\/undici))/, 'HTTP: Node'],
  [/\/lib\/service\//, 'service: use cases and queue'],
  [/\/lib\/core\//, 'engine'],
  [/\/lib\/adapters\/|^node:(internal\/)?sqlite/, 'storage: SQLite, commit'],
  [
    /\/lib\/executor\/|^node:(internal\/)?(child_process|ipc)|^node:internal\/serdes/,
    'executor: messages, isolate boundary',
  ],
  [/\/node_modules\/isolated-vm\//, 'executor: messages, isolate boundary'],
  [/\/lib\/guest\//, 'guest'],
  [/\/lib\/bundle\/|\/node_modules\/esbuild\//, 'bundles'],
  [/^node:|^internal\//, "Node's other internals"],
];

/** Time spent in functions themselves, by area of the code, largest first; waiting is left out. */
export function breakDown(profile: CpuProfile): readonly AreaTime[] {
  const areaOfNode = areasByNode(profile);
  const spent = new Map<string, number>();
  for (const [index, id] of (profile.samples ?? []).entries()) {
    const area = areaOfNode.get(id) ?? idle;
    if (area !== idle) spent.set(area, (spent.get(area) ?? 0) + (profile.timeDeltas?.[index] ?? 0) / 1000);
  }
  const total = [...spent.values()].reduce((sum, ms) => sum + ms, 0);
  return [...spent].map(([area, ms]) => ({ area, ms, share: ms / total })).sort((left, right) => right.ms - left.ms);
}

/** The profiles that the processes of one server left in a folder, largest work first. */
export function readProfiles(folder: string): readonly CpuProfile[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.cpuprofile'))
    .map((name): CpuProfile => JSON.parse(readFileSync(path.join(folder, name), 'utf8')));
}

function areasByNode(profile: CpuProfile): ReadonlyMap<number, string> {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const result = new Map<number, string>();
  const root = profile.nodes[0];
  const open: [number, string][] = root === undefined ? [] : [[root.id, idle]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [id, callerArea] = next;
    const node = nodes.get(id);
    if (node === undefined) continue;
    const area = areaOf(node.callFrame, callerArea);
    result.set(id, area);
    for (const child of node.children ?? []) open.push([child, area]);
  }
  return result;
}

/** Native functions have no file: they count for whoever called them. */
function areaOf(frame: Readonly<{ functionName: string; url: string }>, callerArea: string): string {
  if (frame.url === '') {
    if (frame.functionName === '(garbage collector)') return 'garbage collection';
    if (frame.functionName === '(program)') return 'native code outside JavaScript';
    return callerArea;
  }
  const known = areas.find(([pattern]) => pattern.test(frame.url));
  if (known !== undefined) return known[1];
  const dependency = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(frame.url)?.[1];
  return dependency === undefined ? 'the rest of lib and bin' : `package ${dependency}`;
}
