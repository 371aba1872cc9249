import { parseAst } from 'rolldown/parseAst';

export interface ModuleImport {
  readonly specifier: string;
  /** Gone when the types are. */
  readonly isTypeOnly: boolean;
}

export interface ModuleScan {
  readonly imports: readonly ModuleImport[];
  readonly hasDefaultExport: boolean;
  /** Uses of what differs between two runs: clocks, randomness, the machine. As they are written. */
  readonly ambients: readonly string[];
}

interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** Ambient things by their global names. */
const AMBIENT_GLOBALS = new Set([
  'crypto',
  'performance',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'process',
  'globalThis',
  'fetch',
  'console',
]);
/** Ambient members of globals that are pure otherwise. */
const AMBIENT_MEMBERS = new Set(['Date.now', 'Math.random']);

/** Expressions with a type beside: every other TypeScript node holds names of types and members. */
const TYPED_EXPRESSIONS = new Set([
  'TSAsExpression',
  'TSSatisfiesExpression',
  'TSNonNullExpression',
  'TSTypeAssertion',
]);

/** Reads a module's imports in every form, and what it takes from its surroundings. */
export function scanModule(text: string, lang: 'ts' | 'tsx' = 'ts'): ModuleScan {
  const imports: ModuleImport[] = [];
  const ambients = new Set<string>();
  let hasDefaultExport = false;

  visit(parseAst(text, { lang }) as unknown as Node, undefined, (node, parent) => {
    const specifier = sourceOf(node);
    if (specifier !== undefined) imports.push({ specifier, isTypeOnly: isTypeOnly(node) });
    if (node.type === 'ExportDefaultDeclaration' || exportsDefault(node)) hasDefaultExport = true;
    const ambient = ambientOf(node, parent);
    if (ambient !== undefined) ambients.add(ambient);
  });
  return { imports, hasDefaultExport, ambients: [...ambients] };
}

function visit(node: Node, parent: Node | undefined, see: (node: Node, parent: Node | undefined) => void): void {
  see(node, parent);
  for (const field of Object.values(node)) {
    for (const child of Array.isArray(field) ? field : [field]) {
      if (isNode(child)) visit(child, node, see);
    }
  }
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';

/** The module that a node asks for. A path that is computed is told by its text, and fits no rule. */
function sourceOf(node: Node): string | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
    case 'ImportExpression':
    case 'TSImportType':
      return isNode(node.source) ? textOf(node.source) : undefined;
    case 'TSExternalModuleReference':
      return isNode(node.expression) ? textOf(node.expression) : undefined;
    case 'CallExpression': {
      const [argument] = node.arguments as readonly Node[];
      return isNamed(node.callee, 'require') && argument !== undefined ? textOf(argument) : undefined;
    }
    default:
      return undefined;
  }
}

const textOf = (node: Node): string => (typeof node.value === 'string' ? node.value : `(${node.type})`);

/** `import { type A }` is none: it leaves an empty import, which loads the module. */
function isTypeOnly(node: Node): boolean {
  return node.type === 'TSImportType' || node.importKind === 'type' || node.exportKind === 'type';
}

function exportsDefault(node: Node): boolean {
  return node.type === 'ExportSpecifier' && isNamed(node.exported, 'default');
}

function ambientOf(node: Node, parent: Node | undefined): string | undefined {
  if (node.type === 'MemberExpression' && isNode(node.object) && isNode(node.property)) {
    const name = `${node.object.name}.${node.computed === true ? textOf(node.property) : node.property.name}`;
    return AMBIENT_MEMBERS.has(name) ? name : undefined;
  }
  const isCall = node.type === 'NewExpression' || node.type === 'CallExpression';
  if (isCall && isNamed(node.callee, 'Date')) {
    const isOfNow = node.type === 'CallExpression' || (node.arguments as readonly Node[]).length === 0;
    return isOfNow ? 'Date of now' : undefined;
  }
  const isReference = node.type === 'Identifier' && parent !== undefined && !isNameOnly(node, parent);
  return isReference && AMBIENT_GLOBALS.has(String(node.name)) ? String(node.name) : undefined;
}

/** A key or a member's name says nothing of a global of that name. */
function isNameOnly(node: Node, parent: Node): boolean {
  if (parent.computed === true) return false;
  if (parent.type === 'MemberExpression') return parent.property === node;
  if (parent.type === 'Property') return parent.key === node && parent.shorthand !== true;
  return parent.key === node || (parent.type.startsWith('TS') && !TYPED_EXPRESSIONS.has(parent.type));
}

const isNamed = (node: unknown, name: string): boolean =>
  isNode(node) && node.type === 'Identifier' && node.name === name;
