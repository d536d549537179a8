import { describe, expect, it } from 'vitest';
import type { Json } from '../../lib/local/states/json.ts';
import { type Answers, type Payload, runMachine, thrown } from './run-machine.ts';

interface Pass {
  due: { name: string }[];
  more: boolean;
  braked: boolean;
  sweepId: string;
}

const pass = (names: string[], rest: Partial<Pass> = {}): { [key: string]: Json } => ({
  due: names.map((name) => ({ name })),
  more: false,
  braked: false,
  sweepId: '',
  ...rest,
});

/** FindDue answers these one after the other, the last one again and again. */
const sweep = async (passes: Json[], answers: Answers = {}, input: Json = {}) => {
  let turn = 0;
  const FindDue = () => passes[Math.min(turn++, passes.length - 1)] ?? null;
  const run = await runMachine('sweep', { FindDue, SettleDue: { chore: 'warn' }, ...answers }, input);
  const named = (step: string) => run.payloads.filter((payload) => payload.step === step);
  return { ...run, finds: named('FindDue'), settled: named('SettleDue') };
};

const failOn =
  (...names: Json[]) =>
  ({ name }: Payload): Json | Error =>
    names.includes(name ?? '') ? thrown('IllegalTransition') : {};

describe('the sweep machine', () => {
  it('does nothing where nothing is due', async () => {
    const run = await sweep([pass([])]);
    expect(run).toMatchObject({ status: 'SUCCEEDED', settled: [] });
    expect(run.finds).toEqual([{ step: 'FindDue' }]);
  });

  it('settles each staging that is due, one too', async () => {
    const one = { step: 'SettleDue', name: 'one', sweepId: '', approved: false };
    expect((await sweep([pass(['one'])])).settled).toEqual([one]);
    const run = await sweep([pass(['one', 'two'])]);
    expect(run.settled).toHaveLength(2);
  });

  it('goes on while there is more', async () => {
    const run = await sweep([pass(['one'], { more: true }), pass(['two'], { more: true }), pass(['three'])]);
    expect(run.status).toBe('SUCCEEDED');
    expect(run.settled.map((payload) => payload['name'])).toEqual(['one', 'two', 'three']);
  });

  it('settles the others where one fails, and ends red', async () => {
    const passes = [pass(['one', 'bad', 'two'], { more: true }), pass(['three'])];
    const run = await sweep(passes, { SettleDue: failOn('bad') });
    expect(run.settled).toHaveLength(4);
    expect(run).toMatchObject({
      status: 'FAILED',
      error: 'NotAllSettled',
      cause: expect.stringContaining('Not settled: 1 stagings'),
    });
  });

  it('stops where nothing moves any more', async () => {
    const run = await sweep([pass(['bad', 'worse'], { more: true })], { SettleDue: failOn('bad', 'worse') });
    expect(run.finds).toHaveLength(1);
    expect(run).toMatchObject({ status: 'FAILED', error: 'NotAllSettled' });
  });

  it('ends red and names the sweep to approve where it is braked, after what is harmless', async () => {
    const run = await sweep([pass(['warned'], { braked: true, sweepId: '20261123T014500123' })]);
    expect(run.settled).toHaveLength(1);
    expect(run).toMatchObject({
      status: 'FAILED',
      error: 'SweepBraked',
      cause: expect.stringContaining('POST /v1/sweeps/20261123T014500123/approve'),
    });
  });

  it('tells the steps of an operator’s approval', async () => {
    const run = await sweep([pass(['one'], { sweepId: 'abc' })], {}, { approvedSweep: 'abc' });
    expect(run.finds).toEqual([{ step: 'FindDue', approvedSweep: 'abc' }]);
    expect(run.settled).toEqual([{ step: 'SettleDue', name: 'one', sweepId: 'abc', approved: true }]);
  });
});
