// What the rules see of a source file: its syntax tree, imports, exports, functions and identifiers.
import { posix } from 'node:path';
import { parseSync, visitorKeys } from 'oxc-parser';

const parsed = new Map();

/** The syntax tree of a file; the same text is parsed once. */
export function parse(path, text) {
  const key = `${path}\0${text}`;
  if (!parsed.has(key)) {
    const { program, errors } = parseSync(path, text);
    if (errors.length > 0) throw new SyntaxError(`${path}: ${errors[0].message}`);
    parsed.set(key, program);
  }
  return parsed.get(key);
}

/** Calls `visit(node, parent, key)` for every node of a tree. */
export function walk(node, visit, parent, key) {
  visit(node, parent, key);
  for (const name of visitorKeys[node.type] ?? []) {
    const child = node[name];
    for (const each of Array.isArray(child) ? child : [child]) if (each) walk(each, visit, node, name);
  }
}

const lineOf = (text, offset) => text.slice(0, offset).split('\n').length;

const isTypeOnly = (node) =>
  node.importKind === 'type' ||
  node.exportKind === 'type' ||
  (node.specifiers?.length > 0 && node.specifiers.every((s) => s.importKind === 'type' || s.exportKind === 'type'));

/**
 * Every module that a file names: `{ specifier, isType, line }`. Imports, re-exports, `import()` in values and in types,
 * and `new URL('./x.ts', import.meta.url)`, which starts workers and child processes.
 */
export function importsOf(path, text) {
  const found = [];
  const add = (node, isType) =>
    typeof node?.value === 'string' && found.push({ specifier: node.value, isType, line: lineOf(text, node.start) });
  walk(parse(path, text), (node) => {
    if (node.type === 'ImportDeclaration' || node.type.startsWith('Export')) add(node.source, isTypeOnly(node));
    if (node.type === 'ImportExpression') add(node.source, false);
    if (node.type === 'TSImportType') add(node.source ?? node.argument, true);
    const isUrl = node.type === 'NewExpression' && node.callee.name === 'URL' && node.arguments.length === 2;
    if (isUrl && /^\.{1,2}\/.*\.[mc]?[jt]s$/.test(node.arguments[0].value ?? '')) add(node.arguments[0], false);
  });
  return found;
}

function declaredNames(declaration) {
  if (declaration.type !== 'VariableDeclaration') return declaration.id ? [declaration.id.name] : [];
  return declaration.declarations.flatMap(({ id }) => (id.type === 'Identifier' ? [id.name] : []));
}

/** The names that a file exports (`*` for all of another module). */
export function exportsOf(path, text) {
  return parse(path, text).body.flatMap((node) => {
    if (node.type === 'ExportAllDeclaration') return [node.exported?.name ?? '*'];
    if (node.type === 'ExportDefaultDeclaration') return ['default'];
    if (node.type !== 'ExportNamedDeclaration') return [];
    const own = node.declaration ? declaredNames(node.declaration) : [];
    return [...own, ...node.specifiers.map((s) => s.exported.name ?? s.exported.value)];
  });
}

/** Every function with its length in lines: `{ line, lines }`. */
export function functionsOf(path, text) {
  const found = [];
  walk(parse(path, text), (node) => {
    if (!/^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type) || !node.body) return;
    const line = lineOf(text, node.start);
    found.push({ line, lines: lineOf(text, node.end) - line + 1 });
  });
  return found;
}

/** Whether an identifier only names a member, so that it doesn't stand for a variable or a type of that name. */
function isMemberName(parent, key) {
  if (parent === undefined) return false;
  if (key === 'property') return parent.type === 'MemberExpression' && !parent.computed;
  if (key === 'key') return !parent.computed && !parent.shorthand;
  if (key === 'right') return parent.type === 'TSQualifiedName';
  return key === 'imported' || (key === 'exported' && parent.type === 'ExportSpecifier') || key === 'label';
}

/** Variables and types that a file mentions: `{ name, line }`; members are joined with a dot (`Math.random`). */
export function mentionsOf(path, text) {
  const found = [];
  const add = (name, node) => found.push({ name, line: lineOf(text, node.start) });
  walk(parse(path, text), (node, parent, key) => {
    if (node.type === 'Identifier' && !isMemberName(parent, key)) add(node.name, node);
    if (node.type === 'MemberExpression' && node.object.type === 'Identifier') {
      const member = node.computed ? node.property.value : node.property.name;
      const object = node.object.name === 'globalThis' ? '' : `${node.object.name}.`;
      add(`${object}${member}`, node);
    }
    if (node.async === true || node.type === 'AwaitExpression') add('async', node);
  });
  return found;
}

/** The file that a relative specifier names. */
export const resolveRelative = (path, specifier) => posix.join(posix.dirname(path), specifier);

/** `NodeInfo` → `node-info`. */
export const kebab = (name) =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase();
