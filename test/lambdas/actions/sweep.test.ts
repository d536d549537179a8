import { beforeEach, describe, expect, it, vi } from 'vitest';
import { approveSweep } from '../../../lambdas/actions/approve-sweep.ts';
import { findDue } from '../../../lambdas/actions/find-due.ts';
import { settleDue } from '../../../lambdas/actions/settle-due.ts';
import { NotFound, StoreUnavailable } from '../../../lambdas/domain/errors.ts';
import type { Staging } from '../../../lambdas/domain/staging.ts';
import { settleDue as settleStep } from '../../../lambdas/steps/settle-due.ts';
import { aPendingStaging, aStagingThatIs, asFirst } from '../../support/stagings.ts';
import { aWorld, day, hour, minute, type World } from '../../support/world.ts';

let world: World;
beforeEach(() => {
  world = aWorld();
});

const save = (...stagings: Staging[]) => Promise.all(stagings.map((staging) => world.stagings.save(asFirst(staging))));

const many = (count: number, prefix = 's') =>
  Array.from({ length: count }, (_, index) => aStagingThatIs('Running', { name: `${prefix}-${index}`, ttl: hour }));

describe('finding what is due', () => {
  it('names what is due, and no more', async () => {
    await save(
      aStagingThatIs('Running', { name: 'over', ttl: hour }),
      aStagingThatIs('Running', { name: 'not', ttl: day }),
    );
    world.pass(hour);

    expect(await findDue(world)).toEqual({ due: [{ name: 'over' }], more: false, braked: false, sweepId: '' });
  });

  it('takes a hundred at a time, and says that there are more', async () => {
    world.brake = 1000;
    await save(...many(101));
    world.pass(hour);

    const { due, more } = await findDue(world);

    expect(due).toHaveLength(100);
    expect(more).toBe(true);
  });

  it('never stands still before those that can’t be settled: chance decides who is first', async () => {
    world.brake = 1000;
    await save(...many(150));
    world.pass(hour);
    let seed = 7;
    const random = () => {
      seed = (seed * 16_807) % 2_147_483_647;
      return seed / 2_147_483_647;
    };

    const first = await findDue({ ...world, random });
    const second = await findDue({ ...world, random });

    expect(first.due.map((entry) => entry.name)).not.toEqual(second.due.map((entry) => entry.name));
  });

  it('decides nothing by a list that fails', async () => {
    vi.spyOn(world.stagings, 'listDue').mockRejectedValue(new StoreUnavailable('throttled'));

    await expect(findDue(world)).rejects.toThrow(StoreUnavailable);
    expect(world.sweeps.all()).toEqual([]);
  });
});

