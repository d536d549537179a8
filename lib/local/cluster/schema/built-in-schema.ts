import type { ResourceType } from '../storage.ts';
import { isAtomicMap, isAtomicStruct, isQuantity, listMerge } from './merge-rules.ts';
import { anyValue, type ScalarType, type Schema, type StructSchema } from './schema.ts';
import { readModel } from './type-map.ts';

const structs = new Map<string, StructSchema>();

/** Types that the library spells out, but which hold anything. */
const opaque = new Set(['any', 'object', 'V1FieldsV1']);

const scalar = (type: ScalarType): Schema => ({ kind: 'scalar', type });

function schemaOf(type: string, format: string, owner: string, field: string): Schema {
  const list = /^Array<(.+)>$/.exec(type)?.[1];
  if (list !== undefined) {
    return { kind: 'list', items: schemaOf(list, format, owner, field), merge: listMerge(owner, field) };
  }
  const map = /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1];
  if (map !== undefined) {
    return { kind: 'map', values: schemaOf(map, format, owner, field), isAtomic: isAtomicMap(owner, field) };
  }
  if (opaque.has(type)) return anyValue;
  if (type === 'Date' || type === 'V1MicroTime') return scalar('date');
  if (type === 'IntOrString') return scalar('intOrString');
  if (type === 'number') return scalar(format.startsWith('int') ? 'integer' : 'number');
  if (type === 'boolean') return scalar('boolean');
  if (type === 'string') return scalar(isQuantity(owner, field) ? 'quantity' : 'string');
  return structOf(type) ?? anyValue;
}

/** The schema of a type by the client library's name for it, such as `V1PodSpec`. */
export function structOf(typeName: string): StructSchema | undefined {
  const known = structs.get(typeName);
  if (known !== undefined) return known;
  const model = readModel(typeName);
  if (model === undefined) return undefined;
  const schemas = new Map<string, Schema>();
  const struct: StructSchema = {
    kind: 'struct',
    typeName: typeName.replace(/^(?:[A-Z][a-z]+)?V\d(?:(?:alpha|beta)\d)?/, ''),
    field(name) {
      const found = schemas.get(name);
      const declared = model.fields.get(name);
      if (found !== undefined || declared === undefined) return found;
      const schema = schemaOf(declared.type, declared.format, typeName, name);
      schemas.set(name, schema);
      return schema;
    },
    required: model.required,
    isAtomic: isAtomicStruct(typeName),
    keepsUnknown: false,
  };
  structs.set(typeName, struct);
  return struct;
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** The schema of a built-in kind. @throws Error where the client library doesn't know the kind */
export function builtInSchema(resource: ResourceType): StructSchema {
  const name = `${capitalised(resource.version)}${resource.kind}`;
  const schema = structOf(resource.group === '' && resource.kind === 'Event' ? 'CoreV1Event' : name);
  if (schema === undefined) throw new Error(`the client library has no type for ${name}`);
  return schema;
}
