import type { Blueprint } from './blueprint.ts';
import { type Assignment, defaultAssignments, hostAssignment, requestedAssignments } from './input-values.ts';
import { RenderFailed } from './render-failed.ts';
import type { Json, Values } from './staging.ts';

/** Nested chart values, as a values file holds them. */
export interface ChartValues {
  [key: string]: Json;
}

/**
 * The steps of a dotted key, `ingress.annotations.example\.com/class` (a backslash keeps a dot), or undefined where it
 * is none: an empty step, or a list index, which Helm can't merge into a chart's defaults either.
 */
export function valuesPath(key: string): readonly string[] | undefined {
  const steps = key.split(/(?<!\\)\./).map((step) => step.replaceAll('\\.', '.'));
  return steps.some((step) => step === '' || /\[\d*\]$/.test(step)) ? undefined : steps;
}

/**
 * What is handed to Helm, which puts it over the chart's own defaults: the blueprint's `defaults`, under the defaults of
 * its inputs, under what the request sets, under the host. Objects are merged key by key, anything else is replaced;
 * `null` stays, since that is how Helm removes a default.
 * @throws RenderFailed for a key that is neither an input nor allowed, or no dotted key
 */
export function chartValues(blueprint: Blueprint, values: Values, host: string): ChartValues {
  return [
    layer(Object.entries(blueprint.defaults)),
    layer(chartEntries(defaultAssignments(blueprint))),
    layer([...freeEntries(blueprint, values), ...chartEntries(requestedAssignments(blueprint, values))]),
    layer(chartEntries([hostAssignment(blueprint, host)])),
  ].reduce(merge, {});
}

type Entry = readonly [key: string, value: Json];

const chartEntries = (assignments: readonly Assignment[]): Entry[] =>
  assignments.flatMap(({ value, targets }) =>
    targets.flatMap((target): Entry[] => ('values' in target ? [[target.values, value]] : [])),
  );

/** The keys of a request that are no input: chart values as they are, where the blueprint lets them through. */
function freeEntries(blueprint: Blueprint, values: Values): Entry[] {
  const free = Object.entries(values).filter(([key]) => !Object.hasOwn(blueprint.inputs, key));
  const [first] = free;
  if (first && (blueprint.values === 'inputs' || !('helm' in blueprint.source))) {
    throw new RenderFailed(`values.${first[0]}: blueprint "${blueprint.name}" has no such input`);
  }
  return free;
}

/** One layer as a tree. Short keys first, so that `a.b` lands inside what `a` brought, whatever their order. */
function layer(entries: readonly Entry[]): ChartValues {
  const steps = entries.map(([key, value]) => ({ path: pathOf(key), value }));
  return steps
    .toSorted((a, b) => a.path.length - b.path.length)
    .reduce<ChartValues>((tree, { path, value }) => setAt(tree, path, value), {});
}

function pathOf(key: string): readonly string[] {
  const path = valuesPath(key);
  if (path) return path;
  throw new RenderFailed(`values.${key}: must be a dotted key such as "web.replicas"; a list is set as a whole`);
}

const isTree = (value: Json | undefined): value is ChartValues =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** An own property only: `constructor` and the like are keys as any other. */
const own = (tree: ChartValues, key: string): Json | undefined => (Object.hasOwn(tree, key) ? tree[key] : undefined);

function setAt(tree: ChartValues, [step, ...rest]: readonly string[], value: Json): ChartValues {
  if (step === undefined) return tree;
  const before = own(tree, step);
  if (rest.length === 0) return { ...tree, [step]: isTree(before) && isTree(value) ? merge(before, value) : value };
  return { ...tree, [step]: setAt(isTree(before) ? before : {}, rest, value) };
}

function merge(under: ChartValues, over: ChartValues): ChartValues {
  return Object.entries(over).reduce((tree, [key, value]) => setAt(tree, [key], value), under);
}
