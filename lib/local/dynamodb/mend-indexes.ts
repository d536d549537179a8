import { getIndexActions } from 'dynalite/db/index.js';
import { Level } from 'level';
import * as z from 'zod';

const Table = z.looseObject({
  TableName: z.string(),
  GlobalSecondaryIndexes: z.array(z.unknown()).default([]),
});

/**
 * Makes the indexes anew from the items. dynalite writes an item's index entries before the item and apart from it, so that
 * a process killed between the two leaves an index that lacks an item or shows it as it never was; a table in the cloud
 * can't come to that. The store must not be open.
 */
export async function mendIndexes(path: string): Promise<void> {
  const store = new Level<string, unknown>(path, { valueEncoding: 'json' });
  await store.open();
  try {
    for await (const value of store.values(under('table~'))) {
      const table = Table.parse(value);
      const prefix = `index-global~${table.TableName}~`;
      const batch = store.batch();
      for await (const key of store.keys(under(prefix))) batch.del(key);
      for await (const item of store.values(under(`item-${table.TableName}~`))) {
        for (const put of getIndexActions(table.GlobalSecondaryIndexes, undefined, item, value).puts) {
          batch.put(`${prefix}${put.index}~${put.key}`, put.item);
        }
      }
      await batch.write();
    }
  } finally {
    await store.close();
  }
}

const under = (prefix: string): { gte: string; lt: string } => ({ gte: prefix, lt: `${prefix}\xFF` });
