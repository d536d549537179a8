import type { Blueprint } from './blueprint.ts';
import type { Values } from './staging.ts';
import { keySegments, resolveChartValues, setLeaf, type ValueTree } from './values.ts';

/** Whether it names a place in chart values: a list is set as a whole, Helm can't merge one element into a default. */
export function isValuesPath(key: string): boolean {
  const segments = keySegments(key);
  return segments.length > 0 && segments.every((segment) => segment !== '' && !/\[\d*\]$/.test(segment));
}

/** What is handed to Helm over the chart's own defaults: the staging's values, and its host over them. */
export function chartValues(blueprint: Blueprint, values: Values, host: string): ValueTree {
  return blueprint.host.reduce<ValueTree>(
    (tree, target) => ('values' in target ? setLeaf(tree, keySegments(target.values), host) : tree),
    resolveChartValues(blueprint, values),
  );
}
