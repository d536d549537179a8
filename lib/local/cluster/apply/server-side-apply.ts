import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import { ApiError } from '../api-error.ts';
import { isKubernetesObject, isRecord, type JsonRecord, withoutKey } from '../json.ts';
import type { ManagerEntry, Stored } from '../object-table.ts';
import type { Schema } from '../schema/schema.ts';
import { differenceOf, fieldsOf } from './field-sets.ts';
import { commonPaths, type FieldTree, pathText, subtract, union } from './field-tree.ts';
import { entryOf, fieldsText, ownable, takeFromOthers, treeOf, type Writer, withEntry } from './managers.ts';
import { merge, removeFields } from './merge.ts';

export interface Application {
  /** null values count as left out */
  applied: KubernetesObject;
  live: Stored | undefined;
  writer: Writer;
  isForced: boolean;
}

interface FieldConflict {
  entry: ManagerEntry;
  path: string;
}

function using(entry: ManagerEntry): string {
  const version = entry.operation === 'Update' ? ` using ${entry.apiVersion}` : '';
  const part = entry.subresource === undefined ? '' : ` with subresource "${entry.subresource}"`;
  return `conflict with "${entry.manager}"${part}${version}`;
}

/** Worded as the API server does, managers and fields in groups. */
function conflictError(conflicts: readonly FieldConflict[]): ApiError {
  const byManager = Map.groupBy(conflicts, ({ entry }) => using(entry));
  const causes = conflicts.map(({ entry, path }) => ({
    reason: 'FieldManagerConflict',
    message: using(entry),
    field: path,
  }));
  const [only] = conflicts;
  const plural = conflicts.length === 1 ? 'conflict' : 'conflicts';
  const listed =
    conflicts.length === 1 && only !== undefined
      ? `${using(only.entry)}: ${only.path}`
      : [...byManager]
          .map(
            ([manager, group]) =>
              `${manager.replace('conflict', 'conflicts')}:\n${group.map(({ path }) => `- ${path}`).join('\n')}`,
          )
          .join('\n');
  return new ApiError(409, 'Conflict', `Apply failed with ${conflicts.length} ${plural}: ${listed}`, { causes });
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).filter(([, child]) => child !== null);
  return Object.fromEntries(entries.map(([key, child]) => [key, withoutNulls(child)]));
}

/** An object that nobody applied before belongs to those who wrote it so far, known by name or not. */
function entriesOf(schema: Schema, live: Stored | undefined, writer: Writer): readonly ManagerEntry[] {
  if (live === undefined || live.managers.length > 0) return live?.managers ?? [];
  const fields = fieldsText(fieldsOf(schema, ownable(live.object, writer.subresource)));
  const { apiVersion } = live.object;
  return [{ manager: 'before-first-apply', operation: 'Update', apiVersion, time: writer.time, fields }];
}

/** The object with the part that its writer may write; what is no longer in the part is gone. */
function combine({ live, applied, writer }: Application, part: unknown): KubernetesObject {
  const base: JsonRecord = live?.object ?? {
    apiVersion: applied.apiVersion,
    kind: applied.kind,
    metadata: applied.metadata,
  };
  const changed = isRecord(part) ? part : {};
  const metadata = {
    ...(isRecord(base['metadata']) ? identityOf(base['metadata']) : {}),
    ...Object(changed['metadata']),
  };
  const rest = Object.fromEntries(Object.entries(base).filter(([key]) => isKept(key)));
  const object =
    writer.subresource === 'status' ? { ...withoutKey(base, 'status'), ...changed } : { ...rest, ...changed, metadata };
  if (!isKubernetesObject(object)) throw new TypeError('an applied object keeps its kind and metadata');
  return object;
}

/** What the writer's part does not hold: the rest of the object stays as it is. */
const isKept = (key: string): boolean => key === 'apiVersion' || key === 'kind' || key === 'status';

const identity = new Set([
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'generateName',
]);

const identityOf = (metadata: JsonRecord): JsonRecord =>
  Object.fromEntries(Object.entries(metadata).filter(([key]) => identity.has(key)));

/** Every object that is applied names itself there, so nobody's leaving takes metadata as such away. */
const metadataItself: FieldTree = { 'f:metadata': {} };

/**
 * Server-side apply of one object: fields of the configuration become the manager's, fields it no longer names go unless somebody else
 * owns them. @throws ApiError 409 naming every manager and field where others own what would change, unless forced
 */
export function applyConfiguration(
  schema: Schema,
  application: Application,
): { object: KubernetesObject; managers: ManagerEntry[] } {
  const { applied: given, live, writer, isForced } = application;
  const part = withoutNulls(ownable(given, writer.subresource));
  const liveParts = live === undefined ? {} : ownable(live.object, writer.subresource);
  const entries = entriesOf(schema, live, writer);
  const own = entryOf(entries, writer, 'Apply');
  const merged = merge(schema, liveParts, part);
  const { changed } = differenceOf(schema, liveParts, merged);
  const conflicts = entries
    .filter((entry) => entry !== own)
    .flatMap((entry) => commonPaths(treeOf(entry), changed ?? {}).map((path) => ({ entry, path: pathText(path) })));
  if (conflicts.length > 0 && !isForced) throw conflictError(conflicts);
  const others = takeFromOthers(entries, changed, (entry) => entry === own);
  const owned = fieldsOf(schema, part);
  const kept = others
    .filter((entry) => entry !== own)
    .map(treeOf)
    .reduce<FieldTree | undefined>(union, union(owned, metadataItself));
  const gone = own === undefined ? undefined : subtract(treeOf(own), owned);
  const result = gone === undefined ? merged : removeFields(schema, merged, gone, kept);
  const { removed } = differenceOf(schema, merged, result);
  return {
    object: combine(application, result),
    managers: withEntry(
      takeFromOthers(others, removed, (entry) => entry === own),
      writer,
      'Apply',
      given.apiVersion,
      owned,
    ),
  };
}
