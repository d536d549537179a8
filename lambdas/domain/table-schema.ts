/**
 * Names of the table's keys, indexes and attributes: the one place that the stores, the template and the tests share.
 * What lies behind each key is told in docs/table.md.
 */

/** A string pair that identifies items, or sorts them in an index. */
interface KeyPair {
  partitionKey: string;
  sortKey: string;
}

/** A global secondary index; all are sparse: an item without both keys isn't in it. */
export interface TableIndex extends KeyPair {
  indexName: string;
  /** what the index holds besides the keys: everything, or the attributes named */
  projected: 'ALL' | readonly string[];
}

/** The table's own key; both parts are strings. */
export const tableKey = { partitionKey: 'pk', sortKey: 'sk' } as const satisfies KeyPair;

/** Seconds since 1970 after which DynamoDB removes the item. */
export const timeToLiveAttribute = 'expiresAtEpoch';

/** Every index; all keys are strings. Lists sort by `listedAt`, which never changes while a staging lives. */
export const tableIndexes = {
  all: { indexName: 'all', partitionKey: 'allPk', sortKey: 'listedAt', projected: 'ALL' },
  byStatus: { indexName: 'by-status', partitionKey: 'statusPk', sortKey: 'listedAt', projected: 'ALL' },
  byBlueprint: { indexName: 'by-blueprint', partitionKey: 'blueprintPk', sortKey: 'listedAt', projected: 'ALL' },
  byOwner: { indexName: 'by-owner', partitionKey: 'ownerPk', sortKey: 'listedAt', projected: 'ALL' },
  // The sweep needs names, which of them would end, and which have something else to be done: entries stay small.
  due: { indexName: 'due', partitionKey: 'duePk', sortKey: 'dueAt', projected: ['expiresAt', 'choreAt'] },
} as const satisfies Record<string, TableIndex>;
