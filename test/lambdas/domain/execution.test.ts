import { describe, expect, it } from 'vitest';
import { IllegalTransition, Superseded } from '../../../lambdas/domain/errors.ts';
import { claim, type End, end, operationIn } from '../../../lambdas/domain/execution.ts';
import { requestDeploy, requestTeardown } from '../../../lambdas/domain/lifecycle.ts';
import { Staging } from '../../../lambdas/domain/staging.ts';
import { aContext, aPendingStaging, aRequest, aStagingThatIs } from '../../support/stagings.ts';
import { hour, minute } from '../../support/world.ts';

const now = new Date('2026-03-01T12:10:00.000Z');
const after = (milliseconds: number) => new Date(now.getTime() + milliseconds).toISOString();
const succeeded: End = { outcome: 'Succeeded' };
const failed: End = { outcome: 'Failed', failure: { reason: { code: 'CrashLoop', message: 'Pod/web: exits with 1' } } };

/** Deploying generation 1, with generation 2 waiting. */
const overtaken = (): Staging =>
  requestDeploy(
    aStagingThatIs('Deploying'),
    aRequest({ desired: { blueprint: 'hello', values: { imageTag: 'v2' }, overrides: {} } }),
    aContext(now),
  )!.staging;

describe('a claim', () => {
  it('takes the staging for the execution, and gives it time', () => {
    const claimed = claim(aPendingStaging(), 1, now);

    expect(claimed).toMatchObject({
      status: 'Deploying',
      active: { generation: 1, claimedAt: now.toISOString(), deadline: after(65 * minute) },
      operation: { startedAt: now.toISOString() },
      displaced: [],
    });
    expect(Staging.parse(claimed)).toEqual(claimed);
  });

  it('changes nothing when it comes again', () => {
    const claimed = claim(aPendingStaging(), 1, now);

    expect(claim(claimed, 1, new Date(now.getTime() + 1000))).toBe(claimed);
  });

  it('keeps the status of a teardown', () => {
    expect(claim(aStagingThatIs('Deleting'), 2, now).status).toBe('Deleting');
  });

  it.each([
    { what: 'one that a newer request displaced', staging: overtaken(), generation: 1 },
    { what: 'one that waits for another to hand over', staging: overtaken(), generation: 2 },
    { what: 'one that has ended', staging: aStagingThatIs('Running'), generation: 1 },
    { what: 'one of a deleted staging', staging: aStagingThatIs('Deleted'), generation: 1 },
  ])('is refused to $what', ({ staging, generation }) => {
    expect(() => claim(staging, generation, now)).toThrow(Superseded);
  });
});

describe('the end of an execution', () => {
  it.each([
    { from: 'Deploying', generation: 1, ending: succeeded, status: 'Running' },
    { from: 'Deploying', generation: 1, ending: failed, status: 'Failed' },
    { from: 'Pending', generation: 1, ending: failed, status: 'Failed' },
    { from: 'Deleting', generation: 2, ending: succeeded, status: 'Deleted' },
    { from: 'Deleting', generation: 2, ending: failed, status: 'DeleteFailed' },
  ] as const)('turns $from into $status', ({ from, generation, ending, status }) => {
    const decision = end(aStagingThatIs(from, { ttl: hour }), generation, ending, now);

    expect(decision?.staging.status).toBe(status);
    expect(decision?.staging.active).toBeUndefined();
    expect(decision?.staging.operation).toMatchObject({ outcome: ending.outcome, endedAt: now.toISOString() });
    expect(decision?.start).toBeUndefined();
    expect(Staging.parse(decision?.staging)).toEqual(decision?.staging);
  });

  it('has the reason where people and callers look', () => {
    const decision = end(aStagingThatIs('Deploying'), 1, failed, now);

    expect(decision?.staging.reason?.code).toBe('CrashLoop');
    expect(decision?.staging.operation.reason?.code).toBe('CrashLoop');
  });

  it('leaves nothing due of what is deleted', () => {
    const gone = end(aStagingThatIs('Deleting', { ttl: hour, warnBefore: minute }), 2, succeeded, now)?.staging;

    expect(gone).toMatchObject({ deletedAt: now.toISOString(), teardownFailures: 0 });
    expect([gone?.expiresAt, gone?.warnAt, gone?.retryAt]).toEqual([undefined, undefined, undefined]);
  });

  it.each([succeeded, failed, { outcome: 'Superseded' } as const])(
    'hands over to the newer operation, whatever the older one says: $outcome',
    (ending) => {
      const decision = end(overtaken(), 1, ending, now);

      expect(decision?.start?.generation).toBe(2);
      expect(decision?.staging).toMatchObject({ status: 'Pending', active: { generation: 2 } });
      expect(decision?.staging.active?.claimedAt).toBeUndefined();
      expect(operationIn(decision!.staging, 1)).toMatchObject({ outcome: 'Superseded', endedAt: now.toISOString() });
    },
  );

  it('hands a deploy over to the DELETE that won', () => {
    const deleting = requestTeardown(aStagingThatIs('Deploying'), aContext(now))!.staging;

    const decision = end(deleting, 1, { outcome: 'Superseded' }, now);

    expect(decision?.start?.kind).toBe('teardown');
    expect(decision?.staging.status).toBe('Deleting');
  });

  it.each([
    { what: 'one that ended before', staging: aStagingThatIs('Running'), generation: 1, ending: failed },
    { what: 'one that another displaced', staging: overtaken(), generation: 2, ending: succeeded },
    { what: 'one that is gone', staging: aStagingThatIs('Deleted'), generation: 1, ending: succeeded },
    {
      what: 'the newest that believes it is not',
      staging: aStagingThatIs('Deploying'),
      generation: 1,
      ending: { outcome: 'Superseded' } as const,
    },
  ])('writes nothing for $what', ({ staging, generation, ending }) => {
    expect(end(staging, generation, ending, now)).toBeUndefined();
  });

  it('never lets an execution succeed that has not claimed', () => {
    expect(() => end(aPendingStaging(), 1, succeeded, now)).toThrow(IllegalTransition);
  });

  it('tries failed teardowns again after a minute, then longer, an hour at most', () => {
    const waits = [1, 2, 3, 7, 20].map((failures) => {
      const deleting = { ...aStagingThatIs('Deleting'), teardownFailures: failures - 1 };
      const { retryAt } = end(deleting, 2, failed, now)!.staging;
      return (Date.parse(retryAt!) - now.getTime()) / minute;
    });

    expect(waits).toEqual([1, 2, 4, 60, 60]);
  });
});