describe('the brake', () => {
  beforeEach(async () => {
    world.brake = 3;
    await save(...many(4), aStagingThatIs('DeleteFailed', { name: 'stuck' }));
    world.pass(hour);
  });

  it('holds where more would end than may, and lets all else go on', async () => {
    const { due, braked, sweepId } = await findDue(world);

    expect({ due, braked, sweepId }).toEqual({ due: [{ name: 'stuck' }], braked: true, sweepId: '20260301T130000000' });
    expect(world.sweeps.all()).toEqual([
      {
        id: sweepId,
        brakedAt: '2026-03-01T13:00:00.000Z',
        names: expect.arrayContaining(['s-0', 's-1', 's-2', 's-3']),
      },
    ]);
    expect(world.logged.map((line) => line.level)).toContain('error');
  });

  it('is opened once, however often the clock comes by', async () => {
    const first = await findDue(world);
    world.pass(minute);
    const second = await findDue(world);

    expect(second.sweepId).toBe(first.sweepId);
    expect(world.sweeps.all()).toHaveLength(1);
  });

  it('settles no end in a braked sweep, even where a name slips in', async () => {
    const { sweepId } = await findDue(world);

    const { chore } = await settleStep(world, { step: 'SettleDue', name: 's-0', sweepId, approved: false });

    expect(chore).toBe('none');
    expect((await world.stagings.get('s-0'))?.status).toBe('Running');
  });

  it('lets an approved sweep end what it named and what is still due, and nothing else', async () => {
    const { sweepId } = await findDue(world);
    await save(aStagingThatIs('Running', { name: 'newcomer', ttl: hour }));
    const extended = await world.stagings.get('s-3');
    await world.stagings.save({ ...extended!, revision: 2, expiresAt: '2026-03-09T12:00:00.000Z' });
    await approveSweep(world, sweepId, 'op');

    const { due, braked } = await findDue(world, sweepId);

    expect(due.map((entry) => entry.name).toSorted()).toEqual(['s-0', 's-1', 's-2']);
    expect(braked).toBe(false);
    expect(world.executions.approvedSweeps).toEqual([sweepId]);
  });

  it('does not hold the sweeps that come while an approved one is at work', async () => {
    const { sweepId } = await findDue(world);
    await approveSweep(world, sweepId, 'op');
    world.pass(minute);

    expect(await findDue(world)).toMatchObject({ braked: false, due: [{ name: 'stuck' }] });
  });

  it('holds again where an approved sweep left too much behind', async () => {
    const { sweepId } = await findDue(world);
    await approveSweep(world, sweepId, 'op');
    world.pass(20 * minute);

    const again = await findDue(world);

    expect(again.braked).toBe(true);
    expect(again.sweepId).not.toBe(sweepId);
  });

  it('lets go by itself once few enough are due', async () => {
    const { sweepId } = await findDue(world);
    const one = await world.stagings.get('s-0');
    await world.stagings.save({ ...one!, revision: 2, expiresAt: '2026-03-09T12:00:00.000Z' });

    expect(await findDue(world)).toMatchObject({ braked: false, sweepId: '' });
    expect((await world.sweeps.get(sweepId))?.releasedAt).toBeDefined();
  });

  it('refuses a sweep that nobody approved', async () => {
    const { sweepId } = await findDue(world);

    await expect(findDue(world, sweepId)).rejects.toThrow(NotFound);
    await expect(findDue(world, 'never')).rejects.toThrow(NotFound);
    await expect(approveSweep(world, 'never', 'op')).rejects.toThrow(NotFound);
  });
});

