import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

interface Operation {
  readonly responses: Record<string, { readonly content?: Record<string, { readonly schema?: object }> }>;
}

export interface OpenApi {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, object> };
}

/** Says what of an answer the document does not allow; an empty list is what a test wants to see. */
export const createContractCheck = (document: OpenApi) => {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  const validators = new Map<string, ValidateFunction>();
  const patterns = Object.keys(document.paths)
    // A literal part is closer than a parameter.
    .sort((a, b) => (a.match(/\{/g)?.length ?? 0) - (b.match(/\{/g)?.length ?? 0))
    .map((path) => {
      const source = path.replace(/\/\{path\}$/, '(/.*)?').replace(/\{[A-Za-z]+\}/g, '[^/]+');
      return { path, pattern: new RegExp(`^${source}$`) };
    });

  return async (method: string, path: string, response: Response): Promise<readonly string[]> => {
    const text = await response.clone().text();
    const type = response.headers.get('content-type')?.split(';')[0] ?? '';
    const status = `${response.status}`;
    const matching = patterns.filter(({ pattern }) => pattern.test(path));
    const found = matching.find((one) => document.paths[one.path]?.[method.toLowerCase()] !== undefined);
    if (found === undefined) {
      const expected = matching.length === 0 ? 'route.not_found' : 'request.method_not_allowed';
      return (JSON.parse(text) as { code: string }).code === expected
        ? []
        : [`${method} ${path} is not in the document`];
    }
    const operation = document.paths[found.path]?.[method.toLowerCase()];
    const described = operation?.responses[status];
    if (described === undefined) {
      if (operation?.responses.default !== undefined && type !== 'application/problem+json') return [];
      return [`${method} ${found.path}: status ${status} is not in the document: ${text}`];
    }
    if (described.content === undefined) return text === '' ? [] : [`${method} ${found.path}: a body with ${status}`];
    const content = described.content[type] ?? described.content['*/*'];
    // Bytes have no schema.
    if (content !== undefined && !type.endsWith('json')) return [];
    if (content?.schema === undefined) return [`${method} ${found.path}: ${type} with ${status}`];

    const name = `${method} ${found.path} ${status} ${type}`;
    // The document's references are seen from its root.
    const validate = validators.get(name) ?? ajv.compile({ components: document.components, allOf: [content.schema] });
    validators.set(name, validate);
    if (validate(JSON.parse(text))) return [];
    return [`${name}: ${ajv.errorsText(validate.errors)} in ${text.slice(0, 500)}`];
  };
};
