import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Conflict, InvalidCursor } from '../../../lambdas/domain/errors.ts';
import type { Staging } from '../../../lambdas/domain/staging.ts';
import { getItem } from '../../../lambdas/stores/documents.ts';
import { type StagingStore, stagingStore } from '../../../lambdas/stores/stagings.ts';
import { memoryStagings } from '../../support/memory-stores.ts';
import { startTestTable, type TestTable } from '../../support/staging-table.ts';
import { aPendingStaging, aStagingThatIs, asFirst } from '../../support/stagings.ts';
import { day, hour, minute } from '../../support/world.ts';

let table: TestTable;
beforeAll(async () => {
  table = await startTestTable();
});
afterAll(() => table[Symbol.asyncDispose]());

const noon = Date.parse('2026-03-01T12:00:00.000Z');
const at = (milliseconds: number) => new Date(noon + milliseconds);

describe.each([
  { kind: 'the table', make: async (): Promise<StagingStore> => stagingStore(await table.fresh()) },
  { kind: 'the memory that other tests use', make: async (): Promise<StagingStore> => memoryStagings() },
])('stagings in $kind', ({ make }) => {
  let stagings: StagingStore;
  beforeEach(async () => {
    stagings = await make();
  });
  const save = (staging: Staging) => stagings.save(asFirst(staging));

  it('gives back what was saved', async () => {
    const staging = aPendingStaging({ ttl: day, warnBefore: hour, sequence: 7 });

    await stagings.save(staging);

    expect(await stagings.get(staging.name)).toEqual(staging);
  });

  it('knows nothing of a name that never was', async () => {
    expect(await stagings.get('never')).toBeUndefined();
  });

  it('refuses a second first revision', async () => {
    await stagings.save(aPendingStaging());

    await expect(stagings.save(aPendingStaging({ owner: 'bob' }))).rejects.toThrow(Conflict);
  });

  it('refuses a revision that does not follow the stored one', async () => {
    const staging = aPendingStaging();
    await stagings.save(staging);

    await expect(stagings.save({ ...staging, revision: 3 })).rejects.toThrow(Conflict);
    await expect(stagings.save({ ...staging, revision: 2, status: 'Deploying' })).resolves.toBeUndefined();
    await expect(stagings.save({ ...staging, revision: 2, status: 'Failed' })).rejects.toThrow(Conflict);
  });

  it('takes the same write twice, as the SDK repeats one whose answer was lost', async () => {
    const staging = aPendingStaging();
    await stagings.save(staging);

    await expect(stagings.save(staging)).resolves.toBeUndefined();
  });

  it('lets one of many writers win', async () => {
    const staging = aPendingStaging();
    await stagings.save(staging);

    const results = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) => stagings.save({ ...staging, revision: 2, owner: `owner-${index}` })),
    );

    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
  });

  it('lists newest first, without deleted ones', async () => {
    await save(aPendingStaging({ name: 'older' }, at(0)));
    await save(aPendingStaging({ name: 'newer' }, at(1000)));
    await save(aStagingThatIs('Deleted', { name: 'gone' }, at(2000)));

    const { stagings: listed, cursor } = await stagings.list({ limit: 10 });

    expect(listed.map((staging) => staging.name)).toEqual(['newer', 'older']);
    expect(cursor).toBeUndefined();
  });

  it.each([
    { filter: { status: 'Running' }, names: ['c', 'b'] },
    { filter: { status: 'Deleted' }, names: ['d'] },
    { filter: { status: 'Deleted', owner: 'bob' }, names: [] },
    { filter: { owner: 'bob' }, names: ['c', 'a'] },
    { filter: { blueprint: 'shop' }, names: ['c'] },
    { filter: { owner: 'bob', status: 'Running' }, names: ['c'] },
    { filter: { blueprint: 'hello', owner: 'bob', status: 'Pending' }, names: ['a'] },
    { filter: { blueprint: 'hello', owner: 'nobody' }, names: [] },
  ] as const)('lists $filter as $names', async ({ filter, names }) => {
    const shop = { blueprint: 'shop', values: {}, overrides: {} };
    await save(aPendingStaging({ name: 'a', owner: 'bob' }, at(1)));
    await save(aStagingThatIs('Running', { name: 'b' }, at(2)));
    await save(aStagingThatIs('Running', { name: 'c', owner: 'bob', desired: shop }, at(3)));
    await save(aStagingThatIs('Deleted', { name: 'd' }, at(4)));

    const { stagings: listed } = await stagings.list({ ...filter, limit: 10 });

    expect(listed.map((staging) => staging.name)).toEqual(names);
  });

  it('counts what lives, of a blueprint and of one owner', async () => {
    await save(aPendingStaging({ name: 'a' }));
    await save(aStagingThatIs('Failed', { name: 'b', owner: 'bob' }));
    await save(aStagingThatIs('Deleted', { name: 'c' }));

    expect(await stagings.countLive('hello')).toBe(2);
    expect(await stagings.countLive('hello', 'bob')).toBe(1);
    expect(await stagings.countLive('shop')).toBe(0);
  });

  it('tells what is due before an instant, with when it ends and when there is something else to do', async () => {
    await save(aStagingThatIs('Running', { name: 'expiring', ttl: 2 * hour }));
    await save(aStagingThatIs('Running', { name: 'warned-first', ttl: 2 * hour, warnBefore: hour }));
    await save(aStagingThatIs('Running', { name: 'later', ttl: day }));
    await save(aStagingThatIs('Running', { name: 'endless' }));
    await save(aStagingThatIs('DeleteFailed', { name: 'stuck', ttl: minute }));

    expect(await stagings.listDue(at(30_000), 10)).toEqual([]);
    expect((await stagings.listDue(at(hour), 10)).map((entry) => entry.name)).toEqual(['stuck', 'warned-first']);
    expect(await stagings.listDue(at(2 * hour), 10)).toEqual([
      { name: 'stuck', choreAt: at(minute).toISOString() },
      { name: 'warned-first', choreAt: at(hour).toISOString(), expiresAt: at(2 * hour).toISOString() },
      { name: 'expiring', expiresAt: at(2 * hour).toISOString() },
    ]);
    expect(await stagings.listDue(at(2 * hour), 1)).toHaveLength(1);
  });
});

