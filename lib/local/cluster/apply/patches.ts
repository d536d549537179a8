import { isDeepStrictEqual } from 'node:util';
import { isRecord, type JsonRecord } from '../json.ts';
import { anyValue, childSchema, type Schema } from '../schema/schema.ts';

/** RFC 7386. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const merged: JsonRecord = isRecord(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(merged, key);
    else merged[key] = mergePatch(merged[key], value);
  }
  return merged;
}

/** Strategic merge names the first key only: ports of a container merge by `containerPort`. */
function mergeKeyOf(schema: Schema): string | undefined {
  if (schema.kind !== 'list' || typeof schema.merge === 'string') return undefined;
  return schema.merge[0]?.name;
}

function mergeElements(
  schema: Schema & { kind: 'list' },
  target: readonly unknown[],
  patch: readonly unknown[],
): unknown[] {
  const key = mergeKeyOf(schema);
  if (key === undefined) {
    if (schema.merge !== 'set') return [...patch];
    return [...target, ...patch.filter((value) => !target.some((one) => isDeepStrictEqual(one, value)))];
  }
  if (patch.some((element) => isRecord(element) && element['$patch'] === 'replace')) {
    return patch.filter((element) => !(isRecord(element) && '$patch' in element));
  }
  let merged = [...target];
  for (const element of patch) {
    if (!isRecord(element)) continue;
    const index = merged.findIndex((one) => isRecord(one) && isDeepStrictEqual(one[key], element[key]));
    if (element['$patch'] === 'delete') merged = merged.filter((_, at) => at !== index);
    else if (index < 0) merged.push(strategicMerge(schema.items, {}, element));
    else merged[index] = strategicMerge(schema.items, merged[index], element);
  }
  return merged;
}

const idOf = (element: unknown, key: string | undefined): unknown =>
  key !== undefined && isRecord(element) ? element[key] : element;

/** Elements in the order a `$setElementOrder` directive asks for; what it doesn't name stays behind. */
function ordered(schema: Schema, list: readonly unknown[], order: readonly unknown[]): unknown[] {
  const key = mergeKeyOf(schema);
  const rank = (element: unknown): number => {
    const at = order.findIndex((one) => isDeepStrictEqual(idOf(one, key), idOf(element, key)));
    return at < 0 ? order.length : at;
  };
  return list.toSorted((one, other) => rank(one) - rank(other));
}

function directive(schema: Schema, merged: JsonRecord, name: string, value: unknown): void {
  const [kind = '', field = ''] = name.slice(1).split('/');
  const list = merged[field];
  if (kind === 'retainKeys' && Array.isArray(value)) {
    for (const key of Object.keys(merged)) if (!value.includes(key)) Reflect.deleteProperty(merged, key);
  } else if (kind === 'setElementOrder' && Array.isArray(value) && Array.isArray(list)) {
    merged[field] = ordered(childSchema(schema, field) ?? anyValue, list, value);
  } else if (kind === 'deleteFromPrimitiveList' && Array.isArray(value) && Array.isArray(list)) {
    merged[field] = list.filter((one: unknown) => !value.includes(one));
  }
}

/** Kubernetes' strategic merge patch: lists with keys merge element by element, `$patch`, `$retainKeys` and orders are obeyed. */
export function strategicMerge(schema: Schema, target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const { $patch, ...plain } = patch;
  if ($patch === 'replace') return plain;
  if ($patch === 'delete') return {};
  const merged: JsonRecord = isRecord(target) ? { ...target } : {};
  const directives = Object.entries(plain).filter(([key]) => key.startsWith('$'));
  for (const [key, value] of Object.entries(plain)) {
    if (key.startsWith('$')) continue;
    const below = childSchema(schema, key) ?? anyValue;
    const old = merged[key];
    if (value === null) Reflect.deleteProperty(merged, key);
    else if (isRecord(value) && value['$patch'] === 'delete') Reflect.deleteProperty(merged, key);
    else if (below.kind === 'list' && Array.isArray(value))
      merged[key] = mergeElements(below, Array.isArray(old) ? old : [], value);
    else merged[key] = strategicMerge(below, old, value);
  }
  for (const [name, value] of directives) directive(schema, merged, name, value);
  return merged;
}
