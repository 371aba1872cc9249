import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { describeRoutes } from '../../lib/http/openapi.ts';
import { ROUTES } from '../../lib/http/routes.ts';

const ROOT = resolve(import.meta.dirname, '../..');

export const OPERATIONS_FILE = join(ROOT, 'lib/client/operations.ts');

interface Schema {
  readonly $ref?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly type?: string | readonly string[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
}

type Content = Readonly<Record<string, { readonly schema?: Schema }>>;

interface Operation {
  readonly summary: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: 'path' | 'query';
    readonly required: boolean;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const JSON_TYPE = 'application/json';

/** The types of all calls that speak JSON, by the API's own document. */
export const operationsText = (): string => {
  const { paths, components } = describeRoutes(ROUTES) as unknown as Document;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, operation]) => speaksJson(operation))
      .map(([method, operation]) => operationText(`${method.toUpperCase()} ${path}`, operation)),
  );
  const text = [
    '/** Written by `npm run client:types` from the OpenAPI document, and a test holds it against that: not edited by hand. */',
    'export interface Operations {',
    ...operations,
    '}',
    ...Object.entries(components.schemas).map(([name, schema]) => `export type ${name} = ${typeText(schema)};`),
  ].join('\n');
  const biome = join(ROOT, 'node_modules/.bin/biome');
  return execFileSync(biome, ['format', `--stdin-file-path=${OPERATIONS_FILE}`], {
    cwd: ROOT,
    input: text,
    encoding: 'utf8',
  });
};

/** Files and tenants' own pages have no types to give. */
const speaksJson = ({ requestBody, responses }: Operation): boolean => {
  const contents = Object.entries(responses).flatMap(([status, { content }]) =>
    isGood(status) && content !== undefined ? [content] : [],
  );
  if (requestBody !== undefined) contents.push(requestBody.content);
  return !('default' in responses) && contents.every((content) => JSON_TYPE in content);
};

const isGood = (status: string): boolean => status.startsWith('2');

const operationText = (name: string, { summary, parameters, requestBody, responses }: Operation): string => {
  const fieldsIn = (place: 'path' | 'query'): string =>
    fieldsText(parameters.filter((one) => one.in === place).map((one) => [one.name, one.schema, one.required]));
  const body = requestBody?.content[JSON_TYPE]?.schema;
  const answers = Object.entries(responses)
    .filter(([status]) => isGood(status))
    .map(([, { content }]) => (content === undefined ? 'undefined' : typeText(content[JSON_TYPE]?.schema ?? {})));
  return [
    `/** ${summary} */`,
    `readonly '${name}': {`,
    `readonly path: ${fieldsIn('path')};`,
    `readonly query: ${fieldsIn('query')};`,
    `readonly body: ${body === undefined ? 'undefined' : `${typeText(body)}${requestBody?.required ? '' : ' | undefined'}`};`,
    `readonly answer: ${[...new Set(answers)].join(' | ') || 'undefined'};`,
    '};',
  ].join('\n');
};

const typeText = (schema: Schema): string => {
  if (schema.$ref !== undefined) return schema.$ref.replace('#/components/schemas/', '');
  if ('const' in schema) return literalText(schema.const);
  if (schema.enum !== undefined) return schema.enum.map(literalText).join(' | ');
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return `(${[...new Set(choices.map(typeText))].join(' | ')})`;
  if (schema.allOf !== undefined) return `(${schema.allOf.map(typeText).join(' & ')})`;
  if (typeof schema.type === 'object') {
    return `(${schema.type.map((type) => typeText({ ...schema, type })).join(' | ')})`;
  }
  switch (schema.type) {
    case 'string':
    case 'boolean':
    case 'null':
      return schema.type;
    case 'number':
    case 'integer':
      return 'number';
    case 'array':
      return `readonly (${typeText(schema.items ?? {})})[]`;
    case 'object':
      return objectText(schema);
    default:
      return 'unknown';
  }
};

const objectText = ({ properties = {}, required = [], additionalProperties }: Schema): string => {
  const fields = fieldsText(Object.entries(properties).map(([name, part]) => [name, part, required.includes(name)]));
  if (typeof additionalProperties !== 'object') return fields;
  const others = `Readonly<Record<string, ${typeText(additionalProperties)}>>`;
  return Object.keys(properties).length === 0 ? others : `(${fields} & ${others})`;
};

const fieldsText = (fields: readonly (readonly [string, Schema, boolean])[]): string =>
  fields.length === 0
    ? 'Readonly<Record<string, never>>'
    : `{ ${fields.map(([name, part, isRequired]) => `readonly '${name}'${isRequired ? '' : '?'}: ${typeText(part)};`).join(' ')} }`;

const literalText = (value: unknown): string =>
  typeof value === 'string' ? `'${value.replaceAll("'", "\\'")}'` : JSON.stringify(value);