describe('pages of the table', () => {
  it('goes through all, each once, whatever the page size', async () => {
    const stagings = stagingStore(await table.fresh());
    const names = Array.from({ length: 11 }, (_, index) => `s-${index}`);
    await Promise.all(names.map((name, index) => stagings.save(aPendingStaging({ name }, at(index)))));

    for (const filter of [{}, { owner: 'ann', blueprint: 'hello' }]) {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await stagings.list({ ...filter, limit: 4, cursor });
        seen.push(...page.stagings.map((staging) => staging.name));
        cursor = page.cursor;
      } while (cursor);

      expect(seen).toEqual(names.toReversed());
    }
  });

  it.each(['nonsense', '', Buffer.from('2026-03-01T12:00:00.000Z#../x').toString('base64url')])(
    'refuses the cursor "%s"',
    async (cursor) => {
      const stagings = stagingStore(table);

      await expect(stagings.list({ limit: 4, cursor })).rejects.toThrow(InvalidCursor);
    },
  );

  it('has tombstones removed by time to live, after every execution name may be used again', async () => {
    const stagings = stagingStore(table);
    const staging = asFirst(aStagingThatIs('Deleted', { name: 'tombstone' }));

    await stagings.save(staging);

    const item = await getItem(table, { pk: 'STAGING#tombstone', sk: 'STAGING' });
    expect(item?.['expiresAtEpoch']).toBe((noon + 120 * day) / 1000);
  });
});
