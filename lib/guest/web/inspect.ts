/** Values as text for logs: what a person wants to read, bounded in depth, breadth and length. */

const maxDepth = 4;
const maxItems = 100;
const maxText = 10_000;
/** Objects in one text: breadth to the power of depth would be more than anyone reads. */
const maxObjects = 1_000;

const isPlainKey = (key: string): boolean => /^[A-Za-z_$][\w$]*$/.test(key);
const quote = (text: string): string => {
  const short = text.length > maxText ? `${text.slice(0, maxText)}... ${text.length - maxText} more characters` : text;
  const escaped = JSON.stringify(short).slice(1, -1).replaceAll('\\"', '"');
  return short.includes("'") && !short.includes('"') ? `"${escaped}"` : `'${escaped.replaceAll("'", "\\'")}'`;
};

class Inspection {
  readonly #open: object[] = [];
  #seen = 0;

  text(value: unknown): string {
    switch (typeof value) {
      case 'string':
        return quote(value);
      case 'bigint':
        return `${value}n`;
      case 'number':
        return Object.is(value, -0) ? '-0' : `${value}`;
      case 'symbol':
        return value.toString();
      case 'function':
        return this.#function(value);
      case 'object':
        return value === null ? 'null' : this.#object(value);
      default:
        return `${value}`;
    }
  }

