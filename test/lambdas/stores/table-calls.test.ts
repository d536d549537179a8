import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StoreRefused } from '../../../lambdas/domain/errors.ts';
import type { Operation } from '../../../lambdas/domain/operation.ts';
import type { Staging } from '../../../lambdas/domain/staging.ts';
import { getItem, putItem, query, updateItem } from '../../../lambdas/stores/documents.ts';
import { operationStore } from '../../../lambdas/stores/operations.ts';
import { stagingStore } from '../../../lambdas/stores/stagings.ts';
import { startTestTable, type TestTable } from '../../support/staging-table.ts';
import { aPendingStaging, asFirst } from '../../support/stagings.ts';

/** What the stores stand on, at its edges: every DynamoDB that they run against has to be like this. */
let table: TestTable;
beforeAll(async () => {
  table = await startTestTable();
});
afterAll(() => table[Symbol.asyncDispose]());

const noon = Date.parse('2026-03-01T12:00:00.000Z');
const withValues = (staging: Staging, values: Staging['desired']['values']): Staging => ({
  ...staging,
  desired: { ...staging.desired, values },
});
/** So many that their records are more than the 1 MB that one answer holds. */
const large = { note: 'x'.repeat(200_000) };
const many = Array.from({ length: 12 }, (_, index) => `large-${String(index).padStart(2, '0')}`);

describe('a write', () => {
  it('changes nothing where its condition does not hold, and says so by name', async () => {
    const key = { pk: 'a', sk: 'condition' };
    await putItem(table, { Item: { ...key, revision: 1 } });
    const refused = putItem(table, {
      Item: { ...key, revision: 3 },
      ConditionExpression: '#revision = :before',
      ExpressionAttributeNames: { '#revision': 'revision' },
      ExpressionAttributeValues: { ':before': 2 },
    });

    await expect(refused).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' });
    expect(await getItem(table, key)).toEqual({ ...key, revision: 1 });
  });

  it.each(['#revision = :value', '#revision < :value'])(
    'is refused by "%s" where there is no such attribute',
    async (condition) => {
      const refused = updateItem(table, {
        Key: { pk: 'a', sk: 'never' },
        UpdateExpression: 'SET #revision = :value',
        ConditionExpression: condition,
        ExpressionAttributeNames: { '#revision': 'revision' },
        ExpressionAttributeValues: { ':value': 2 },
      });

      await expect(refused).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' });
      expect(await getItem(table, { pk: 'a', sk: 'never' })).toBeUndefined();
    },
  );

  it('of more than 400 KB is refused, and what stood there stays', async () => {
    const stagings = stagingStore(await table.fresh());
    const staging = aPendingStaging();
    await stagings.save(staging);

    const tooLarge = withValues({ ...staging, revision: 2 }, { note: 'x'.repeat(410_000) });

    await expect(stagings.save(tooLarge)).rejects.toThrow(StoreRefused);
    expect(await stagings.get(staging.name)).toEqual(staging);
  });

  it('is given back as it was, with what is empty, deep, and not whole', async () => {
    const stagings = stagingStore(await table.fresh());
    let deep: Staging['desired']['values'][string] = 'below';
    for (let level = 0; level < 18; level += 1) deep = { level: deep };
    const values = { deep, text: '', list: [], tree: {}, none: null, third: 1 / 3, most: Number.MAX_SAFE_INTEGER };
    const staging = withValues(aPendingStaging(), values);

    await stagings.save(staging);

    expect(await stagings.get(staging.name)).toEqual(staging);
  });
});

describe('lists of more than one answer holds', () => {
  it('of stagings are whole, each once and in order, and counted', async () => {
    const stagings = stagingStore(await table.fresh());
    for (const [index, name] of many.entries()) {
      await stagings.save(withValues(aPendingStaging({ name }, new Date(noon + index)), large));
    }

    for (const filter of [{}, { blueprint: 'hello', owner: 'ann' }]) {
      const { stagings: listed, cursor } = await stagings.list({ ...filter, limit: 20 });
      expect(listed.map(({ name }) => name)).toEqual(many.toReversed());
      expect(cursor).toBeUndefined();
    }
    expect(await stagings.countLive('hello')).toBe(many.length);
    expect(await stagings.countLive('hello', 'ann')).toBe(many.length);
  });

  it('of stagings come in pages that a function can answer with', async () => {
    const stagings = stagingStore(await table.fresh());
    const names = Array.from({ length: 30 }, (_, index) => `wide-${String(index).padStart(2, '0')}`);
    const quotes = { note: '"'.repeat(60_000) };
    for (const [index, name] of names.entries()) {
      await stagings.save(withValues(aPendingStaging({ name }, new Date(noon + index)), quotes));
    }

    for (const filter of [{}, { blueprint: 'hello', owner: 'ann' }]) {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await stagings.list({ ...filter, limit: 100, cursor });
        // The body of a function's answer is JSON in JSON.
        expect(JSON.stringify({ body: JSON.stringify(page) }).length).toBeLessThan(6 * 1024 * 1024);
        seen.push(...page.stagings.map(({ name }) => name));
        cursor = page.cursor;
      } while (cursor !== undefined);
      expect(seen).toEqual(names.toReversed());
    }
  });

  it('of operations come in pages that can be gone through', async () => {
    const operations = operationStore(await table.fresh());
    for (const index of many.keys()) {
      const operation: Operation = {
        id: `a-g${index + 1}-deploy`,
        staging: 'a',
        kind: 'deploy',
        generation: index + 1,
        actor: large.note,
        cause: 'request',
        requestedAt: '2026-03-01T12:00:00.000Z',
      };
      await operations.put(operation);
    }

    const seen: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await operations.list('a', 20, cursor);
      seen.push(...page.operations.map(({ operation }) => operation.generation));
      cursor = page.cursor;
    } while (cursor !== undefined);

    expect(seen).toEqual(many.map((_, index) => index + 1).toReversed());
  });
});

describe('an index', () => {
  it('goes on behind a place whose staging has left it meanwhile', async () => {
    const stagings = stagingStore(await table.fresh());
    const saved = ['a', 'b', 'c'].map((name, index) => aPendingStaging({ name }, new Date(noon + index)));
    for (const staging of saved) await stagings.save(staging);
    const { cursor } = await stagings.list({ status: 'Pending', limit: 1 });

    await stagings.save({ ...saved[2]!, revision: 2, status: 'Running' });

    const { stagings: rest } = await stagings.list({ status: 'Pending', limit: 5, cursor });
    expect(rest.map(({ name }) => name)).toEqual(['b', 'a']);
  });

  it('holds the attributes that it was made with, and no others', async () => {
    const fresh = await table.fresh();
    await stagingStore(fresh).save(asFirst(aPendingStaging({ ttl: 60_000 })));

    const { items } = await query(fresh, {
      IndexName: 'due',
      KeyConditionExpression: '#due = :due',
      ExpressionAttributeNames: { '#due': 'duePk' },
      ExpressionAttributeValues: { ':due': 'DUE' },
    });

    expect(Object.keys(items[0] ?? {}).toSorted()).toEqual(expect.arrayContaining(['dueAt', 'duePk', 'pk', 'sk']));
    expect(items[0]).not.toHaveProperty('record');
  });
});
