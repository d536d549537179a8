import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NotFound } from '../../../lambdas/domain/errors.ts';
import { isOpen } from '../../../lambdas/domain/sweep.ts';
import { type SweepStore, sweepStore } from '../../../lambdas/stores/sweeps.ts';
import { memorySweeps } from '../../support/memory-stores.ts';
import { startTestTable, type TestTable } from '../../support/staging-table.ts';

let table: TestTable;
beforeAll(async () => {
  table = await startTestTable();
});
afterAll(() => table[Symbol.asyncDispose]());

const noon = '2026-03-01T12:00:00.000Z';
const aSweep = (id: string) => ({ id, brakedAt: noon, names: ['a', 'b'] });

describe.each([
  { kind: 'the table', make: async (): Promise<SweepStore> => sweepStore(await table.fresh()) },
  { kind: 'the memory that other tests use', make: async (): Promise<SweepStore> => memorySweeps() },
])('braked sweeps in $kind', ({ make }) => {
  let sweeps: SweepStore;
  beforeEach(async () => {
    sweeps = await make();
  });

  it('has none at first', async () => {
    expect(await sweeps.latest()).toBeUndefined();
    expect(await sweeps.get('s1')).toBeUndefined();
  });

  it('has the one that was braked', async () => {
    await sweeps.brake(aSweep('s1'), undefined);

    expect(await sweeps.latest()).toEqual(aSweep('s1'));
  });

  it('opens one where two brake in the same moment', async () => {
    await sweeps.brake(aSweep('s1'), undefined);
    await sweeps.brake(aSweep('s2'), undefined);

    expect((await sweeps.latest())?.id).toBe('s1');
  });

  it('has the next once that one is closed', async () => {
    await sweeps.brake(aSweep('s1'), undefined);
    await sweeps.release('s1', noon);

    const released = await sweeps.latest();
    expect(released && isOpen(released)).toBe(false);
    await sweeps.brake(aSweep('s2'), released);
    expect((await sweeps.latest())?.id).toBe('s2');
  });

  it('remembers who approved first', async () => {
    await sweeps.brake(aSweep('s1'), undefined);

    await sweeps.approve('s1', 'ann', noon);
    const again = await sweeps.approve('s1', 'bob', '2026-03-01T13:00:00.000Z');

    expect(again).toMatchObject({ approvedBy: 'ann', approvedAt: noon });
    expect(isOpen(again)).toBe(false);
  });

  it('can’t approve what never was', async () => {
    await expect(sweeps.approve('never', 'ann', noon)).rejects.toThrow(NotFound);
    await sweeps.release('never', noon);
    expect(await sweeps.get('never')).toBeUndefined();
  });
});
