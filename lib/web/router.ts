import { computed, signal } from '@preact/signals';

/**
 * The page's addresses stand behind `#`: one file serves them all, and what a tenant names never reaches a server's log.
 */
const hash = signal(location.hash);
addEventListener('hashchange', () => {
  hash.value = location.hash;
});

/** Decoded parts of the path, and what follows `?`. */
export interface Place {
  readonly parts: readonly string[];
  readonly query: Readonly<Record<string, string>>;
}

export const place = computed((): Place => {
  const [path = '', search = ''] = hash.value.replace(/^#\/?/, '').split('?');
  return {
    parts: path
      .split('/')
      .filter((part) => part !== '')
      .map(decode),
    query: Object.fromEntries(new URLSearchParams(search)),
  };
});

const decode = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};

/** `#/a/b?c=d` of its parts, encoded. */
export const linkTo = (parts: readonly string[], query: Readonly<Record<string, string | undefined>> = {}): string => {
  const given = Object.entries(query).filter((entry): entry is [string, string] => !!entry[1]);
  const search = given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
  return `#/${parts.map(encodeURIComponent).join('/')}${search}`;
};

export const goTo = (parts: readonly string[], query?: Readonly<Record<string, string | undefined>>): void => {
  location.hash = linkTo(parts, query);
};

/** As `goTo`, in place of where one is: *back* does not lead through each of these. */
export const changeTo = (parts: readonly string[], query?: Readonly<Record<string, string | undefined>>): void => {
  location.replace(linkTo(parts, query));
};
