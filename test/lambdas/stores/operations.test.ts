import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { InvalidCursor } from '../../../lambdas/domain/errors.ts';
import type { Operation } from '../../../lambdas/domain/operation.ts';
import { type OperationStore, operationStore } from '../../../lambdas/stores/operations.ts';
import { memoryOperations } from '../../support/memory-stores.ts';
import { startTestTable, type TestTable } from '../../support/staging-table.ts';

let table: TestTable;
beforeAll(async () => {
  table = await startTestTable();
});
afterAll(() => table[Symbol.asyncDispose]());

const anOperation = (over: Partial<Operation> = {}): Operation => ({
  id: 'a-g1-deploy',
  staging: 'a',
  kind: 'deploy',
  generation: 1,
  actor: 'ann',
  cause: 'request',
  requestedAt: '2026-03-01T12:00:00.000Z',
  ...over,
});

const key = { staging: 'a', generation: 1 };
const ended = { endedAt: '2026-03-01T12:05:00.000Z', outcome: 'Succeeded' } as const;

describe.each([
  { kind: 'the table', make: async (): Promise<OperationStore> => operationStore(await table.fresh()) },
  { kind: 'the memory that other tests use', make: async (): Promise<OperationStore> => memoryOperations() },
])('operations in $kind', ({ make }) => {
  let operations: OperationStore;
  beforeEach(async () => {
    operations = await make();
  });

  it('gives back what was put', async () => {
    await operations.put(anOperation());

    expect(await operations.get(key)).toEqual({ operation: anOperation(), steps: [] });
    expect(await operations.get({ staging: 'a', generation: 2 })).toBeUndefined();
  });

  it('takes a newer copy of one that goes on', async () => {
    await operations.put(anOperation());
    await operations.put(anOperation(ended));

    expect((await operations.get(key))?.operation.outcome).toBe('Succeeded');
  });

  it('never writes over one that has ended', async () => {
    await operations.put(anOperation(ended));
    await operations.put(anOperation());
    await operations.put(anOperation({ ...ended, outcome: 'Failed' }));

    expect((await operations.get(key))?.operation).toEqual(anOperation(ended));
  });

  it('keeps steps and progress when the copy is written again', async () => {
    await operations.put(anOperation());
    await operations.startStep(key, 'Apply', '2026-03-01T12:00:01.000Z');
    await operations.endStep(key, 'Apply', '2026-03-01T12:00:02.000Z');
    await operations.startStep(key, 'AwaitHealthy', '2026-03-01T12:00:03.000Z');
    await operations.tellProgress(key, { ready: 1, total: 3, message: '1 of 3', at: '2026-03-01T12:00:04.000Z' });
    await operations.put(anOperation(ended));

    expect(await operations.get(key)).toEqual({
      operation: anOperation(ended),
      steps: [
        { name: 'Apply', startedAt: '2026-03-01T12:00:01.000Z', endedAt: '2026-03-01T12:00:02.000Z' },
        { name: 'AwaitHealthy', startedAt: '2026-03-01T12:00:03.000Z' },
      ],
      progress: { ready: 1, total: 3, message: '1 of 3', at: '2026-03-01T12:00:04.000Z' },
    });
  });

  it('shows a step that runs again as running, from its first start', async () => {
    await operations.put(anOperation());
    await operations.startStep(key, 'Apply', '2026-03-01T12:00:01.000Z');
    await operations.endStep(key, 'Apply', '2026-03-01T12:00:02.000Z', 'ClusterUnreachable');
    await operations.startStep(key, 'Apply', '2026-03-01T12:00:03.000Z');

    const steps = (await operations.get(key))?.steps;

    expect(steps?.[0]?.startedAt).toBe('2026-03-01T12:00:01.000Z');
  });

  it('drops steps of an operation that is not there', async () => {
    await operations.startStep(key, 'Apply', '2026-03-01T12:00:01.000Z');
    await operations.tellProgress(key, { ready: 0, total: 1, message: '', at: '2026-03-01T12:00:01.000Z' });

    expect(await operations.get(key)).toBeUndefined();
  });

  it('lists the newest first, also beyond ten', async () => {
    for (const generation of [1, 2, 10, 11]) {
      await operations.put(anOperation({ id: `a-g${generation}-deploy`, generation }));
    }
    await operations.put(anOperation({ id: 'b-g3-deploy', staging: 'b', generation: 3 }));

    const { operations: listed } = await operations.list('a', 10);

    expect(listed.map((item) => item.operation.generation)).toEqual([11, 10, 2, 1]);
  });
});

describe('pages of operations', () => {
  it('goes on after the cursor', async () => {
    const operations = operationStore(await table.fresh());
    for (let generation = 1; generation <= 5; generation += 1) {
      await operations.put(anOperation({ id: `a-g${generation}-deploy`, generation }));
    }

    const first = await operations.list('a', 3);
    const second = await operations.list('a', 3, first.cursor);

    expect(first.operations.map((item) => item.operation.generation)).toEqual([5, 4, 3]);
    expect(second.operations.map((item) => item.operation.generation)).toEqual([2, 1]);
    expect(second.cursor).toBeUndefined();
  });

  it('refuses a cursor that it never gave out', async () => {
    await expect(operationStore(table).list('a', 3, 'zzz')).rejects.toThrow(InvalidCursor);
  });
});
