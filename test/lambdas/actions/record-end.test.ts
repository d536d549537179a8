import { beforeEach, describe, expect, it, vi } from 'vitest';
import { claimStaging } from '../../../lambdas/actions/claim-staging.ts';
import { recordEnd } from '../../../lambdas/actions/record-end.ts';
import { requestStaging } from '../../../lambdas/actions/request-staging.ts';
import { showOperation } from '../../../lambdas/actions/show-operation.ts';
import { Conflict, StoreUnavailable, Superseded } from '../../../lambdas/domain/errors.ts';
import { ExecutionEnded, recordEnded } from '../../../lambdas/steps/record-ended.ts';
import { recordFailed } from '../../../lambdas/steps/record-failed.ts';
import { aWorld, type World } from '../../support/world.ts';

let world: World;
beforeEach(async () => {
  world = aWorld();
  await put('v1');
});

const put = (imageTag: string) =>
  requestStaging(world, { name: 'a', blueprint: 'hello', values: { imageTag }, overrides: {} }, 'ann');
const failure = { reason: { code: 'CrashLoop', message: 'Pod/web: exits with 1' } } as const;
const claim = (generation: number) => claimStaging(world, 'a', generation);
const succeed = (generation: number) => recordEnd(world, 'a', generation, { outcome: 'Succeeded' });
const fail = (generation: number) => recordEnd(world, 'a', generation, { outcome: 'Failed', failure });

describe('recording', () => {
  it('tells the bus of every change, with the operation and who wanted it', async () => {
    await claim(1);
    await succeed(1);

    expect(world.events.events).toMatchObject([
      { detailType: 'Staging Status Changed', detail: { from: 'Pending', to: 'Deploying', actor: 'ann' } },
      {
        detail: {
          name: 'a',
          from: 'Deploying',
          to: 'Running',
          operationId: 'a-g1-deploy',
          links: [{ url: 'https://a.staging.example.com/' }],
        },
      },
    ]);
  });

  it('stands whatever the bus says, which is loud', async () => {
    vi.spyOn(world.events, 'put').mockRejectedValue(new StoreUnavailable('busy'));

    await claim(1);
    await succeed(1);

    expect((await world.stagings.get('a'))?.status).toBe('Running');
    expect(world.logged.filter((line) => line.level === 'error')).toHaveLength(2);
  });

  it('keeps a copy of the operation with its end', async () => {
    await claim(1);
    await fail(1);

    expect(world.operations.all()).toMatchObject([{ id: 'a-g1-deploy', outcome: 'Failed', reason: failure.reason }]);
  });

  it('changes nothing when it comes again, and answers the same', async () => {
    await claim(1);
    const first = await fail(1);
    const writes = world.stagings.written.length;

    expect(await fail(1)).toEqual(first);
    expect(await succeed(1)).toEqual(first);
    expect(world.stagings.written).toHaveLength(writes);
  });

  it('mends the copy where it was cut off before that', async () => {
    await claim(1);
    vi.spyOn(world.operations, 'put').mockRejectedValueOnce(new StoreUnavailable('cut off'));
    await expect(succeed(1)).rejects.toThrow(StoreUnavailable);

    await succeed(1);

    expect(world.operations.all()).toMatchObject([{ outcome: 'Succeeded' }]);
  });

  it('keeps the newer generation when an older execution ends last', async () => {
    await claim(1);
    await put('v2');
    await succeed(1);
    await claim(2);
    await succeed(2);

    expect(await fail(1)).toMatchObject({ outcome: 'Superseded' });
    expect(await world.stagings.get('a')).toMatchObject({ status: 'Running', generation: 2 });
  });

  it('hands over to the newer operation, and starts it', async () => {
    await claim(1);
    await put('v2');
    expect(world.executions.started.has('a-g2-deploy')).toBe(false);

    expect(await recordEnd(world, 'a', 1, { outcome: 'Superseded' })).toMatchObject({ outcome: 'Superseded' });

    expect(world.executions.started.has('a-g2-deploy')).toBe(true);
    expect((await showOperation(world, 'a-g1-deploy')).operation.outcome).toBe('Superseded');
  });

  it('starts the newer one when it comes again, where it was cut off before that', async () => {
    await claim(1);
    await put('v2');
    vi.spyOn(world.operations, 'put').mockRejectedValueOnce(new StoreUnavailable('cut off'));
    await expect(succeed(1)).rejects.toThrow(StoreUnavailable);

    await succeed(1);

    expect(world.executions.started.has('a-g2-deploy')).toBe(true);
  });

  it('does not believe the newest that it is superseded', async () => {
    await claim(1);

    await expect(recordEnd(world, 'a', 1, { outcome: 'Superseded' })).rejects.toThrow(Conflict);
    expect((await world.stagings.get('a'))?.status).toBe('Deploying');
  });

  it('is decided anew where somebody else was faster', async () => {
    await claim(1);
    const { save } = { save: world.stagings.save.bind(world.stagings) };
    vi.spyOn(world.stagings, 'save').mockImplementationOnce(async (staging) => {
      await put('v2');
      return save(staging);
    });

    expect(await succeed(1)).toMatchObject({ outcome: 'Superseded' });
    expect(world.executions.started.has('a-g2-deploy')).toBe(true);
  });
});

