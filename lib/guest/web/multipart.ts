import { Blob, blobBytes, File } from './blob.ts';
import { FormData } from './form-data.ts';
import { gate } from './gate.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

/** https://html.spec.whatwg.org/#multipart-form-data and RFC 7578. */
export function encodeMultipart(form: FormData): { readonly bytes: Uint8Array; readonly type: string } {
  const boundary = `----formdata-${Array.from(gate().random(16), (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
  const parts: unknown[] = [];
  for (const [name, value] of form) {
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${escapeName(toCrlf(name))}"`;
    if (typeof value === 'string') parts.push(`${head}\r\n\r\n${toCrlf(value)}\r\n`);
    else {
      const type = value.type === '' ? 'application/octet-stream' : value.type;
      parts.push(`${head}; filename="${escapeName(value.name)}"\r\nContent-Type: ${type}\r\n\r\n`, value, '\r\n');
    }
  }
  parts.push(`--${boundary}--\r\n`);
  return { bytes: blobBytes(new Blob(parts)), type: `multipart/form-data; boundary=${boundary}` };
}

const toCrlf = (text: string): string => text.replace(/\r\n|\r|\n/g, '\r\n');
const escapeName = (name: string): string =>
  name.replaceAll('\n', '%0A').replaceAll('\r', '%0D').replaceAll('"', '%22');
const unescapeName = (name: string): string =>
  name.replaceAll('%0A', '\n').replaceAll('%0D', '\r').replaceAll('%22', '"');

const malformed = (): never => {
  throw new TypeError('The body is not well-formed multipart/form-data.');
};

function indexOf(bytes: Uint8Array, wanted: Uint8Array, from: number): number {
  const first = wanted[0] as number;
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (wanted.every((byte, index) => bytes[at + index] === byte)) return at;
  }
  return -1;
}

const startsAt = (bytes: Uint8Array, text: string, at: number): boolean =>
  [...text].every((character, index) => bytes[at + index] === character.charCodeAt(0));

export function decodeMultipart(bytes: Uint8Array, contentType: string): FormData {
  const found = /;\s*boundary=(?:"([^"]{1,70})"|([^;\s]{1,70}))/i.exec(contentType);
  const boundary = found?.[1] ?? found?.[2] ?? malformed();
  const form = new FormData();
  const delimiter = encodeUtf8(`\r\n--${boundary}`);
  // The first delimiter has no line end before it unless there is a preamble.
  const isAtStart = startsAt(bytes, `--${boundary}`, 0);
  const first = isAtStart ? 0 : indexOf(bytes, delimiter, 0);
  if (first < 0) malformed();
  let at = first + delimiter.length - (isAtStart ? 2 : 0);
  while (!startsAt(bytes, '--', at)) {
    if (!startsAt(bytes, '\r\n', at)) malformed();
    const headEnd = indexOf(bytes, lineEnds, at);
    const end = headEnd < 0 ? -1 : indexOf(bytes, delimiter, headEnd + 2);
    if (headEnd < 0 || end < 0) malformed();
    // The two line ends before the content may be those after the delimiter: a part without headers.
    addPart(form, decodeUtf8(bytes.subarray(at + 2, headEnd)), bytes.subarray(headEnd + 4, Math.max(end, headEnd + 4)));
    at = end + delimiter.length;
  }
  return form;
}

const lineEnds = encodeUtf8('\r\n\r\n');

function addPart(form: FormData, head: string, content: Uint8Array): void {
  const headers = new Map<string, string>();
  for (const line of head.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon < 1) malformed();
    headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  const disposition = headers.get('content-disposition') ?? '';
  const name = /^form-data\s*;/i.test(disposition) ? parameter(disposition, 'name') : undefined;
  const field = name ?? malformed();
  const filename = parameter(disposition, 'filename');
  if (filename === undefined) form.append(field, decodeUtf8(content));
  else form.append(field, new File([content], filename, { type: headers.get('content-type') ?? 'text/plain' }));
}

function parameter(disposition: string, name: string): string | undefined {
  const found = new RegExp(`;\\s*${name}=(?:"([^"]*)"|([^;\\s]+))`, 'i').exec(disposition);
  return found === null ? undefined : unescapeName(found[1] ?? found[2] ?? '');
}
