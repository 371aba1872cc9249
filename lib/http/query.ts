import { invalidField, TenonError } from '../core/errors.ts';

/**
 * The query's fields. `search` is empty or starts with `?`.
 * @throws TenonError `request.malformed` (percent-encoding), `request.invalid` (a field given twice)
 */
export const readQuery = (search: string): Record<string, string> => {
  const fields: Record<string, string> = Object.create(null) as Record<string, string>;
  if (search.length < 2) return fields;
  for (const part of search.slice(1).split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = decode(equals === -1 ? part : part.slice(0, equals));
    if (name in fields) throw invalidField(name, 'is given twice');
    fields[name] = equals === -1 ? '' : decode(part.slice(equals + 1));
  }
  return { ...fields };
};

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw malformedEncoding();
  }
};

export const malformedEncoding = (): TenonError =>
  new TenonError('request.malformed', 'The address holds percent-encoding that is not valid UTF-8.');

/** A part of a path; `undefined` where its percent-encoding is malformed. */
export const decodePathPart = (text: string): string | undefined => {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
};

export interface Address {
  /** `http://host:port` */
  readonly origin: string;
  /** As it was sent, percent-encoding included. */
  readonly path: string;
  /** Empty, or starts with `?`. */
  readonly search: string;
}

/** Splits an absolute URL that the server has already made canonical; `new URL` would cost more than the whole route. */
export const splitAddress = (url: string): Address => {
  const start = url.indexOf('/', url.indexOf('://') + 3);
  if (start === -1) return { origin: url, path: '/', search: '' };
  const hash = url.indexOf('#', start);
  const end = hash === -1 ? url.length : hash;
  const question = url.indexOf('?', start);
  const pathEnd = question === -1 || question > end ? end : question;
  return { origin: url.slice(0, start), path: url.slice(start, pathEnd), search: url.slice(pathEnd, end) };
};
