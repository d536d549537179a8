import { isDeepStrictEqual } from 'node:util';
import { isRecord } from '../json.ts';
import { elementKey } from '../schema/decode.ts';
import { anyValue, childSchema, isAtomic, type Schema } from '../schema/schema.ts';
import { type FieldTree, union } from './field-tree.ts';

export interface Child {
  schema: Schema;
  value: unknown;
  /** an element of a list or a key of a map: it has an owner beside those of its fields */
  isElement: boolean;
}

const sortedJson = (key: Record<string, unknown>): string =>
  JSON.stringify(Object.fromEntries(Object.entries(key).toSorted(([one], [other]) => (one < other ? -1 : 1))));

/** The step that names an element of an associative list or set. */
export function elementStep(schema: Schema & { kind: 'list' }, element: unknown): string {
  if (typeof schema.merge === 'string') return `v:${JSON.stringify(element)}`;
  return `k:${sortedJson(elementKey(schema.merge, element) ?? {})}`;
}

/** The parts of a value that have owners of their own; undefined where it is owned as a whole. */
export function childrenOf(schema: Schema, value: unknown): Map<string, Child> | undefined {
  if (isAtomic(schema)) return undefined;
  if (schema.kind === 'list') {
    if (!Array.isArray(value)) return undefined;
    const { items } = schema;
    return new Map(
      value.map((element: unknown) => [
        elementStep(schema, element),
        { schema: items, value: element, isElement: true },
      ]),
    );
  }
  if (!isRecord(value)) return undefined;
  const entries = Object.entries(value).filter(([, child]) => child !== null && child !== undefined);
  return new Map(
    entries.map(([key, child]) => [
      `f:${key}`,
      { schema: childSchema(schema, key) ?? anyValue, value: child, isElement: schema.kind === 'map' },
    ]),
  );
}

/** All fields of a value. */
export function fieldsOf(schema: Schema, value: unknown): FieldTree {
  const tree: FieldTree = {};
  for (const [step, child] of childrenOf(schema, value) ?? []) tree[step] = fieldsOfChild(child);
  return tree;
}

export interface Difference {
  /** added, or with another value */
  changed: FieldTree | undefined;
  removed: FieldTree | undefined;
}

const nested = (step: string, tree: FieldTree | undefined): FieldTree | undefined =>
  tree === undefined ? undefined : { [step]: tree };

/** What has to be done to fields to get from one value to the other. */
export function differenceOf(schema: Schema, before: unknown, after: unknown): Difference {
  const old = childrenOf(schema, before);
  const next = childrenOf(schema, after);
  if (old === undefined || next === undefined) {
    return { changed: isDeepStrictEqual(before, after) ? undefined : fieldsOf(schema, after), removed: undefined };
  }
  let difference: Difference = { changed: undefined, removed: undefined };
  const add = (changed: FieldTree | undefined, removed: FieldTree | undefined): void => {
    difference = { changed: union(difference.changed, changed), removed: union(difference.removed, removed) };
  };
  for (const [step, child] of next) {
    const was = old.get(step);
    if (was !== undefined) {
      const inner = differenceOf(child.schema, was.value, child.value);
      add(nested(step, inner.changed), nested(step, inner.removed));
    } else add({ [step]: fieldsOfChild(child) }, undefined);
  }
  for (const [step, child] of old) if (!next.has(step)) add(undefined, { [step]: fieldsOfChild(child) });
  return difference;
}

/** A child with the place it is at, so that adding or removing a whole element counts as one. */
function fieldsOfChild(child: Child): FieldTree {
  const fields = fieldsOf(child.schema, child.value);
  return child.isElement && Object.keys(fields).length > 0 ? { '.': {}, ...fields } : fields;
}
