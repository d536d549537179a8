/**
 * A set of fields in the form of FieldsV1: `f:name` is a field, `k:{…}` an element by its keys, `v:…` an element by its value, `.` the
 * place itself beside what is below it. A place without anything below it is in the set itself.
 */
export interface FieldTree {
  [step: string]: FieldTree;
}

const isLeaf = (tree: FieldTree): boolean => Object.keys(tree).length === 0;

/** Whether the place itself, and not only something below it, is in the set. */
export const isMember = (tree: FieldTree): boolean => isLeaf(tree) || '.' in tree;

const below = (tree: FieldTree): [string, FieldTree][] => Object.entries(tree).filter(([step]) => step !== '.');

/** An empty set is undefined, since an empty tree is a place. */
export function union(one: FieldTree | undefined, other: FieldTree | undefined): FieldTree | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  if (isLeaf(one) && isLeaf(other)) return one;
  const merged: FieldTree = isMember(one) || isMember(other) ? { '.': {} } : {};
  for (const [step, tree] of [...below(one), ...below(other)]) merged[step] = union(merged[step], tree) ?? {};
  return merged;
}

/** What is in the first set and not in the second. */
export function subtract(from: FieldTree | undefined, taken: FieldTree | undefined): FieldTree | undefined {
  if (from === undefined || taken === undefined) return from;
  const rest: FieldTree = isMember(from) && !isMember(taken) ? { '.': {} } : {};
  for (const [step, tree] of below(from)) {
    const left = subtract(tree, taken[step]);
    if (left !== undefined) rest[step] = left;
  }
  const steps = Object.keys(rest);
  if (steps.length === 0) return undefined;
  return steps.length === 1 && '.' in rest ? {} : rest;
}

/** Paths that are in both sets, each as its steps. */
export function commonPaths(one: FieldTree, other: FieldTree, path: readonly string[] = []): string[][] {
  const here = isMember(one) && isMember(other) && path.length > 0 ? [[...path]] : [];
  const deeper = below(one).flatMap(([step, tree]) => {
    const match = other[step];
    return match === undefined ? [] : commonPaths(tree, match, [...path, step]);
  });
  return [...here, ...deeper];
}

function stepText(step: string): string {
  const content = step.slice(2);
  if (step.startsWith('f:')) return `.${content}`;
  if (step.startsWith('v:')) return `[=${content}]`;
  const keys: unknown = JSON.parse(content);
  const pairs = Object.entries(Object(keys)).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `[${pairs.join(',')}]`;
}

/** A path as conflicts name it: `.spec.template.spec.containers[name="web"].image`. */
export const pathText = (path: readonly string[]): string => path.map(stepText).join('');
