import * as z from 'zod';
import type { Execution } from '../execution.ts';
import type { Json, JsonObject } from '../json.ts';
import type { StartRequest } from '../resources/start-execution.ts';
import {
  DescribeInput,
  describeExecution,
  executionHistory,
  HistoryInput,
  ListInput,
  listExecutions,
  StartInput,
  StopInput,
  seconds,
} from './executions.ts';
import { DescribeMachineInput, describeMachine, ListMachinesInput, listMachines, type Registered } from './machines.ts';
import { ProtocolError } from './protocol-error.ts';

export interface ProtocolRequest {
  /** the X-Amz-Target header */
  target: string | undefined;
  body: string;
}
export interface ProtocolAnswer {
  status: number;
  /** application/x-amz-json-1.0 */
  body: string;
}

/** What the actions act on. */
export interface Service {
  executions: ReadonlyMap<string, Execution>;
  machines: ReadonlyMap<string, Registered>;
  /** @throws ProtocolError */
  startExecution(request: StartRequest): Promise<{ executionArn: string; startDate: number }>;
  abort: (execution: Execution, why: { error?: string; cause?: string }) => void;
  /** what was changed so far is durable: nothing is shown that a crash would take back */
  settled: () => Promise<void>;
}

type Action = (service: Service, body: unknown) => Promise<JsonObject>;

const actions: Readonly<Record<string, Action>> = {
  StartExecution: action(StartInput, async (service, { stateMachineArn, name, input }) => {
    const request = {
      stateMachineArn,
      ...(name === undefined ? {} : { name }),
      ...(input === undefined ? {} : { input }),
    };
    const { executionArn, startDate } = await service.startExecution(request);
    return { executionArn, startDate: seconds(startDate) };
  }),
  DescribeExecution: action(DescribeInput, async (service, input) =>
    describeExecution(findExecution(service, input.executionArn), input),
  ),
  GetExecutionHistory: action(HistoryInput, async (service, input) =>
    executionHistory(findExecution(service, input.executionArn), input),
  ),
  ListExecutions: action(ListInput, async (service, input) => {
    findMachine(service, input.stateMachineArn);
    return listExecutions(service.executions.values(), input);
  }),
  StopExecution: action(StopInput, async (service, { executionArn, error, cause }) => {
    const execution = findExecution(service, executionArn);
    if (!execution.end) {
      service.abort(execution, {
        ...(error === undefined ? {} : { error }),
        ...(cause === undefined ? {} : { cause }),
      });
      await service.settled();
    }
    return { stopDate: seconds(execution.end?.at ?? 0) };
  }),
  DescribeStateMachine: action(DescribeMachineInput, async (service, { stateMachineArn }) =>
    describeMachine(findMachine(service, stateMachineArn)),
  ),
  ListStateMachines: action(ListMachinesInput, async (service, input) =>
    listMachines(service.machines.values(), input),
  ),
};

/** Answers one call of the AWS JSON 1.0 protocol; never throws. */
export async function handleCall(service: Service, { target, body }: ProtocolRequest): Promise<ProtocolAnswer> {
  try {
    const [prefix, name = ''] = (target ?? '').split('.');
    const run = prefix === 'AWSStepFunctions' ? actions[name] : undefined;
    if (!run)
      throw new ProtocolError(
        'UnknownOperationException',
        `"${target ?? ''}" is not served by the local Step Functions`,
      );
    // what is shown is durable; a start waits for its own line alone
    if (name !== 'StartExecution') await service.settled();
    return { status: 200, body: JSON.stringify(await run(service, readBody(body))) };
  } catch (error) {
    const { type, message, status } = asProtocolError(error);
    return { status, body: JSON.stringify({ __type: type, message }) };
  }
}

function action<Input>(schema: z.ZodType<Input>, run: (service: Service, input: Input) => Promise<JsonObject>): Action {
  return async (service, body) => {
    const parsed = schema.safeParse(body);
    if (!parsed.success) throw new ProtocolError('ValidationException', z.prettifyError(parsed.error));
    return run(service, parsed.data);
  };
}

function readBody(body: string): Json {
  try {
    return JSON.parse(body || '{}');
  } catch {
    throw new ProtocolError('SerializationException', 'the body is not JSON');
  }
}

function findExecution({ executions }: Service, arn: string): Execution {
  const found = executions.get(arn);
  if (!found) throw new ProtocolError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
  return found;
}

function findMachine({ machines }: Service, arn: string): Registered {
  const found = machines.get(arn);
  if (!found) throw new ProtocolError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
  return found;
}

const asProtocolError = (error: unknown): ProtocolError =>
  error instanceof ProtocolError
    ? error
    : new ProtocolError('InternalFailure', error instanceof Error ? error.message : String(error), 500);