describe('settling', () => {
  it('warns the owner once', async () => {
    await save(aStagingThatIs('Running', { name: 'a', ttl: day, warnBefore: hour }));
    world.pass(23 * hour);

    expect(await settleDue(world, 'a', true)).toBe('warn');
    expect(await settleDue(world, 'a', true)).toBeUndefined();
    expect(world.events.events).toEqual([
      {
        detailType: 'Staging Expiring',
        detail: {
          name: 'a',
          owner: 'ann',
          expiresAt: '2026-03-02T12:00:00.000Z',
          links: [{ title: 'Open', url: 'https://a.staging.example.com/' }],
        },
      },
    ]);
  });

  it('warns again later where the bus did not take the warning', async () => {
    await save(aStagingThatIs('Running', { name: 'a', ttl: day, warnBefore: hour }));
    world.pass(23 * hour);
    vi.spyOn(world.events, 'put').mockRejectedValueOnce(new StoreUnavailable('busy'));

    await expect(settleDue(world, 'a', true)).rejects.toThrow(StoreUnavailable);
    expect(await settleDue(world, 'a', true)).toBe('warn');
  });

  it('takes away what has expired, and tells the bus', async () => {
    await save(aStagingThatIs('Running', { name: 'a', ttl: hour }));
    world.pass(hour);

    expect(await settleDue(world, 'a', true)).toBe('expire');

    expect(await world.stagings.get('a')).toMatchObject({
      status: 'Deleting',
      operation: { kind: 'teardown', cause: 'expiry', actor: 'berth:sweep' },
    });
    expect(world.executions.started.has('a-g2-teardown')).toBe(true);
    expect(world.events.events).toMatchObject([
      { detail: { from: 'Running', to: 'Deleting', operationId: 'a-g2-teardown' } },
    ]);
  });

  it('tries a failed teardown again', async () => {
    await save(aStagingThatIs('DeleteFailed', { name: 'a' }));
    world.pass(minute);

    expect(await settleDue(world, 'a', true)).toBe('retry-teardown');
    expect((await world.stagings.get('a'))?.operation).toMatchObject({ generation: 3, cause: 'retry' });
  });

  it('tries no teardown where the cluster is not configured, until it is again', async () => {
    await save(aStagingThatIs('DeleteFailed', { name: 'a', cluster: 'former' }));
    world.pass(minute);

    expect(await settleDue(world, 'a', true)).toBe('retry-teardown');
    expect(await settleDue(world, 'a', true)).toBeUndefined();

    expect([...world.executions.started]).toEqual([]);
    expect(await world.stagings.get('a')).toMatchObject({ status: 'DeleteFailed', generation: 2 });
    world.pass(hour);
    await settleDue({ ...world, clusters: ['main', 'former'] }, 'a', true);
    expect([...world.executions.started.keys()]).toEqual(['a-g3-teardown']);
  });

  it('starts what was never started, and gives it time', async () => {
    await save(aPendingStaging({ name: 'a' }));
    world.pass(minute);

    expect(await settleDue(world, 'a', true)).toBe('start');
    expect(await settleDue(world, 'a', true)).toBeUndefined();
    expect(world.executions.started.has('a-g1-deploy')).toBe(true);
  });

  it('ends an operation whose execution was over before it claimed', async () => {
    await save(aPendingStaging({ name: 'a' }));
    await world.executions.start(aPendingStaging({ name: 'a' }).operation);
    world.executions.started.get('a-g1-deploy')!.state = { status: 'FAILED', error: 'Boom', cause: 'out of luck' };
    world.pass(minute);

    await settleDue(world, 'a', true);

    expect(await world.stagings.get('a')).toMatchObject({
      status: 'Failed',
      reason: { code: 'InternalError', message: expect.stringContaining('Boom: out of luck') },
    });
  });

  it.each([
    { state: 'TIMED_OUT', code: 'TimedOut' },
    { state: 'ABORTED', code: 'Aborted' },
    { state: 'FAILED', code: 'InternalError' },
    { state: 'MISSING', code: 'InternalError' },
  ] as const)('declares lost what claimed and ended without a word: $state', async ({ state, code }) => {
    await save(aStagingThatIs('Deploying', { name: 'a' }));
    await world.executions.start(aPendingStaging({ name: 'a' }).operation);
    world.executions.started.get('a-g1-deploy')!.state = { status: state };
    world.pass(65 * minute);

    expect(await settleDue(world, 'a', true)).toBe('declare-lost');

    expect(await world.stagings.get('a')).toMatchObject({ status: 'Failed', reason: { code } });
    expect(world.operations.all()).toMatchObject([{ id: 'a-g1-deploy', outcome: 'Failed' }]);
  });

  it('leaves an execution alone that still runs, and asks again', async () => {
    await save(aStagingThatIs('Deploying', { name: 'a' }));
    await world.executions.start(aPendingStaging({ name: 'a' }).operation);
    world.pass(65 * minute);

    await settleDue(world, 'a', true);

    expect((await world.stagings.get('a'))?.status).toBe('Deploying');
    expect(await settleDue(world, 'a', true)).toBeUndefined();
    world.pass(5 * minute);
    expect(await settleDue(world, 'a', true)).toBe('declare-lost');
  });

  it('does nothing for what is not due any more, or not there', async () => {
    await save(aStagingThatIs('Running', { name: 'a', ttl: day }));

    expect(await settleDue(world, 'a', true)).toBeUndefined();
    expect(await settleDue(world, 'never', true)).toBeUndefined();
    expect(world.stagings.written).toHaveLength(1);
  });
});
