import { isRecord, type JsonRecord, listAt, recordAt, stringAt } from '../json.ts';
import type { ResourceType } from '../storage.ts';
import { structOf } from './built-in-schema.ts';
import { anyValue, type Schema, type StructSchema } from './schema.ts';

const text: Schema = { kind: 'scalar', type: 'string' };

function listOf(json: JsonRecord): Schema {
  const type = json['x-kubernetes-list-type'];
  const properties = recordAt(json, 'items', 'properties');
  const keys = listAt(json, 'x-kubernetes-list-map-keys').flatMap((name) => {
    if (typeof name !== 'string') return [];
    const standard = stringAt(properties, name, 'default');
    return [standard === undefined ? { name } : { name, default: standard }];
  });
  const items = schemaFrom(recordAt(json, 'items'));
  return { kind: 'list', items, merge: type === 'map' ? keys : type === 'set' ? 'set' : 'atomic' };
}

function structFrom(json: JsonRecord, typeName: string): StructSchema {
  const properties = recordAt(json, 'properties');
  const schemas = new Map<string, Schema>();
  return {
    kind: 'struct',
    typeName,
    field(name) {
      const declared = properties[name];
      if (!isRecord(declared)) return undefined;
      const schema = schemas.get(name) ?? schemaFrom(declared);
      schemas.set(name, schema);
      return schema;
    },
    // Required fields of custom resources are found where their values are validated.
    required: [],
    isAtomic: json['x-kubernetes-map-type'] === 'atomic',
    keepsUnknown: json['x-kubernetes-preserve-unknown-fields'] === true,
  };
}

function schemaFrom(json: JsonRecord): Schema {
  if (json['x-kubernetes-int-or-string'] === true) return { kind: 'scalar', type: 'intOrString' };
  const { type, additionalProperties } = json;
  if (type === 'array') return listOf(json);
  if (type === 'string' || type === 'integer' || type === 'number' || type === 'boolean')
    return { kind: 'scalar', type };
  const isOpen = json['x-kubernetes-preserve-unknown-fields'] === true && !isRecord(json['properties']);
  if (type !== 'object' || isOpen) return anyValue;
  if (isRecord(additionalProperties) || additionalProperties === true) {
    const values = isRecord(additionalProperties) ? schemaFrom(additionalProperties) : anyValue;
    return { kind: 'map', values, isAtomic: json['x-kubernetes-map-type'] === 'atomic' };
  }
  return structFrom(json, 'object');
}

/** The schema of a custom resource from its OpenAPI schema. */
export function structuralSchema(json: JsonRecord, resource: ResourceType): StructSchema {
  const declared = structFrom(json, resource.kind);
  const metadata = structOf('V1ObjectMeta');
  return {
    ...declared,
    field: (name) =>
      name === 'apiVersion' || name === 'kind' ? text : name === 'metadata' ? metadata : declared.field(name),
  };
}
