import { readFileSync } from 'node:fs';
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import type { StepInput } from '../../../../lambdas/steps/step-input.ts';
import { FunctionError } from '../../../../lib/local/states/invoke.ts';
import type { Json } from '../../../../lib/local/states/json.ts';
import { tryStates } from '../../../support/states.ts';

const text = readFileSync(new URL('../../../../statemachines/deploy.asl.json', import.meta.url), 'utf8');
const definition = JSON.parse(
  text
    .replaceAll('${RecordsFunctionArn}', 'arn:aws:lambda:eu-central-1:000000000000:function:records')
    .replaceAll('${ClusterFunctionArn}', 'arn:aws:lambda:eu-central-1:000000000000:function:cluster'),
);
const input = { name: 'one', generation: 1, operationId: 'one-g1-deploy' };

/** Functions that answer by step; an Error is thrown. */
const functions =
  (answers: Record<string, Json | Error>, seen: string[] = []) =>
  async (_: string, payload: unknown) => {
    const { step } = payload as StepInput;
    seen.push(step);
    const answer = answers[step] ?? null;
    if (answer instanceof Error) throw answer;
    return answer;
  };

const good = {
  Claim: { outcome: 'Claimed' },
  Apply: { done: true },
  AwaitHealthy: { verdict: 'healthy' },
  RecordRunning: { outcome: 'Succeeded' },
  RecordSuperseded: { outcome: 'Superseded' },
};

const entered = (events: HistoryEvent[]): string[] =>
  events
    .filter(({ type }) => type?.endsWith('StateEntered'))
    .map((event) => event.stateEnteredEventDetails?.name ?? '');

describe('the deploy machine', () => {
  it('brings a staging to Running within eight transitions', async () => {
    const trial = await tryStates({ definition, invoke: functions(good) });
    const arn = await trial.begin(input);
    expect(await trial.describe(arn)).toMatchObject({ status: 'SUCCEEDED' });
    const names = entered(await trial.history(arn));
    expect(names).toEqual(['Claim', 'Apply', 'IsApplied', 'AwaitHealthy', 'IsHealthy', 'RecordRunning', 'Done']);
    expect(names.length + 1).toBeLessThanOrEqual(8);
    expect(trial.faults).toEqual([]);
  });

  it('ends red with the recorded cause when the diagnosis names one', async () => {
    const reason = { code: 'ImageNotFound', message: 'Deployment/web: there is no such image' };
    const answers = {
      ...good,
      AwaitHealthy: new FunctionError('ImageNotFound', 'Deployment/web: there is no such image'),
      Diagnose: { failure: { reason } },
      RecordFailed: { outcome: 'Failed', reason },
    };
    const payloads: StepInput[] = [];
    const invoke = functions(answers);
    const trial = await tryStates({
      definition,
      invoke: (arn, payload) => {
        payloads.push(payload as unknown as StepInput);
        return invoke(arn, payload);
      },
    });
    const arn = await trial.begin(input);
    expect(await trial.describe(arn)).toMatchObject({ status: 'FAILED', error: reason.code, cause: reason.message });
    expect(payloads.find((payload) => payload.step === 'Diagnose')?.error).toEqual({
      Error: 'ImageNotFound',
      Cause: JSON.stringify({ errorType: 'ImageNotFound', errorMessage: reason.message }),
    });
    expect(payloads.find((payload) => payload.step === 'RecordFailed')?.failure).toEqual({ reason });
  });

  it('hands over without a failure when a newer request came', async () => {
    const seen: string[] = [];
    const answers = { ...good, Apply: new FunctionError('Superseded', 'generation 1 was superseded by generation 2') };
    const trial = await tryStates({ definition, invoke: functions(answers, seen) });
    const arn = await trial.begin(input);
    expect(await trial.describe(arn)).toMatchObject({ status: 'SUCCEEDED', output: '{"outcome":"Superseded"}' });
    expect(seen).toEqual(['Claim', 'Apply', 'RecordSuperseded']);
  });
});
