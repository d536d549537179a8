import type { StatusCause } from '../api-error.ts';
import { isRecord } from '../json.ts';
import { childSchema, type Schema } from '../schema/schema.ts';
import { requiredValue } from './problems.ts';

/** Fields without which a value isn't whole, at any depth. Null counts as missing only where an empty list would, too. */
export function missingFields(schema: Schema, value: unknown, path = ''): StatusCause[] {
  if (schema.kind === 'list' && Array.isArray(value)) {
    const { items } = schema;
    return value.flatMap((element: unknown, index) => missingFields(items, element, `${path}[${index}]`));
  }
  if (!isRecord(value) || (schema.kind !== 'struct' && schema.kind !== 'map')) return [];
  const fieldPath = (name: string): string => (path === '' ? name : `${path}.${name}`);
  const missing = schema.kind === 'struct' ? schema.required.filter((name) => value[name] === undefined) : [];
  const below = Object.entries(value).flatMap(([name, child]) => {
    const found = childSchema(schema, name);
    return found === undefined ? [] : missingFields(found, child, fieldPath(name));
  });
  return [...missing.map((name) => requiredValue(fieldPath(name))), ...below];
}
