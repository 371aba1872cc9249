import { posix } from 'node:path';
import { ALIASES, FORBIDDEN_FOLDERS, IMPORT_TABLE, type Unit } from './import-table.ts';
import { type ModuleImport, scanModule } from './scan-module.ts';

/** Modules by their path from the root of the repository. */
export type SourceTree = ReadonlyMap<string, string>;

interface Edge extends ModuleImport {
  readonly from: string;
  /** A module of the tree; absent: a package, a module of Node, or nothing. */
  readonly to: string | undefined;
}

/** Gives every breach of the architecture as one line that names the module and what to look at. */
export function checkArchitecture(tree: SourceTree): readonly string[] {
  const breaches: string[] = [];
  const edges: Edge[] = [];
  for (const [path, text] of tree) {
    const folder = path.split('/').find((part) => FORBIDDEN_FOLDERS.includes(part));
    if (folder !== undefined) breaches.push(`${path}: a folder named "${folder}" says nothing of what is in it`);
    const unit = unitOf(path);
    if (unit === undefined) breaches.push(`${path}: belongs to no unit of the import table`);

    const { imports, hasDefaultExport, ambients } = scanModule(text, path.endsWith('.tsx') ? 'tsx' : 'ts');
    if (hasDefaultExport && path.startsWith('lib/')) breaches.push(`${path}: has a default export`);
    if (unit?.path === 'lib/core/') {
      for (const ambient of ambients) breaches.push(`${path}: core is pure, and uses ${ambient}`);
    }
    for (const found of imports) {
      const edge = { ...found, from: path, to: resolve(path, found.specifier) };
      edges.push(edge);
      const breach = unit && checkEdge(unit, edge, tree);
      if (breach !== undefined) breaches.push(`${path}: ${breach}`);
    }
  }
  return [...breaches, ...findCycles(edges)];
}

function unitOf(path: string): Unit | undefined {
  return IMPORT_TABLE.filter((unit) => path.startsWith(unit.path)).toSorted((a, b) => b.path.length - a.path.length)[0];
}

function resolve(from: string, specifier: string): string | undefined {
  return specifier.startsWith('.') ? posix.join(posix.dirname(from), specifier) : ALIASES.get(specifier);
}

function checkEdge(unit: Unit, edge: Edge, tree: SourceTree): string | undefined {
  const { specifier, to, isTypeOnly } = edge;
  if (to === undefined) return checkPackage(unit, specifier);
  if (!tree.has(to)) return `imports ${specifier}, which is not there`;
  if (unit.isRoot || to.startsWith(unit.path)) return undefined;
  const isAllowed = (paths: readonly string[] = []): boolean => paths.some((path) => to.startsWith(path));
  if (isAllowed(unit.mayImport) || (isTypeOnly && isAllowed(unit.mayImportTypes))) return undefined;
  return isAllowed(unit.mayImportTypes)
    ? `${unit.path} may import only types from ${to}`
    : `${unit.path} may not import ${to}`;
}

function checkPackage(unit: Unit, specifier: string): string | undefined {
  if (unit.isRoot) return undefined;
  if (specifier.startsWith('node:')) {
    return unit.node === true || unit.node?.includes(specifier)
      ? undefined
      : `${unit.path} may not import ${specifier}`;
  }
  const [scopeOrName = '', name] = specifier.split('/');
  const packageName = scopeOrName.startsWith('@') ? `${scopeOrName}/${name}` : scopeOrName;
  const isAllowed = unit.packages?.some((allowed) => allowed === packageName || allowed === `${scopeOrName}/*`);
  return isAllowed ? undefined : `${unit.path} may not import the package ${packageName}`;
}

/** Cycles of types too: they say that two modules are one subject. Each is told once, from its first module by name. */
function findCycles(edges: readonly Edge[]): readonly string[] {
  const targets = Map.groupBy(edges, ({ from }) => from);
  const done = new Set<string>();
  const cycles = new Set<string>();
  const follow = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) {
      const cycle = trail.slice(start);
      const first = cycle.indexOf(cycle.toSorted()[0] ?? path);
      cycles.add([...cycle.slice(first), ...cycle.slice(0, first + 1)].join(' -> '));
      return;
    }
    if (done.has(path)) return;
    for (const { to } of targets.get(path) ?? []) {
      if (to !== undefined) follow(to, [...trail, path]);
    }
    done.add(path);
  };
  for (const path of targets.keys()) follow(path, []);
  return [...cycles].map((cycle) => `import cycle: ${cycle}`);
}
