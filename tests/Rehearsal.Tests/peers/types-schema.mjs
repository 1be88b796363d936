// A type of the `openai` package and all that it names, as a JSON Schema.
// node live-schema.mjs FILE.d.ts TYPE NAME -> the schema on standard output, with the type's own under NAME.
import ts from 'typescript';

const [declarations, type, name] = process.argv.slice(2);
const program = ts.createProgram([declarations], { strict: true, skipLibCheck: true, module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, target: ts.ScriptTarget.ES2022 });
const checker = program.getTypeChecker();
const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(declarations)));
const declared = name => checker.getDeclaredTypeOfSymbol(exported.find(symbol => symbol.name === name));
const definitions = {};
const names = new Map();

function nameOf(type) {
  const parts = [];
  for (let symbol = type.aliasSymbol ?? type.symbol; symbol && !/["']/.test(symbol.name); symbol = symbol.parent) parts.unshift(symbol.name);
  return parts.join('.');
}

function union(types) {
  const texts = types.filter(part => part.isStringLiteral()).map(part => part.value);
  const numbers = types.filter(part => part.isNumberLiteral()).map(part => part.value);
  const flags = types.reduce((all, part) => all | part.flags, 0);
  const parts = [];
  if (texts.length) parts.push({ type: 'string', enum: texts });
  if (numbers.length) parts.push({ type: 'number', enum: numbers });
  if (flags & ts.TypeFlags.String) parts.push({ type: 'string' });
  if (flags & ts.TypeFlags.Number) parts.push({ type: 'number' });
  if (flags & ts.TypeFlags.BooleanLike) parts.push({ type: 'boolean' });
  if (flags & ts.TypeFlags.Null) parts.push({ type: 'null' });
  // string & {}: any string, beside the names that an editor offers.
  if (types.some(part => part.isIntersection())) parts.push({ type: 'string' });
  for (const part of types.filter(part => part.flags & ts.TypeFlags.Object)) parts.push(schema(part));
  return parts.length === 1 ? parts[0] : { anyOf: parts };
}

function schema(type) {
  if (type.isUnion()) return union(type.types.filter(part => !(part.flags & ts.TypeFlags.Undefined)));
  if (type.isStringLiteral()) return { type: 'string', enum: [type.value] };
  if (type.isNumberLiteral()) return { type: 'number', enum: [type.value] };
  if (type.flags & ts.TypeFlags.BooleanLiteral) return { type: 'boolean', enum: [checker.typeToString(type) === 'true'] };
  if (type.flags & ts.TypeFlags.String || type.isIntersection()) return { type: 'string' };
  if (type.flags & ts.TypeFlags.Number) return { type: 'number' };
  if (type.flags & ts.TypeFlags.BooleanLike) return { type: 'boolean' };
  if (type.flags & ts.TypeFlags.Null) return { type: 'null' };
  if (checker.isArrayType(type)) return { type: 'array', items: schema(checker.getTypeArguments(type)[0]) };
  if (!(type.flags & ts.TypeFlags.Object)) return {};
  const free = checker.getIndexInfosOfType(type);
  if (free.length) return { type: 'object', additionalProperties: schema(free[0].type) };
  if (!names.has(type)) {
    let name = nameOf(type);
    while (name in definitions) name += '_';
    names.set(type, name);
    definitions[name] = {};
    const object = { type: 'object', properties: {}, required: [], additionalProperties: false };
    for (const property of checker.getPropertiesOfType(type)) {
      object.properties[property.name] = schema(checker.getTypeOfSymbol(property));
      if (!(property.flags & ts.SymbolFlags.Optional)) object.required.push(property.name);
    }
    if (!object.required.length) delete object.required;
    definitions[name] = object;
  }
  return { $ref: `#/${names.get(type)}` };
}

// The types leave three things open that the service does not: the voices, the rate of G.711, and the settings of hosted tools.
function narrow() {
  for (const [name, definition] of Object.entries(definitions)) {
    const { properties } = definition;
    if (name.endsWith('.Audio.Output')) properties.voice = { anyOf: [schema(declared('BuiltInVoice')), { $ref: '#/CustomVoice' }] };
    if (/^AudioFormat\.AudioPCM[UA]$/.test(name)) properties.rate.enum = [8000];
    if (/^ResponsesDelegation(Update)?Config\.\w+$/.test(name) && properties.type && Object.keys(properties).length === 1 && !name.endsWith('Choice') && !name.endsWith('Preview')) {
      definition.additionalProperties = true;
    }
  }
}

// Definitions that say the same become one, again and again, since their references become the same by it.
function share() {
  for (let again = true; again; ) {
    again = false;
    const first = new Map();
    for (const [name, definition] of Object.entries(definitions)) {
      const text = JSON.stringify(definition);
      if (!first.has(text)) { first.set(text, name); continue; }
      const kept = first.get(text);
      delete definitions[name];
      replace(definitions, `#/${name}`, `#/${kept}`);
      again = true;
    }
  }
}

function replace(node, from, to) {
  for (const [key, value] of Object.entries(node ?? {})) {
    if (key === '$ref' && value === from) node[key] = to;
    else if (typeof value === 'object') replace(value, from, to);
  }
}

const whole = schema(declared(type));
narrow();
share();
console.log(JSON.stringify({ ...definitions, [name]: whole }));
