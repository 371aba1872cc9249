import { TrieRouter } from 'hono/router/trie-router';
import type { Route } from './route.ts';

/** All routes of one path. */
interface PathEntry {
  readonly path: string;
  readonly byMethod: Map<string, Route>;
}

export type Found =
  | { readonly kind: 'route'; readonly route: Route; readonly params: Readonly<Record<string, string>> }
  | { readonly kind: 'no_route' }
  /** The path is known, the method is not. */
  | { readonly kind: 'no_method'; readonly allowed: readonly string[] };

export type FindRoute = (method: string, path: string) => Found;

/**
 * Finds routes by method and path. Where a path fits two patterns, the one that stands first in the table wins, if it
 * has the method.
 */
export const createFinder = (routes: readonly Route[]): FindRoute => {
  const router = new TrieRouter<PathEntry>();
  const entries = new Map<string, PathEntry>();
  for (const route of routes) {
    let entry = entries.get(route.path);
    if (entry === undefined) {
      entry = { path: route.path, byMethod: new Map() };
      entries.set(route.path, entry);
      router.add('ALL', patternOf(route.path), entry);
    }
    if (entry.byMethod.has(route.method)) throw new Error(`${route.method} ${route.path} stands twice in the table`);
    entry.byMethod.set(route.method, route);
  }

  return (method, path) => {
    // Without middleware the router tells handlers and their params in pairs.
    const matches = router.match('ALL', path)[0] as readonly [PathEntry, Record<string, string>][];
    if (matches.length === 0) return { kind: 'no_route' };
    for (const [entry, params] of matches) {
      const route =
        entry.byMethod.get(method) ??
        entry.byMethod.get('ANY') ??
        (method === 'HEAD' ? entry.byMethod.get('GET') : undefined);
      if (route !== undefined) return { kind: 'route', route, params };
    }
    const allowed = new Set(matches.flatMap(([entry]) => [...entry.byMethod.keys()]));
    if (allowed.has('GET')) allowed.add('HEAD');
    return { kind: 'no_method', allowed: [...allowed].sort() };
  };
};

/** `/v1/tenants/{tenant}` becomes `/v1/tenants/:tenant`. */
const patternOf = (path: string): string => path.replace(/\{([A-Za-z]+)\}/g, ':$1');
