// The client events as the types of the `openai` package have them, beside the schema that the rehearsal model checks.
// node published-types.mjs SCHEMA -> one line of JSON: property paths that only one of them has.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const deepest = 9;
const declarations = fileURLToPath(new URL('node_modules/openai/resources/realtime/realtime.d.ts', import.meta.url));

function fromTypes() {
  const program = ts.createProgram([declarations], { strict: true, skipLibCheck: true, module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, target: ts.ScriptTarget.ES2022 });
  const checker = program.getTypeChecker();
  const root = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(declarations))).find(symbol => symbol.name === 'RealtimeClientEvent');
  const paths = new Set();
  const walk = (type, path, depth) => {
    if (depth > deepest) return;
    if (type.isUnion()) return type.types.forEach(part => walk(part, path, depth));
    if (checker.isArrayType(type)) return walk(checker.getTypeArguments(type)[0], `${path}[]`, depth);
    if (!(type.flags & ts.TypeFlags.Object) || checker.getIndexInfosOfType(type).length > 0) return;
    for (const property of checker.getPropertiesOfType(type)) {
      const here = path ? `${path}.${property.name}` : property.name;
      paths.add(here);
      walk(checker.getTypeOfSymbol(property), here, depth + 1);
    }
  };
  walk(checker.getDeclaredTypeOfSymbol(root), '', 0);
  return paths;
}

function fromSchema(file) {
  const definitions = JSON.parse(readFileSync(file, 'utf8'));
  const paths = new Set();
  const walk = (schema, path, depth) => {
    if (depth > deepest) return;
    if (schema.$ref) return walk(definitions[schema.$ref.slice(2)], path, depth);
    for (const part of [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])]) walk(part, path, depth);
    if (schema.items) walk(schema.items, `${path}[]`, depth);
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      const here = path ? `${path}.${name}` : name;
      paths.add(here);
      walk(property, here, depth + 1);
    }
  };
  walk(definitions.RealtimeClientEvent, '', 0);
  return paths;
}

const [published, ours] = [fromTypes(), fromSchema(process.argv[2])];
const only = (one, other) => [...one].filter(path => !other.has(path)).sort();
console.log(JSON.stringify({ count: published.size, publishedOnly: only(published, ours), oursOnly: only(ours, published) }));
