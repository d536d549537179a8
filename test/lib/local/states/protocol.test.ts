import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  GetExecutionHistoryCommand,
  InvalidExecutionInput,
  InvalidName,
  InvalidToken,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  paginateGetExecutionHistory,
  paginateListExecutions,
  RedriveExecutionCommand,
  SFNClient,
  StartExecutionCommand,
  StateMachineDoesNotExist,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FunctionError } from '../../../../lib/local/states/invoke.ts';
import type { Json } from '../../../../lib/local/states/json.ts';
import { settle } from '../../../support/manual-clock.ts';
import { machine, machineArn, roleArn, type Trial, tryStates } from '../../../support/states.ts';

const definition = machine({
  Ask: {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Arguments: { FunctionName: 'f', Payload: '{% $states.input %}' },
    Output: '{% $states.result.Payload %}',
    Next: 'Good',
  },
  Good: { Type: 'Choice', Choices: [{ Condition: '{% $states.input.good %}', Next: 'Done' }], Default: 'Bad' },
  Bad: { Type: 'Fail', Error: 'Bad', Cause: 'not good' },
  Done: { Type: 'Succeed' },
});

let trial: Trial;
let server: Server;
let sfn: SFNClient;
let hold: Promise<void> | undefined;

beforeEach(async () => {
  hold = undefined;
  const invoke = async (_: string, payload: Json): Promise<unknown> => {
    await hold;
    if (payload === 'throw') throw new FunctionError('Odd', 'thrown');
    return payload;
  };
  trial = await tryStates({ definition, invoke });
  server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  sfn = new SFNClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
});
afterEach(async () => {
  sfn.destroy();
  await trial.states.stop();
  await new Promise((resolve) => server.close(resolve));
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const target = String(request.headers['x-amz-target']);
  const { status, body } = await trial.states.handle({ target, body: await text(request) });
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(body);
}

const start = async (given: Json, name?: string): Promise<string> => {
  const input = { stateMachineArn: machineArn, input: JSON.stringify(given), ...(name ? { name } : {}) };
  const { executionArn } = await sfn.send(new StartExecutionCommand(input));
  return executionArn ?? '';
};

/** Never lets a task answer. */
const never = (): void => {
  hold = new Promise(() => {});
};

describe('the protocol, spoken by the SDK', () => {
  it('describes an execution that succeeded', async () => {
    const executionArn = await start({ good: true }, 'one');
    await settle();
    expect(await sfn.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({
      executionArn: 'arn:aws:states:eu-central-1:000000000000:execution:machine:one',
      stateMachineArn: machineArn,
      name: 'one',
      status: 'SUCCEEDED',
      startDate: new Date('2026-01-01T00:00:00Z'),
      stopDate: new Date('2026-01-01T00:00:00Z'),
      input: '{"good":true}',
      output: '{"good":true}',
    });
  });

  it('describes an execution that failed', async () => {
    const executionArn = await start({ good: false });
    await settle();
    const description = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    expect(description).toMatchObject({ status: 'FAILED', error: 'Bad', cause: 'not good' });
    expect(description.output).toBeUndefined();
  });

  it('gives the history that the real service gives', async () => {
    const executionArn = await start({ good: false });
    await settle();
    const { events = [] } = await sfn.send(new GetExecutionHistoryCommand({ executionArn }));
    expect(events.map(({ id, previousEventId, type }) => [id, previousEventId, type])).toEqual([
      [1, 0, 'ExecutionStarted'],
      [2, 0, 'TaskStateEntered'],
      [3, 2, 'TaskScheduled'],
      [4, 3, 'TaskStarted'],
      [5, 4, 'TaskSucceeded'],
      [6, 5, 'TaskStateExited'],
      [7, 6, 'ChoiceStateEntered'],
      [8, 7, 'ChoiceStateExited'],
      [9, 8, 'FailStateEntered'],
      [10, 9, 'ExecutionFailed'],
    ]);
    expect(events[2]?.taskScheduledEventDetails).toMatchObject({
      resource: 'invoke',
      resourceType: 'lambda',
      region: 'eu-central-1',
      parameters: '{"FunctionName":"f","Payload":{"good":false}}',
    });
    expect(events[5]?.stateExitedEventDetails).toMatchObject({ name: 'Ask', output: '{"good":false}' });
    expect(events[9]?.executionFailedEventDetails).toEqual({ error: 'Bad', cause: 'not good' });
    expect(events[0]?.timestamp).toEqual(new Date('2026-01-01T00:00:00Z'));
  });

  it('pages the history, forwards and backwards', async () => {
    const executionArn = await start({ good: false });
    await settle();
    for (const reverseOrder of [false, true]) {
      const ids: number[] = [];
      for await (const page of paginateGetExecutionHistory(
        { client: sfn, pageSize: 3 },
        { executionArn, reverseOrder },
      )) {
        expect(page.events?.length).toBeLessThanOrEqual(3);
        ids.push(...(page.events ?? []).map((event) => event.id ?? 0));
      }
      const expected = Array.from({ length: 10 }, (_, index) => index + 1);
      expect(ids).toEqual(reverseOrder ? expected.toReversed() : expected);
    }
  });

  it('leaves payloads out of the history when it is asked to', async () => {
    const executionArn = await start({ good: true });
    await settle();
    const answer = await sfn.send(new GetExecutionHistoryCommand({ executionArn, includeExecutionData: false }));
    expect(JSON.stringify(answer.events)).not.toContain('good');
  });

  it('starts once for the same name and input while it runs', async () => {
    never();
    const [first, second] = await Promise.all([start({ a: 1 }, 'same'), start({ a: 1 }, 'same')]);
    expect(first).toBe(second);
    await expect(start({ a: 2 }, 'same')).rejects.toBeInstanceOf(ExecutionAlreadyExists);
  });

  it('does not start again under the name of an ended execution', async () => {
    await start({ good: true }, 'same');
    await settle();
    await expect(start({ good: true }, 'same')).rejects.toBeInstanceOf(ExecutionAlreadyExists);
  });

  it.each([
    ['a name with a space', { name: 'a b' }, InvalidName],
    ['a name of 81 characters', { name: 'a'.repeat(81) }, InvalidName],
    ['input that is no JSON', { input: '{' }, InvalidExecutionInput],
    ['a machine that is not there', { stateMachineArn: `${machineArn}-not` }, StateMachineDoesNotExist],
  ])('refuses %s', async (_, wrong, exception) => {
    const command = new StartExecutionCommand({ stateMachineArn: machineArn, ...wrong });
    await expect(sfn.send(command)).rejects.toBeInstanceOf(exception);
  });

  it('takes a name of 80 characters, and makes one where none is given', async () => {
    expect(await start({}, 'a'.repeat(80))).toContain('a'.repeat(80));
    expect(await start({})).toMatch(/:[0-9a-f-]{36}$/u);
  });

  it('stops an execution, whose task may then answer what it likes', async () => {
    let letGo = (): void => {};
    hold = new Promise((resolve) => {
      letGo = resolve;
    });
    const executionArn = await start({ good: true });
    const stopped = await sfn.send(new StopExecutionCommand({ executionArn, error: 'Enough', cause: 'asked' }));
    expect(stopped.stopDate).toBeInstanceOf(Date);
    letGo();
    await settle();
    expect(await sfn.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({
      status: 'ABORTED',
      error: 'Enough',
      cause: 'asked',
    });
    const { events = [] } = await sfn.send(new GetExecutionHistoryCommand({ executionArn, reverseOrder: true }));
    expect(events[0]).toMatchObject({ type: 'ExecutionAborted', executionAbortedEventDetails: { error: 'Enough' } });
    expect(await sfn.send(new StopExecutionCommand({ executionArn }))).toMatchObject({ stopDate: stopped.stopDate });
  });

  it('lists executions by status, newest first, page by page', async () => {
    for (const name of ['a', 'b', 'c']) await start({ good: name !== 'b' }, name);
    await settle();
    never();
    await start({}, 'd');
    const names: string[] = [];
    for await (const page of paginateListExecutions({ client: sfn, pageSize: 3 }, { stateMachineArn: machineArn })) {
      names.push(...(page.executions ?? []).map((execution) => execution.name ?? ''));
    }
    expect(names).toEqual(['d', 'c', 'b', 'a']);
    const failed = await sfn.send(new ListExecutionsCommand({ stateMachineArn: machineArn, statusFilter: 'FAILED' }));
    expect(failed.executions?.map(({ name }) => name)).toEqual(['b']);
    const other = sfn.send(new ListExecutionsCommand({ stateMachineArn: machineArn, nextToken: 'nonsense' }));
    await expect(other).rejects.toBeInstanceOf(InvalidToken);
  });

  it('describes its machines', async () => {
    const { stateMachines } = await sfn.send(new ListStateMachinesCommand({}));
    expect(stateMachines).toMatchObject([{ stateMachineArn: machineArn, name: 'machine', type: 'STANDARD' }]);
    const described = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn: machineArn }));
    expect(described).toMatchObject({ status: 'ACTIVE', roleArn });
    expect(JSON.parse(described.definition ?? '')).toEqual(definition);
  });

  it('says what it does not serve', async () => {
    const executionArn = await start({ good: true });
    await expect(sfn.send(new RedriveExecutionCommand({ executionArn }))).rejects.toMatchObject({
      name: 'UnknownOperationException',
      message: expect.stringContaining('RedriveExecution'),
    });
    const absent = sfn.send(new DescribeExecutionCommand({ executionArn: `${executionArn}-not` }));
    await expect(absent).rejects.toBeInstanceOf(ExecutionDoesNotExist);
    expect((await trial.states.handle({ target: undefined, body: '' })).status).toBe(400);
    expect((await trial.states.handle({ target: 'AWSStepFunctions.StartExecution', body: '{' })).status).toBe(400);
    expect((await trial.states.handle({ target: 'AWSStepFunctions.StartExecution', body: '{}' })).status).toBe(400);
  });
});

describe('the event bus', () => {
  it('hears of a start and of an end, in the words of EventBridge', async () => {
    const executionArn = await start('throw', 'one');
    await settle();
    const [started, ended] = trial.events;
    expect(started).toMatchObject({
      source: 'aws.states',
      'detail-type': 'Step Functions Execution Status Change',
      account: '000000000000',
      region: 'eu-central-1',
      time: '2026-01-01T00:00:00Z',
      resources: [executionArn],
      detail: {
        executionArn,
        stateMachineArn: machineArn,
        name: 'one',
        status: 'RUNNING',
        input: '"throw"',
        output: null,
        stopDate: null,
      },
    });
    expect(ended?.detail).toMatchObject({
      status: 'FAILED',
      startDate: Date.parse('2026-01-01T00:00:00Z'),
      stopDate: Date.parse('2026-01-01T00:00:00Z'),
      error: 'Odd',
      cause: '{"errorType":"Odd","errorMessage":"thrown"}',
    });
    expect(trial.events).toHaveLength(2);
  });
});
