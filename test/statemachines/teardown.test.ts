import { describe, expect, it } from 'vitest';
import { type Answers, runMachine, thrown } from './run-machine.ts';

const input = { name: 'one', generation: 2, operationId: 'one-g2-teardown' };
const good = {
  Claim: { outcome: 'Claimed' },
  DeleteWorkload: { done: true },
  RecordDeleted: { outcome: 'Succeeded' },
  RecordSuperseded: { outcome: 'Superseded' },
};

const teardown = async (answers: Answers) => {
  const run = await runMachine('teardown', { ...good, ...answers }, input);
  return { ...run, steps: run.payloads.map((payload) => payload.step) };
};

describe('the teardown machine', () => {
  it('goes on deleting until nothing is left', async () => {
    let turns = 0;
    const run = await teardown({ DeleteWorkload: () => ({ done: ++turns === 3 }) });
    expect(run.status).toBe('SUCCEEDED');
    expect(run.steps).toEqual(['Claim', 'DeleteWorkload', 'DeleteWorkload', 'DeleteWorkload', 'RecordDeleted']);
  });

  it('gives each step who it is, and nothing that grows', async () => {
    const { payloads } = await teardown({});
    expect(payloads).toEqual(['Claim', 'DeleteWorkload', 'RecordDeleted'].map((step) => ({ ...input, step })));
  });

  it('stops without a failure where a newer request came', async () => {
    const run = await teardown({ DeleteWorkload: thrown('Superseded') });
    expect(run.status).toBe('SUCCEEDED');
    expect(run.steps).toEqual(['Claim', 'DeleteWorkload', 'RecordSuperseded']);
  });

  it('ends red with the recorded reason where the namespace is held', async () => {
    const reason = { code: 'TeardownStuck', message: 'PersistentVolumeClaim/data: is still mounted' };
    const run = await teardown({
      DeleteWorkload: thrown('TeardownStuck', reason.message),
      Diagnose: { failure: { reason } },
      RecordFailed: { outcome: 'Failed', reason },
    });
    expect(run).toMatchObject({ status: 'FAILED', error: reason.code, cause: reason.message });
    expect(run.payloads.at(-1)).toEqual({ ...input, step: 'RecordFailed', failure: { reason } });
  });

  it('records the first error as it was where the diagnosis fails too', async () => {
    const run = await teardown({
      DeleteWorkload: thrown('TeardownStuck', 'first'),
      Diagnose: thrown('TypeError', 'second'),
      RecordFailed: { outcome: 'Failed', reason: { code: 'TeardownStuck', message: 'first' } },
    });
    expect(run.payloads.at(-1)).toMatchObject({
      step: 'RecordFailed',
      error: { Error: 'TeardownStuck', Cause: expect.stringContaining('first') },
    });
  });

  it('ends red with the failure where it can’t be recorded, so that whoever hears of the end can', async () => {
    const answers = { DeleteWorkload: thrown('TeardownStuck', 'first'), RecordFailed: thrown('StoreRefused') };
    const diagnosed = { failure: { reason: { code: 'TeardownStuck', message: 'Pod/web: is held' } } };
    expect(await teardown({ ...answers, Diagnose: diagnosed })).toMatchObject({
      status: 'FAILED',
      error: 'TeardownStuck',
      cause: 'Pod/web: is held',
    });
    expect(await teardown({ ...answers, Diagnose: thrown('StoreUnavailable') })).toMatchObject({
      status: 'FAILED',
      error: 'TeardownStuck',
      cause: expect.stringContaining('"first"'),
    });
  });

  it('ends green where the failure was an older generation’s', async () => {
    const run = await teardown({
      DeleteWorkload: thrown('TeardownStuck'),
      Diagnose: { failure: {} },
      RecordFailed: { outcome: 'Superseded' },
    });
    expect(run.status).toBe('SUCCEEDED');
  });
});
