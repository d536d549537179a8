import type { Blueprint, BlueprintInput } from './blueprint.ts';
import type { FieldProblem } from './errors.ts';
import type { Json, Values } from './staging.ts';

/** Values as a tree, as charts and inputs of type object have them. */
export type ValueTree = { [key: string]: Json };

const isTree = (value: Json | undefined): value is ValueTree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The segments of a dotted key; `\.` is a dot that belongs to a segment, as Helm has it. */
export const keySegments = (key: string): string[] =>
  (key.match(/(?:\\.|[^.\\]|\\$)+|(?<=^|\.)(?=\.|$)/g) ?? []).map((segment) => segment.replaceAll('\\.', '.'));

/**
 * A tree while it is put together: changed in place, since a request may set thousands of leaves, and a map, since no key
 * of one means anything but itself.
 */
type Draft = Map<string, Json | Draft>;

const draftOf = (tree: ValueTree): Draft =>
  new Map(Object.entries(tree).map(([key, value]) => [key, isTree(value) ? draftOf(value) : value]));

const treeOf = (draft: Draft): ValueTree =>
  Object.fromEntries([...draft].map(([key, value]) => [key, value instanceof Map ? treeOf(value) : value]));

/** A tree over a tree is merged leaf by leaf; anything else replaces what was there. */
function setIn(draft: Draft, [key, ...rest]: readonly string[], value: Json): void {
  if (key === undefined) return;
  if (rest.length === 0 && !isTree(value)) {
    draft.set(key, value);
    return;
  }
  const known = draft.get(key);
  const below: Draft = known instanceof Map ? known : new Map();
  draft.set(key, below);
  if (rest.length > 0) setIn(below, rest, value);
  else if (isTree(value)) for (const [name, leaf] of Object.entries(value)) setIn(below, [name], leaf);
}

/** The tree with leaves set, each over those before; what lies beside a path stays, what is no tree on the way is replaced. */
function setLeaves(tree: ValueTree, leaves: Iterable<readonly [path: readonly string[], value: Json]>): ValueTree {
  const draft = draftOf(tree);
  for (const [path, value] of leaves) setIn(draft, path, value);
  return treeOf(draft);
}

export const setLeaf = (tree: ValueTree, path: readonly string[], value: Json): ValueTree =>
  setLeaves(tree, [[path, value]]);

/** A tree without the leaves that were removed by `null`. */
function withoutNulls(value: Json): Json {
  if (!isTree(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, below]) => (below === null ? [] : [[key, withoutNulls(below)]])),
  );
}

const inputOf = (blueprint: Blueprint, segments: readonly string[]): string | undefined =>
  segments[0] !== undefined && Object.hasOwn(blueprint.inputs, segments[0]) ? segments[0] : undefined;

/**
 * What each input comes to: the blueprint's default under the request's value. A dotted key sets one leaf of an input
 * that is an object. An input that has no value is absent; one whose default the request removed is `null`.
 */
