import { Blob, File, toFile } from './blob.ts';
import { registerCloner } from './clone-registry.ts';

export type FormValue = string | File;

const wellFormed = (value: unknown): string => `${value}`.toWellFormed();

function toValue(value: unknown, filename: string | undefined): FormValue {
  if (!(value instanceof Blob)) {
    if (filename !== undefined) throw new TypeError('Only a Blob has a file name.');
    return wellFormed(value);
  }
  if (filename !== undefined) return toFile(value, wellFormed(filename));
  return value instanceof File ? value : toFile(value, 'blob');
}

/** https://xhr.spec.whatwg.org/#interface-formdata */
export class FormData {
  #entries: [string, FormValue][] = [];

  constructor(form?: unknown) {
    if (form !== undefined) throw new TypeError('A FormData is made empty: there are no forms here.');
  }

  append(name: string, value: unknown, filename?: string): void {
    this.#entries.push([wellFormed(name), toValue(value, filename)]);
  }

  set(name: string, value: unknown, filename?: string): void {
    const key = wellFormed(name);
    const entry: [string, FormValue] = [key, toValue(value, filename)];
    const first = this.#entries.findIndex(([each]) => each === key);
    if (first < 0) {
      this.#entries.push(entry);
      return;
    }
    this.#entries = this.#entries.flatMap((each, index) => (index === first ? [entry] : each[0] === key ? [] : [each]));
  }

  delete(name: string): void {
    const key = wellFormed(name);
    this.#entries = this.#entries.filter(([each]) => each !== key);
  }

  get(name: string): FormValue | null {
    return this.getAll(name)[0] ?? null;
  }

  getAll(name: string): FormValue[] {
    const key = wellFormed(name);
    return this.#entries.filter(([each]) => each === key).map(([, value]) => value);
  }

  has(name: string): boolean {
    return this.getAll(name).length > 0;
  }

  forEach(callback: (value: FormValue, name: string, form: FormData) => void, self?: unknown): void {
    for (const [name, value] of this) callback.call(self, value, name, this);
  }

  *entries(): IterableIterator<[string, FormValue]> {
    for (let at = 0; at < this.#entries.length; at++) {
      const [name, value] = this.#entries[at] as [string, FormValue];
      yield [name, value];
    }
  }

  *keys(): IterableIterator<string> {
    for (const [name] of this.entries()) yield name;
  }

  *values(): IterableIterator<FormValue> {
    for (const [, value] of this.entries()) yield value;
  }

  [Symbol.iterator](): IterableIterator<[string, FormValue]> {
    return this.entries();
  }

  get [Symbol.toStringTag](): string {
    return 'FormData';
  }
}

registerCloner(FormData.prototype, 'refused');
