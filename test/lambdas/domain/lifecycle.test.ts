import { describe, expect, it } from 'vitest';
import { IllegalTransition, StaleSequence } from '../../../lambdas/domain/errors.ts';
import { requestDeploy, requestRedeploy, requestTeardown } from '../../../lambdas/domain/lifecycle.ts';
import { Staging } from '../../../lambdas/domain/staging.ts';
import { Status } from '../../../lambdas/domain/status.ts';
import { aContext, aPendingStaging, aRequest, aStagingThatIs } from '../../support/stagings.ts';
import { day, hour } from '../../support/world.ts';

const otherWish = aRequest({ desired: { blueprint: 'hello', values: { imageTag: 'v2' }, overrides: {} } });
const later = new Date('2026-03-02T12:00:00.000Z');

describe('a PUT', () => {
  it('makes a staging that is a valid record, and starts its operation', () => {
    const decision = requestDeploy(undefined, aRequest({ ttl: day, warnBefore: hour, sequence: 3 }), aContext());

    expect(Staging.parse(decision?.staging)).toEqual(decision?.staging);
    expect(decision?.staging).toMatchObject({
      revision: 1,
      generation: 1,
      status: 'Pending',
      sequence: 3,
      expiresAt: '2026-03-02T12:00:00.000Z',
      warnAt: '2026-03-02T11:00:00.000Z',
    });
    expect(decision?.start?.id).toBe('checkout-42-g1-deploy');
  });

  it.each(['Pending', 'Deploying', 'Running', 'Degraded'] as const)(
    'changes nothing that is already so: %s',
    (status) => {
      expect(requestDeploy(aStagingThatIs(status), aRequest(), aContext())).toBeUndefined();
    },
  );

  it.each(['Failed', 'Deleting', 'Deleted', 'DeleteFailed', 'Archived'] as const)(
    'deploys what was asked for before, but is %s',
    (status) => {
      const decision = requestDeploy(aStagingThatIs(status), aRequest(), aContext());

      expect(decision?.staging.status).toBe('Pending');
      expect(decision?.staging.operation.kind).toBe('deploy');
    },
  );

  it.each([
    { what: 'values', over: { desired: { blueprint: 'hello', values: { imageTag: 'v2' }, overrides: {} } } },
    { what: 'blueprint', over: { desired: { blueprint: 'shop', values: { imageTag: 'v1' }, overrides: {} } } },
    { what: 'owner', over: { owner: 'bob' } },
    {
      what: 'commit',
      over: {
        desired: { blueprint: 'hello', values: { imageTag: 'v1' }, overrides: {}, source: { commit: 'abcdef1' } },
      },
    },
  ])('that changes the $what is one generation on', ({ over }) => {
    const decision = requestDeploy(aStagingThatIs('Running'), aRequest(over), aContext());

    expect(decision?.staging.generation).toBe(2);
    expect(decision?.start?.generation).toBe(2);
  });

  it('leaves the staging to the execution that holds it, and starts nothing', () => {
    const deploying = aStagingThatIs('Deploying');

    const decision = requestDeploy(deploying, otherWish, aContext(later));

    expect(decision?.start).toBeUndefined();
    expect(decision?.staging.active).toEqual(deploying.active);
    expect(decision?.staging.displaced).toEqual([deploying.operation]);
  });

  it('takes the place of an operation that nobody has claimed, which is over at once', () => {
    const decision = requestDeploy(aPendingStaging(), otherWish, aContext(later));

    expect(decision?.start?.generation).toBe(2);
    expect(decision?.staging.displaced).toMatchObject([
      { generation: 1, outcome: 'Superseded', endedAt: later.toISOString() },
    ]);
  });

  it('counts on from a tombstone, with a life of its own', () => {
    const decision = requestDeploy(aStagingThatIs('Deleted'), aRequest({ owner: 'bob' }), aContext(later));

    expect(decision?.staging).toMatchObject({ generation: 3, owner: 'bob', createdAt: later.toISOString() });
    expect(decision?.staging.deletedAt).toBeUndefined();
  });

  it('begins the lifetime anew', () => {
    const staging = aStagingThatIs('Running', { ttl: day });

    const decision = requestDeploy(staging, { ...otherWish, ttl: day }, aContext(later));

    expect(decision?.staging.expiresAt).toBe('2026-03-03T12:00:00.000Z');
    expect(decision?.staging.createdAt).toBe(staging.createdAt);
  });

  it('warns nobody of an end that is nearer than the warning', () => {
    const decision = requestDeploy(undefined, aRequest({ ttl: hour, warnBefore: hour }), aContext());

    expect(decision?.staging.warnAt).toBeUndefined();
  });

  it('is refused with a sequence older than an accepted one, also after the staging is gone', () => {
    expect(() =>
      requestDeploy(aStagingThatIs('Running', { sequence: 5 }), aRequest({ sequence: 4 }), aContext()),
    ).toThrow(StaleSequence);
    expect(() =>
      requestDeploy(aStagingThatIs('Deleted', { sequence: 5 }), aRequest({ sequence: 4 }), aContext()),
    ).toThrow(StaleSequence);
  });

  it('keeps the sequence where a later request has none', () => {
    const decision = requestDeploy(aStagingThatIs('Running', { sequence: 5 }), otherWish, aContext());

    expect(decision?.staging.sequence).toBe(5);
  });

  it('brings a staging back to life whose time is over, though nobody has taken it away yet', () => {
    const over = aStagingThatIs('Running', { ttl: day });

    expect(requestDeploy(over, aRequest({ ttl: day }), aContext(new Date(later.getTime() - 1)))).toBeUndefined();
    expect(requestDeploy(over, aRequest({ ttl: day }), aContext(later))?.staging).toMatchObject({
      status: 'Pending',
      expiresAt: '2026-03-03T12:00:00.000Z',
    });
  });

  it('gives another lifetime from now on without an operation where nothing else changes', () => {
    const running = aStagingThatIs('Running', { ttl: day, warnBefore: hour });
    const soon = new Date('2026-03-01T13:00:00.000Z');

    const longer = requestDeploy(running, aRequest({ ttl: 3 * day, warnBefore: hour }), aContext(soon));
    const shorter = requestDeploy(running, aRequest({ ttl: hour, warnBefore: hour }), aContext());

    expect(longer).toEqual({
      staging: {
        ...running,
        revision: running.revision + 1,
        ttl: 3 * day,
        expiresAt: '2026-03-04T13:00:00.000Z',
        warnAt: '2026-03-04T12:00:00.000Z',
      },
    });
    expect(shorter?.staging.expiresAt).toBe('2026-03-01T13:00:00.000Z');
    expect(shorter?.staging.warnAt).toBeUndefined();
  });

  it('leaves the lifetime alone where nobody asks for one, or for the same again', () => {
    const running = aStagingThatIs('Running', { ttl: day });

    expect(requestDeploy(running, aRequest({ ttl: hour, isTtlDefault: true }), aContext())).toBeUndefined();
    expect(requestDeploy(running, aRequest({ ttl: day }), aContext())).toBeUndefined();
  });

  it('writes a higher sequence down without an operation where nothing else changes', () => {
    const running = aStagingThatIs('Running', { sequence: 5 });

    const decision = requestDeploy(running, aRequest({ sequence: 6 }), aContext());

    expect(decision).toEqual({ staging: { ...running, revision: running.revision + 1, sequence: 6 } });
  });
});

