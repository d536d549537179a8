import { isRecord } from '../json.ts';
import { anyValue, childSchema, isAtomic, type Schema } from '../schema/schema.ts';
import { elementStep } from './field-sets.ts';
import { type FieldTree, isMember } from './field-tree.ts';

type ListSchema = Schema & { kind: 'list' };

/** Elements of the applied list in its order; what only the live list has keeps its place behind its former neighbour. */
function mergeLists(schema: ListSchema, live: readonly unknown[], applied: readonly unknown[]): unknown[] {
  const liveByStep = new Map(live.map((element) => [elementStep(schema, element), element]));
  const appliedSteps = new Set(applied.map((element) => elementStep(schema, element)));
  const merged = applied.map((element) => {
    const step = elementStep(schema, element);
    return { step, value: liveByStep.has(step) ? merge(schema.items, liveByStep.get(step), element) : element };
  });
  let neighbour: string | undefined;
  for (const [step, value] of liveByStep) {
    if (!appliedSteps.has(step)) {
      merged.splice(merged.findIndex((element) => element.step === neighbour) + 1, 0, { step, value });
    }
    neighbour = step;
  }
  return merged.map(({ value }) => value);
}

/** The live value with everything that is applied laid over it. */
export function merge(schema: Schema, live: unknown, applied: unknown): unknown {
  if (applied === undefined || applied === null) return live;
  if (live === undefined || live === null || isAtomic(schema)) return applied;
  if (schema.kind === 'list')
    return Array.isArray(live) && Array.isArray(applied) ? mergeLists(schema, live, applied) : applied;
  if (!isRecord(live) || !isRecord(applied)) return applied;
  const merged = { ...live };
  for (const [key, value] of Object.entries(applied)) {
    const next = merge(childSchema(schema, key) ?? anyValue, live[key], value);
    if (next !== undefined) merged[key] = next;
  }
  return merged;
}

const isNamedField = (schema: Schema, key: string): boolean =>
  schema.kind === 'struct' && schema.field(key) !== undefined;

const isEmpty = (value: unknown): boolean =>
  Array.isArray(value) ? value.length === 0 : isRecord(value) && Object.keys(value).length === 0;

/**
 * Whether a place itself goes with the last of its fields. A named field of a struct belongs to whoever owns anything below it,
 * so it goes with its defaulted fields, which nobody owns. An element, or a key of a map, belongs to who owns the place itself.
 */
function goes(isNamed: boolean, tree: FieldTree, kept: FieldTree | undefined): boolean {
  if (kept === undefined) return isNamed || isMember(tree);
  return !isNamed && isMember(tree) && !isMember(kept);
}

/** What is left at a place that stays; undefined where that is nothing. */
function remainder(schema: Schema, value: unknown, tree: FieldTree, kept: FieldTree | undefined): unknown {
  const rest = removeFields(schema, value, tree, kept);
  return isEmpty(rest) && !isEmpty(value) ? undefined : rest;
}

/**
 * The value without a set of fields that its owner gave up, but for what somebody else keeps: the rules of structured-merge-diff,
 * which the API server applies by.
 */
export function removeFields(schema: Schema, value: unknown, tree: FieldTree, kept: FieldTree | undefined): unknown {
  if (schema.kind === 'list' && Array.isArray(value)) {
    return value.flatMap((element: unknown) => {
      const step = elementStep(schema, element);
      const below = tree[step];
      if (below === undefined) return [element];
      if (goes(false, below, kept?.[step])) return [];
      const rest = remainder(schema.items, element, below, kept?.[step]);
      return rest === undefined ? [] : [rest];
    });
  }
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).flatMap(([key, child]): [string, unknown][] => {
    const step = `f:${key}`;
    const below = tree[step];
    if (below === undefined) return [[key, child]];
    if (goes(isNamedField(schema, key), below, kept?.[step])) return [];
    const rest = remainder(childSchema(schema, key) ?? anyValue, child, below, kept?.[step]);
    return rest === undefined ? [] : [[key, rest]];
  });
  return Object.fromEntries(entries);
}
