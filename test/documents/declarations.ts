import { parseSync } from 'rolldown/utils';

/** A part of a declaration with a name of its own. */
export interface Member {
  /** `retries.limit` for what lies inside of another one. */
  readonly name: string;
  /** As it is written, on one line and without comments. */
  readonly signature: string;
  readonly doc: string;
  readonly isMethod: boolean;
}

export interface Declaration {
  readonly name: string;
  /** As it is written, up to its members. */
  readonly head: string;
  readonly doc: string;
  readonly members: readonly Member[];
}

export interface DeclaredModule {
  /** What stands at the top of the file. */
  readonly doc: string;
  readonly declarations: readonly Declaration[];
}

/** As much of the parser's tree as is looked at. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly id?: Node & { readonly name: string };
  readonly key?: Node & { readonly name?: string };
  readonly declaration?: Node | null;
  readonly body?: Node | readonly Node[];
  readonly members?: readonly Node[];
  readonly types?: readonly Node[];
  readonly typeAnnotation?: Node | null;
  readonly kind?: string;
}

/** The exported declarations of a TypeScript module, with their doc comments. Syntax only: no name is looked up. */
export const declarationsIn = (file: string, source: string): DeclaredModule => {
  const { program, comments, errors } = parseSync(file, source, { lang: 'ts' });
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`);
  const docs = comments.filter(({ type, value }) => type === 'Block' && value.startsWith('*'));
  const first = docs.find(({ start }) => source.slice(0, start).trim() === '');
  const isOfFile = first !== undefined && /^\s*\n\s*\n|^\s*import/.test(source.slice(first.end));
  const docBefore = (node: Node): string => {
    const found = docs.find(({ end }) => end <= node.start && source.slice(end, node.start).trim() === '');
    return found === undefined || (isOfFile && found === first) ? '' : textOf(found.value);
  };
  const written = (start: number, end: number): string => {
    const inside = comments.filter((comment) => comment.start >= start && comment.end <= end).toReversed();
    const text = inside.reduce(
      (left, comment) => left.slice(0, comment.start - start) + left.slice(comment.end - start),
      source.slice(start, end),
    );
    return text.replace(/\s+/g, ' ').replace('= | ', '= ').replace(/;? ?$/, '').trim();
  };

  const membersOf = (nodes: readonly Node[], path: string): readonly Member[] =>
    nodes.flatMap((node) => {
      const { name } = node.key ?? {};
      if (name === undefined || node.kind === 'constructor') return [];
      const inner = partsOf(node.typeAnnotation ?? undefined);
      const member = {
        name: `${path}${name}`,
        signature: path + written(node.start, node.end),
        doc: docBefore(node),
        isMethod: /Method/.test(node.type),
      };
      return [member, ...membersOf(inner, `${path}${name}.`)];
    });

  const declared = (outer: Node): readonly Declaration[] => {
    const node = outer.declaration;
    if (node?.id === undefined) return [];
    const body = Array.isArray(node.body) ? undefined : (node.body as Node | undefined);
    const parts = body === undefined ? partsOf(node.typeAnnotation ?? undefined) : listOf(body);
    const head = body === undefined ? written(node.start, node.end) : written(node.start, body.start);
    return [{ name: node.id.name, head, doc: docBefore(outer), members: membersOf(parts, '') }];
  };

  const body = program.body as unknown as readonly Node[];
  return {
    doc: isOfFile ? textOf(first.value) : '',
    declarations: body.filter(({ type }) => type === 'ExportNamedDeclaration').flatMap(declared),
  };
};

const listOf = (body: Node): readonly Node[] => (Array.isArray(body.body) ? (body.body as readonly Node[]) : []);

/** What has names inside of a type: fields of an object, or of each of several. */
const partsOf = (type: Node | undefined): readonly Node[] => {
  if (type === undefined) return [];
  if (type.type === 'TSTypeAnnotation') return partsOf(type.typeAnnotation ?? undefined);
  if (type.type === 'TSTypeLiteral') return type.members ?? [];
  if (type.type === 'TSUnionType' || type.type === 'TSIntersectionType') return (type.types ?? []).flatMap(partsOf);
  return [];
};

const textOf = (comment: string): string =>
  comment
    .replace(/^\*/, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trim())
    .join('\n')
    .trim();