describe('a redeploy', () => {
  it.each(Status.options)('is decided by the status: %s', (status) => {
    const may = ['Pending', 'Deploying', 'Running', 'Degraded', 'Failed'].includes(status);
    const redeploy = () => requestRedeploy(aStagingThatIs(status, { ttl: day }), aContext(later));

    expect(outcomeOf(redeploy)).toBe(may ? 'Pending' : IllegalTransition);
  });

  it('leaves the lifetime as it was', () => {
    const running = aStagingThatIs('Running', { ttl: day });

    expect(requestRedeploy(running, aContext(later)).staging.expiresAt).toBe(running.expiresAt);
  });
});

function outcomeOf(decide: () => { staging: Staging }): unknown {
  try {
    return decide().staging.status;
  } catch (error) {
    return (error as Error).constructor;
  }
}

describe('a DELETE', () => {
  it.each(['Pending', 'Deploying', 'Running', 'Degraded', 'Failed', 'Archived', 'DeleteFailed'] as const)(
    'takes away what is %s',
    (status) => {
      const decision = requestTeardown(aStagingThatIs(status), aContext());

      expect(decision?.staging.status).toBe('Deleting');
      expect(decision?.staging.operation.kind).toBe('teardown');
    },
  );

  it.each(['Deleting', 'Deleted'] as const)('changes nothing that is %s', (status) => {
    expect(requestTeardown(aStagingThatIs(status), aContext())).toBeUndefined();
  });

  it('goes on counting failed teardowns', () => {
    const decision = requestTeardown(aStagingThatIs('DeleteFailed'), aContext());

    expect(decision?.staging.teardownFailures).toBe(1);
    expect(decision?.staging.retryAt).toBeUndefined();
  });
});
