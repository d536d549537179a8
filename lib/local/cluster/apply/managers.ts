import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import { isRecord, type JsonRecord, withoutKey } from '../json.ts';
import type { ManagerEntry } from '../object-table.ts';
import type { Schema } from '../schema/schema.ts';
import { differenceOf, fieldsOf } from './field-sets.ts';
import { type FieldTree, subtract, union } from './field-tree.ts';

/** Most objects of a cluster share their field sets with others, so each text is kept, and read, once. */
const known = new Map<string, { text: string; tree: FieldTree }>();
const knownLimit = 5000;

const isTree = (value: unknown): value is FieldTree => isRecord(value) && Object.values(value).every(isTree);

function readTree(text: string): FieldTree {
  const tree: unknown = JSON.parse(text);
  if (!isTree(tree)) throw new TypeError('a field set holds nothing but field sets');
  return tree;
}

function keep(text: string, tree: FieldTree): { text: string; tree: FieldTree } {
  const found = known.get(text);
  if (found !== undefined) return found;
  if (known.size >= knownLimit) known.clear();
  const entry = { text, tree };
  known.set(text, entry);
  return entry;
}

/** The fields of an entry. The tree is shared: nobody may change it. */
export const treeOf = ({ fields }: ManagerEntry): FieldTree =>
  (known.get(fields) ?? keep(fields, readTree(fields))).tree;

export const fieldsText = (tree: FieldTree): string => keep(JSON.stringify(tree), tree).text;

/** Metadata that nobody owns: the system writes it, or it is the object's identity. */
const unowned = [
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'selfLink',
  'generateName',
];

/** The part of an object whose fields have owners. Status belongs to writers of the status. */
export function ownable(object: KubernetesObject, subresource: string | undefined): JsonRecord {
  const bare = withoutKey(withoutKey(object, 'apiVersion'), 'kind');
  if (subresource === 'status') return { status: object['status'] };
  const metadata = unowned.reduce<object>((left, key) => withoutKey(left, key), object.metadata);
  return { ...withoutKey(bare, 'status'), metadata };
}

export interface Writer {
  manager: string;
  subresource?: string;
  time: string;
}

const isSameWriter = (entry: ManagerEntry, writer: Writer, operation: ManagerEntry['operation']): boolean =>
  entry.manager === writer.manager && entry.operation === operation && entry.subresource === writer.subresource;

/** Nobody owns metadata as such. */
const withoutEmptyMetadata = (tree: FieldTree): FieldTree =>
  Object.keys(tree['f:metadata'] ?? { some: {} }).length === 0 ? withoutKey(tree, 'f:metadata') : tree;

/** Entries with one writer's replaced; its time stays where its fields do. */
export function withEntry(
  entries: readonly ManagerEntry[],
  writer: Writer,
  operation: ManagerEntry['operation'],
  apiVersion: string,
  tree: FieldTree | undefined,
): ManagerEntry[] {
  const others = entries.filter((entry) => !isSameWriter(entry, writer, operation));
  const owned = tree === undefined ? {} : withoutEmptyMetadata(tree);
  if (Object.keys(owned).length === 0) return others;
  const old = entries.find((entry) => isSameWriter(entry, writer, operation));
  const fields = fieldsText(owned);
  if (old?.fields === fields && old.apiVersion === apiVersion) return [...entries];
  const { manager, subresource, time } = writer;
  return [
    ...others,
    { manager, operation, apiVersion, time, ...(subresource === undefined ? {} : { subresource }), fields },
  ];
}

export const entryOf = (
  entries: readonly ManagerEntry[],
  writer: Writer,
  operation: ManagerEntry['operation'],
): ManagerEntry | undefined => entries.find((entry) => isSameWriter(entry, writer, operation));

/** Takes fields away from every entry but one writer's; an entry without fields goes. */
export function takeFromOthers(
  entries: readonly ManagerEntry[],
  taken: FieldTree | undefined,
  isExempt: (entry: ManagerEntry) => boolean,
): ManagerEntry[] {
  if (taken === undefined) return [...entries];
  return entries.flatMap((entry) => {
    if (isExempt(entry)) return [entry];
    const rest = subtract(treeOf(entry), taken);
    return rest === undefined ? [] : [{ ...entry, fields: fieldsText(rest) }];
  });
}

/** Ownership after a create, update or patch that isn't an apply: who changes a field owns it. */
export function recordUpdate(
  schema: Schema,
  entries: readonly ManagerEntry[],
  old: KubernetesObject | undefined,
  next: KubernetesObject,
  writer: Writer,
): readonly ManagerEntry[] {
  const after = ownable(next, writer.subresource);
  const { changed, removed } =
    old === undefined
      ? { changed: fieldsOf(schema, after), removed: undefined }
      : differenceOf(schema, ownable(old, writer.subresource), after);
  if (changed === undefined && removed === undefined) return entries;
  const isOwn = (entry: ManagerEntry): boolean => isSameWriter(entry, writer, 'Update');
  const left = takeFromOthers(takeFromOthers(entries, changed, isOwn), removed, () => false);
  const own = entryOf(left, writer, 'Update');
  const tree = union(own === undefined ? undefined : treeOf(own), changed);
  return withEntry(left, writer, 'Update', next.apiVersion, tree);
}