describe('a claim', () => {
  it('writes the operations that it displaces before it forgets them', async () => {
    await put('v2');

    await claim(2);

    expect(world.operations.all().toSorted((x, y) => x.generation - y.generation)).toMatchObject([
      { id: 'a-g1-deploy', outcome: 'Superseded' },
      { id: 'a-g2-deploy', startedAt: world.now().toISOString() },
    ]);
    await expect(claim(1)).rejects.toThrow(Superseded);
  });
});

describe('RecordFailed', () => {
  it('names the caught error where there was no diagnosis', async () => {
    await claim(1);
    const error = { Error: 'ImageNotFound', Cause: JSON.stringify({ errorMessage: 'Pod/web: there is no image' }) };

    const recorded = await recordFailed(world, {
      step: 'RecordFailed',
      name: 'a',
      generation: 1,
      operationId: 'a-g1-deploy',
      error,
    });

    expect(recorded).toEqual({
      outcome: 'Failed',
      reason: { code: 'ImageNotFound', message: 'Pod/web: there is no image', object: 'Pod/web' },
    });
  });

  it('answers with a reason even where the operation had succeeded, since the execution ends with it', async () => {
    await claim(1);
    await succeed(1);

    const recorded = await recordFailed(world, {
      step: 'RecordFailed',
      name: 'a',
      generation: 1,
      operationId: 'x',
      failure,
    });

    expect(recorded).toEqual({ outcome: 'Succeeded', reason: failure.reason });
  });
});

describe('EventBridge’s word of an execution that ended badly', () => {
  const ended = (status: string, name = 'a-g1-deploy', detail: object = {}) =>
    ExecutionEnded.parse({
      version: '0',
      source: 'aws.states',
      'detail-type': 'Step Functions Execution Status Change',
      detail: { name, status, input: '{}', error: null, cause: null, startDate: 1, ...detail },
    });

  it.each([
    ['TIMED_OUT', 'TimedOut'],
    ['ABORTED', 'Aborted'],
    ['FAILED', 'InternalError'],
  ])('ends the operation that it left open: %s', async (status, code) => {
    await claim(1);

    await recordEnded(world, ended(status));

    expect(await world.stagings.get('a')).toMatchObject({ status: 'Failed', reason: { code } });
  });

  it('names the failure that the execution ended with, where that one could not record it', async () => {
    const thrown = { errorType: 'CrashLoop', errorMessage: 'Pod/web: container web ends with exit code 1' };
    const reason = { code: 'CrashLoop', object: 'Pod/web', message: thrown.errorMessage };
    await claim(1);

    await recordEnded(world, ended('FAILED', 'a-g1-deploy', { error: 'CrashLoop', cause: JSON.stringify(thrown) }));

    expect(await world.stagings.get('a')).toMatchObject({ status: 'Failed', reason });
  });

  it('changes nothing where the end is recorded', async () => {
    await claim(1);
    await fail(1);

    await recordEnded(world, ended('FAILED'));

    expect((await world.stagings.get('a'))?.reason?.code).toBe('CrashLoop');
  });

  it('hands over where a newer operation waits', async () => {
    await claim(1);
    await put('v2');

    await recordEnded(world, ended('ABORTED'));

    expect(world.executions.started.has('a-g2-deploy')).toBe(true);
  });

  it('is nothing to us where it is no operation’s', async () => {
    expect(await recordEnded(world, ended('FAILED', 'approved-20260301T130000000'))).toBeUndefined();
  });
});

describe('waiting for an operation', () => {
  it('answers as soon as it has ended', async () => {
    await claim(1);
    const sleep = vi.spyOn(world, 'sleep').mockImplementationOnce(async () => {
      await succeed(1);
    });

    const { operation } = await showOperation(world, 'a-g1-deploy', 25_000);

    expect(operation.outcome).toBe('Succeeded');
    expect(sleep).toHaveBeenCalledTimes(1);
  });

  it('answers at once where it is long over', async () => {
    await put('v2');
    await claim(2);
    const sleep = vi.spyOn(world, 'sleep');

    const { operation } = await showOperation(world, 'a-g1-deploy', 25_000);

    expect(operation.outcome).toBe('Superseded');
    expect(sleep).not.toHaveBeenCalled();
  });
});