export function resolveInputs(blueprint: Blueprint, values: Values): Record<string, Json> {
  const defaults = Object.entries(blueprint.inputs).flatMap(([name, { default: value }]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  const leaves = Object.entries(values)
    .map(([key, value]) => [keySegments(key), value] as const)
    .filter(([segments]) => inputOf(blueprint, segments) !== undefined);
  const tree = setLeaves(Object.fromEntries(defaults), leaves);
  return Object.fromEntries(Object.entries(tree).map(([name, value]) => [name, withoutNulls(value)]));
}

/**
 * The chart values of a staging, as a tree: the blueprint's defaults, over them its inputs at their paths, over them what
 * the request sets beside the inputs (where the blueprint lets it). `null` stays: to Helm it removes the chart's default.
 */
export function resolveChartValues(blueprint: Blueprint, values: Values): ValueTree {
  const inputs = Object.entries(resolveInputs(blueprint, values)).flatMap(([name, value]) =>
    (blueprint.inputs[name]?.to ?? []).flatMap((target) =>
      'values' in target ? [[target.values, value] as const] : [],
    ),
  );
  const free = Object.entries(values).filter(([key]) => inputOf(blueprint, keySegments(key)) === undefined);
  const leaves = [...Object.entries(blueprint.defaults), ...inputs, ...free];
  return setLeaves(
    {},
    leaves.map(([key, value]) => [keySegments(key), value] as const),
  );
}

/** All that is wrong with a request's values, by field; none where they can be deployed. */
export function checkValues(blueprint: Blueprint, values: Values): FieldProblem[] {
  const wrongKeys = Object.keys(values).flatMap((key) => keyProblems(blueprint, values, key));
  const resolved = resolveInputs(blueprint, values);
  const wrongInputs = Object.entries(blueprint.inputs).flatMap(([name, input]) =>
    inputProblems(input, Object.hasOwn(resolved, name) ? resolved[name] : undefined).map((detail) => ({
      field: `values.${name}`,
      detail,
    })),
  );
  return [...wrongKeys, ...wrongInputs];
}

function keyProblems(blueprint: Blueprint, values: Values, key: string): FieldProblem[] {
  const field = `values.${key}`;
  const segments = keySegments(key);
  if (segments.length === 0 || segments.includes('')) {
    return [{ field, detail: 'must be names with dots between them, such as "web.replicas"' }];
  }
  const oddity = oddityOf(values[key] ?? null);
  if (oddity !== undefined) return [{ field, detail: oddity }];
  const whole = [...key.matchAll(/\./g)]
    .map(({ index }) => key.slice(0, index))
    .find((one) => Object.hasOwn(values, one));
  if (whole !== undefined) return [{ field, detail: `is set twice: "${whole}" holds it already` }];
  const name = inputOf(blueprint, segments);
  if (name === undefined && blueprint.values !== 'any')
    return [{ field, detail: `is no input of ${inputList(blueprint)}` }];
  if (name !== undefined && segments.length > 1 && blueprint.inputs[name]?.type !== 'object') {
    return [{ field, detail: `can't be set: "${name}" has nothing below it` }];
  }
  return [];
}

/** DynamoDB's smallest number; its largest is far above the largest whole number that JSON readers agree on. */
const smallestNumber = 1e-130;

/** Why a value could not be kept as it is, or undefined. */
export function oddityOf(value: Json): string | undefined {
  if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER) {
    return 'holds a number beyond 2^53, which would be rounded; send it as text';
  }
  if (typeof value === 'number' && value !== 0 && Math.abs(value) < smallestNumber) {
    return 'holds a number that is too small to be kept; send it as text';
  }
  if (typeof value !== 'object' || value === null) return undefined;
  // DynamoDB stores no attribute without a name.
  if (Object.hasOwn(value, '')) return 'has an empty key in it';
  for (const below of Object.values(value)) {
    const oddity = oddityOf(below);
    if (oddity !== undefined) return oddity;
  }
  return undefined;
}

function inputList(blueprint: Blueprint): string {
  const names = Object.keys(blueprint.inputs);
  const list = names.length === 0 ? 'which has none' : `whose inputs are ${names.join(', ')}`;
  return `blueprint "${blueprint.name}", ${list}`;
}

const hasType: Readonly<Record<BlueprintInput['type'], (value: Json) => boolean>> = {
  string: (value) => typeof value === 'string',
  integer: (value) => Number.isInteger(value),
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  object: (value) => isTree(value),
  array: (value) => Array.isArray(value),
};

const article = (type: string): string => (/^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`);

function inputProblems(input: BlueprintInput, value: Json | undefined): string[] {
  if (value === undefined || value === null) return input.required ? ['is required'] : [];
  if (!hasType[input.type](value)) return [`must be ${article(input.type)}`];
  const problems: string[] = [];
  const { enum: allowed, pattern, minimum, maximum, maxLength } = input;
  if (allowed && !allowed.some((one) => JSON.stringify(one) === JSON.stringify(value))) {
    problems.push(`must be one of ${allowed.map((one) => JSON.stringify(one)).join(', ')}`);
  }
  if (typeof value === 'number' && minimum !== undefined && value < minimum)
    problems.push(`must be at least ${minimum}`);
  if (typeof value === 'number' && maximum !== undefined && value > maximum)
    problems.push(`must be at most ${maximum}`);
  if (typeof value === 'string') {
    // JSON Schema's pattern is not anchored, and neither is this one.
    if (pattern !== undefined && !new RegExp(pattern, 'u').test(value)) problems.push(`must match ${pattern}`);
    if (maxLength !== undefined && value.length > maxLength) problems.push(`must be at most ${maxLength} characters`);
  }
  return problems;
}
