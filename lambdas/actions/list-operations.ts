import { NotFound } from '../domain/errors.ts';
import type { Staging } from '../domain/staging.ts';
import type { OperationPage, OperationRecord, OperationStore } from '../stores/operations.ts';
import type { StagingStore } from '../stores/stagings.ts';
import { combine } from './show-operation.ts';

export interface ListOperationsDeps {
  stagings: Pick<StagingStore, 'get'>;
  operations: Pick<OperationStore, 'list'>;
}

/**
 * The operations of a staging, newest first. It survives the staging for the time that operations are kept.
 * @throws NotFound where there never was such a staging, or all of it is forgotten
 * @throws InvalidCursor
 */
export async function listOperations(
  deps: ListOperationsDeps,
  name: string,
  limit: number,
  cursor?: string,
): Promise<OperationPage> {
  const [staging, page] = await Promise.all([deps.stagings.get(name), deps.operations.list(name, limit, cursor)]);
  if (!staging && page.operations.length === 0) throw new NotFound('staging', name);
  if (!staging) return page;
  const items = page.operations.map((item) => correct(item, staging));
  return { ...page, operations: cursor === undefined ? [...waiting(staging, items), ...items] : items };
}

const recent = (staging: Staging) => [staging.operation, ...staging.displaced];

const correct = (item: OperationRecord, staging: Staging): OperationRecord =>
  combine(
    item,
    recent(staging).find((operation) => operation.id === item.operation.id),
  ) ?? item;

/** Those that no execution has claimed yet have no item of their own. */
function waiting(staging: Staging, items: readonly OperationRecord[]): OperationRecord[] {
  const newest = items[0]?.operation.generation ?? 0;
  return recent(staging)
    .filter((operation) => operation.generation > newest)
    .toSorted((a, b) => b.generation - a.generation)
    .map((operation) => ({ operation, steps: [] }));
}
