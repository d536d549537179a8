import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoreRefused, StoreUnavailable } from '../../../lambdas/domain/errors.ts';
import type { StagingEvent } from '../../../lambdas/domain/event.ts';
import { clientSettings } from '../../../lambdas/stores/client-settings.ts';
import { eventBus } from '../../../lambdas/stores/events.ts';
import { connectStates, type Executions, executions } from '../../../lambdas/stores/executions.ts';
import { stagingStore } from '../../../lambdas/stores/stagings.ts';
import { type FakeAws, startFakeAws } from '../../support/fake-aws.ts';
import { aPendingStaging } from '../../support/stagings.ts';

let aws: FakeAws;
beforeEach(async () => {
  aws = await startFakeAws();
});
afterEach(() => aws[Symbol.asyncDispose]());

const failure = (type: string, status = 400) => ({ status, body: { __type: type, message: 'so it is' } });
const { operation } = aPendingStaging({ name: 'a' });

describe('executions', () => {
  const machine = (name: string) => `arn:aws:states:eu-central-1:123456789012:stateMachine:${name}`;
  let machines: Executions;
  beforeEach(() => {
    machines = executions(connectStates(aws.client), {
      deploy: machine('berth-deploy'),
      teardown: machine('berth-teardown'),
      sweep: machine('berth-sweep'),
    });
  });

  it('are named after the operation, and get nothing that grows', async () => {
    aws.answer = () => ({ body: { executionArn: 'x', startDate: 1 } });

    expect(await machines.start(operation)).toBe('started');

    expect(aws.calls[0]?.input).toEqual({
      stateMachineArn: machine('berth-deploy'),
      name: 'a-g1-deploy',
      input: '{"name":"a","generation":1,"operationId":"a-g1-deploy"}',
    });
  });

  it('are over where one of the name ran and ended', async () => {
    aws.answer = () => failure('ExecutionAlreadyExists');

    expect(await machines.start(operation)).toBe('over');
  });

  it('that are prepared leave when they are sent, and not before', async () => {
    aws.answer = () => ({ body: { executionArn: 'x', startDate: 1 } });
    await machines.start(operation);
    const send = machines.prepare({ ...operation, id: 'a-g2-deploy', generation: 2 });
    // Whatever is under way gets to the service before the answer to a call that comes later.
    await machines.ask(operation);
    await machines.ask(operation);
    const before = aws.calls.map((call) => call.action);

    expect(await send()).toBe('started');

    expect(before).toEqual(['StartExecution', 'DescribeExecution', 'DescribeExecution']);
    expect(aws.calls.slice(3)).toMatchObject([{ action: 'StartExecution', input: { name: 'a-g2-deploy' } }]);
  });

  it('that are prepared tell of a failure to whoever sends them', async () => {
    aws.answer = () => failure('AccessDeniedException');
    const send = machines.prepare(operation);

    await expect(send()).rejects.toThrow(StoreRefused);
  });

  it('say what became of one', async () => {
    aws.answer = () => ({ body: { status: 'FAILED', error: 'E', cause: 'C' } });

    expect(await machines.ask({ id: 'a-g2-teardown', kind: 'teardown' })).toEqual({
      status: 'FAILED',
      error: 'E',
      cause: 'C',
    });
    expect(aws.calls[0]?.input.executionArn).toBe(
      'arn:aws:states:eu-central-1:123456789012:execution:berth-teardown:a-g2-teardown',
    );
    aws.answer = () => failure('ExecutionDoesNotExist');
    expect(await machines.ask(operation)).toEqual({ status: 'MISSING' });
  });

  it('of an approved sweep are started once', async () => {
    aws.answer = () => failure('ExecutionAlreadyExists');

    await machines.startApprovedSweep('20260301T120000000');

    expect(aws.calls[0]?.input).toMatchObject({
      name: 'approved-20260301T120000000',
      input: '{"approvedSweep":"20260301T120000000"}',
    });
  });
});

describe('failures of AWS', () => {
  it.each([
    { answer: failure('ThrottlingException'), name: 'StoreUnavailable' },
    { answer: failure('ExecutionLimitExceeded'), name: 'StoreUnavailable' },
    { answer: failure('InternalServerError', 500), name: 'StoreUnavailable' },
    { answer: failure('WhoKnows', 503), name: 'StoreUnavailable' },
    { answer: failure('AccessDeniedException'), name: 'StoreRefused' },
    { answer: failure('StateMachineDoesNotExist'), name: 'StoreRefused' },
  ])('are $name after $answer.body.__type', async ({ answer, name }) => {
    aws.answer = () => answer;
    const machines = executions(connectStates(aws.client), { deploy: 'arn:d', teardown: 'arn:t' });

    await expect(machines.start(operation)).rejects.toMatchObject({ name, cause: { name: answer.body.__type } });
  });

  it('are StoreUnavailable where nobody listens', async () => {
    await aws[Symbol.asyncDispose]();
    const machines = executions(connectStates(aws.client), { deploy: 'arn:d', teardown: 'arn:t' });

    await expect(machines.start(operation)).rejects.toThrow(StoreUnavailable);
  });

  it('are StoreUnavailable where the answer never comes, in bounded time', async () => {
    aws.answer = () => 'hang';
    const client = new DynamoDBClient({
      ...clientSettings,
      ...aws.client,
      requestHandler: { ...clientSettings.requestHandler, requestTimeout: 50 },
    });

    await expect(stagingStore({ client, tableName: 't' }).get('a')).rejects.toThrow(StoreUnavailable);
  });

  it('are tried again as often as the settings say', async () => {
    aws.answer = () => failure('InternalServerError', 500);
    const client = new DynamoDBClient({ ...aws.client, ...clientSettings });

    await expect(stagingStore({ client, tableName: 't' }).get('a')).rejects.toThrow(StoreUnavailable);

    expect(aws.calls).toHaveLength(clientSettings.maxAttempts);
  });

  it('are StoreRefused where the table says no', async () => {
    aws.answer = () => failure('ResourceNotFoundException');
    const client = new DynamoDBClient(aws.client);

    await expect(stagingStore({ client, tableName: 't' }).get('a')).rejects.toThrow(StoreRefused);
  });
});

describe('events', () => {
  const event: StagingEvent = { detailType: 'Staging Expiring', detail: { name: 'a', owner: 'ann', links: [] } };
  const at = new Date('2026-03-01T12:00:00.000Z');

  it('go to the bus with source and detail type', async () => {
    aws.answer = () => ({ body: { FailedEntryCount: 0, Entries: [{ EventId: '1' }] } });

    await eventBus(new EventBridgeClient(aws.client), 'berth').put(event, at);

    expect(aws.calls[0]?.input.Entries).toEqual([
      {
        EventBusName: 'berth',
        Source: 'berth',
        DetailType: 'Staging Expiring',
        Detail: '{"name":"a","owner":"ann","links":[]}',
        Time: at.getTime() / 1000,
      },
    ]);
  });

  it('fail where the bus answers well, and took nothing', async () => {
    aws.answer = () => ({
      body: { FailedEntryCount: 1, Entries: [{ ErrorCode: 'Throttled', ErrorMessage: 'slow down' }] },
    });

    await expect(eventBus(new EventBridgeClient(aws.client), 'berth').put(event, at)).rejects.toThrow(
      /Throttled: slow down/,
    );
  });
});