  #function(value: object): string {
    const source = Function.prototype.toString.call(value);
    const { name } = value as { name?: unknown };
    const label = typeof name === 'string' && name !== '' ? name : '(anonymous)';
    return source.startsWith('class') ? `[class ${label}]` : `[Function: ${label}]`;
  }

  #object(value: object): string {
    if (this.#open.includes(value)) return '[Circular]';
    if (++this.#seen > maxObjects) return '[...]';
    const tag = Object.prototype.toString.call(value).slice(8, -1);
    if (value instanceof Error) return this.#error(value);
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
    if (value instanceof RegExp) return `${value}`;
    const className = constructorName(value);
    if (this.#open.length > maxDepth) return Array.isArray(value) ? '[Array]' : `[${className ?? 'Object'}]`;
    this.#open.push(value);
    try {
      return this.#nested(value, className, tag);
    } finally {
      this.#open.pop();
    }
  }

  #nested(value: object, className: string | undefined, tag: string): string {
    if (Array.isArray(value)) {
      const prefix = className === 'Array' ? '' : `${className}(${value.length}) `;
      return wrap(prefix, [...this.#items(value), ...this.#properties(value)], '[]');
    }
    if (value instanceof Map) {
      const pairs = firstOf(value).map(([key, item]) => `${this.text(key)} => ${this.text(item)}`);
      return wrap(`Map(${value.size}) `, [...pairs, ...omitted(value.size), ...this.#properties(value)], '{}');
    }
    if (value instanceof Set) {
      const items = firstOf(value).map((item) => this.text(item));
      return wrap(`Set(${value.size}) `, [...items, ...omitted(value.size), ...this.#properties(value)], '{}');
    }
    if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
      const items = value as unknown as ArrayLike<unknown>;
      return wrap(`${className}(${items.length}) `, this.#items(items), '[]');
    }
    if (value instanceof ArrayBuffer) return `ArrayBuffer { byteLength: ${value.byteLength} }`;
    if (value instanceof Promise) return 'Promise {}';
    if (['Boolean', 'Number', 'String'].includes(tag))
      return `[${tag}: ${this.text((value as { valueOf(): unknown }).valueOf())}]`;
    const entries = describePlatform(value, tag);
    if (entries !== undefined)
      return wrap(
        `${tag} `,
        entries.map(([key, item]) => `${key}: ${this.text(item)}`),
        '{}',
      );
    const prefix = className === 'Object' ? '' : `${className ?? '[Object: null prototype]'} `;
    return wrap(prefix, this.#properties(value), '{}');
  }

  #items(items: ArrayLike<unknown>): string[] {
    const shown: string[] = [];
    for (let at = 0; at < items.length && at < maxItems; at++) {
      shown.push(at in items ? this.text(items[at]) : '<empty>');
    }
    return [...shown, ...omitted(items.length)];
  }

  #properties(value: object): string[] {
    const shown: string[] = [];
    // The items of an array are shown already.
    const isShown = (key: PropertyKey) => Array.isArray(value) && typeof key === 'string' && /^\d+$/.test(key);
    const keys = Reflect.ownKeys(value).filter(
      (key) => !isShown(key) && Object.getOwnPropertyDescriptor(value, key)?.enumerable,
    );
    for (const key of keys.slice(0, maxItems)) {
      const name = typeof key === 'symbol' ? `[${key.toString()}]` : isPlainKey(key) ? key : quote(key);
      const descriptor = Object.getOwnPropertyDescriptor(value, key);
      // A getter is code of the tenant, which a log does not call.
      const text = descriptor?.get !== undefined ? '[Getter]' : this.text(descriptor?.value);
      shown.push(`${name}: ${text}`);
    }
    if (keys.length > maxItems) shown.push(`... ${keys.length - maxItems} more`);
    return shown;
  }

  #error(error: Error): string {
    if (this.#open.length > maxDepth) return `[${error.name}: ${error.message}]`;
    this.#open.push(error);
    const head = `${error.name}: ${error.message}`;
    const stack = typeof error.stack === 'string' && error.stack !== '' ? error.stack : `[${head}]`;
    // A message that was changed after the stack was taken is shown as it is now.
    let text = stack.includes(error.message) ? stack : `${head}\n${stack.slice(stack.indexOf('\n') + 1)}`;
    const extra = this.#properties(error);
    if (error.cause !== undefined) extra.push(`[cause]: ${this.text(error.cause)}`);
    if (error instanceof AggregateError) extra.push(`[errors]: ${this.text(error.errors)}`);
    if (extra.length > 0) text += ` ${wrap('', extra, '{}')}`;
    this.#open.pop();
    return text;
  }
}

function firstOf<Item>(items: Iterable<Item>): Item[] {
  const first: Item[] = [];
  for (const item of items) {
    if (first.length === maxItems) break;
    first.push(item);
  }
  return first;
}

const omitted = (count: number): string[] => (count > maxItems ? [`... ${count - maxItems} more items`] : []);

function constructorName(value: object): string | undefined {
  for (let link: object | null = value; link !== null; link = Object.getPrototypeOf(link)) {
    const made: unknown = Object.getOwnPropertyDescriptor(link, 'constructor')?.value;
    if (typeof made === 'function' && made.name !== '') return made.name;
  }
  return undefined;
}

/** What is worth seeing of a platform object, whose state is private. */
function describePlatform(value: object, tag: string): [string, unknown][] | undefined {
  const pick = (...names: string[]): [string, unknown][] => names.map((name) => [name, Reflect.get(value, name)]);
  switch (tag) {
    case 'URL':
      return pick('href');
    case 'Headers':
    case 'URLSearchParams':
    case 'FormData':
      return Array.from(value as Iterable<[string, unknown]>, ([name, item]) => [
        isPlainKey(name) ? name : quote(name),
        item,
      ]);
    case 'Response':
      return pick('status', 'statusText', 'url', 'headers', 'bodyUsed');
    case 'Request':
      return pick('method', 'url', 'headers', 'bodyUsed');
    case 'Blob':
      return pick('size', 'type');
    case 'File':
      return pick('name', 'size', 'type', 'lastModified');
    case 'AbortSignal':
      return pick('aborted');
    default:
      return undefined;
  }
}

function wrap(prefix: string, parts: readonly string[], brackets: string): string {
  const [open, close] = [brackets.charAt(0), brackets.charAt(1)];
  if (parts.length === 0) return `${prefix}${open}${close}`;
  const line = parts.join(', ');
  if (line.length <= 100 && !line.includes('\n')) return `${prefix}${open} ${line} ${close}`;
  return `${prefix}${open}\n  ${parts.map((part) => part.replaceAll('\n', '\n  ')).join(',\n  ')}\n${close}`;
}

export function inspect(value: unknown): string {
  try {
    return new Inspection().text(value);
  } catch {
    // A proxy or an altered prototype that throws when it is looked at.
    return '[unreadable value]';
  }
}

/** The formatter of https://console.spec.whatwg.org/#formatter */
export function formatLog(parts: readonly unknown[]): string {
  const rest = [...parts];
  const texts: string[] = [];
  if (typeof rest[0] === 'string' && rest.length > 1) {
    const template = rest.shift() as string;
    texts.push(
      template.replace(/%[sdifjoOc%]/g, (directive) => {
        if (directive === '%%') return '%';
        return rest.length === 0 ? directive : applyDirective(directive, rest.shift());
      }),
    );
  }
  for (const part of rest) texts.push(typeof part === 'string' ? part : inspect(part));
  return texts.join(' ');
}

function applyDirective(directive: string, value: unknown): string {
  switch (directive) {
    case '%s':
      return typeof value === 'object' || typeof value === 'function' ? inspect(value) : String(value);
    case '%d':
      return typeof value === 'bigint' ? `${value}n` : `${isConvertible(value) ? Number(value) : Number.NaN}`;
    case '%i':
      return `${isConvertible(value) ? Number.parseInt(`${value}`, 10) : Number.NaN}`;
    case '%f':
      return `${isConvertible(value) ? Number.parseFloat(`${value}`) : Number.NaN}`;
    case '%c':
      return '';
    default:
      return inspect(value);
  }
}

const isConvertible = (value: unknown): boolean => typeof value !== 'symbol' && typeof value !== 'object';
