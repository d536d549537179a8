import type { Clock } from '../clock.ts';
import type { Task } from './definition.ts';
import { createEngine } from './engine.ts';
import { type Execution, regionOf, type Started } from './execution.ts';
import { uuid } from './functions.ts';
import type { Invoke } from './invoke.ts';
import type { Journal } from './journal.ts';
import { isJsonObject, parseJson, toJson } from './json.ts';
import { type Machine, readMachine } from './machine.ts';
import { checkName } from './protocol/executions.ts';
import { handleCall, type ProtocolAnswer, type ProtocolRequest, type Service } from './protocol/handle.ts';
import type { Registered } from './protocol/machines.ts';
import { ProtocolError } from './protocol/protocol-error.ts';
import { lambdaInvoke, lambdaInvokeArn } from './resources/lambda-invoke.ts';
import { putEventsResource } from './resources/put-events.ts';
import type { Resources } from './resources/resource.ts';
import { type StartExecution, startExecutionResource } from './resources/start-execution.ts';
import { type Emit, statusEvent } from './status-event.ts';
import { createStore, type Retention } from './store.ts';

export interface StatesInput {
  clock: Clock;
  /** 0 ≤ x < 1: jitter, names, ids */
  random: () => number;
  invoke: Invoke;
  emit: Emit;
  journal: Journal;
  /** more kinds of task, by the Resource's ARN */
  resources?: Resources;
  retention?: Retention;
  /** told of what no caller hears of: a journal that can't be written, an event that wasn't accepted */
  log?: (message: string, error: unknown) => void;
}

interface MachineInput {
  arn: string;
  name: string;
  /** an object or its JSON text, substitutions made */
  definition: unknown;
  roleArn: string;
}

export interface States {
  /** Running executions go on with the definition they were started with. @throws InvalidDefinition */
  register(machine: MachineInput): void;
  /** Reads the journal and lets every execution go on. Machines can be registered before and after. */
  start(): Promise<void>;
  /** Nothing moves any more, and all that happened is written; what tasks answer later is dropped. */
  stop(): Promise<void>;
  /** Answers a POST whose X-Amz-Target is `AWSStepFunctions.…`. */
  handle(request: ProtocolRequest): Promise<ProtocolAnswer>;
  /** @throws ProtocolError as the API would answer */
  startExecution: StartExecution;
  stats(): { running: number; ended: number; timers: number };
}

/** The local Step Functions: JSONata-mode Standard workflows, every transition in the journal before it takes effect. */
export function createStates(input: StatesInput): States {
  const { clock, random, emit, log = () => {} } = input;
  const machines = new Map<string, Registered>();
  const store = createStore(input.journal, () => clock.now(), input.retention, log);
  const newId = (): string => uuid(random);
  let stopped = false;
  const resources: Resources = {
    [lambdaInvokeArn]: lambdaInvoke(input.invoke),
    'arn:aws:states:::states:startExecution': startExecutionResource((request) => startExecution(request)),
    'arn:aws:states:::events:putEvents': putEventsResource({ emit, now: () => clock.now(), newId }),
    ...input.resources,
  };
  const machineOf = machineReader(resources, (hash) => store.definitionText(hash));
  const engine = createEngine({
    clock,
    random,
    store,
    machineOf: ({ definition }) => machineOf(definition),
    async call(task, given, { arn }) {
      const answer = await resources[task.Resource]?.call(given, { executionArn: arn, region: regionOf({ arn }) });
      return toJson(answer);
    },
    onStart: (execution) => void tellStart(execution),
    onEnd: (execution) => void tellEnd(execution),
    onFault: (execution, error) => log(`${execution.arn} stands still`, error),
  });

  /** Told again after a crash in between: rules see an end at least once. */
  async function tellEnd(execution: Execution): Promise<void> {
    try {
      await emit(statusEvent(execution, 'ENDED', newId()));
      if (!stopped) await store.told(execution);
    } catch (error) {
      log(`the end of ${execution.arn} was not told`, error);
    }
  }

  async function tellStart(execution: Execution): Promise<void> {
    try {
      await emit(statusEvent(execution, 'RUNNING', newId()));
    } catch (error) {
      log(`the start of ${execution.arn} was not told`, error);
    }
  }

  const startExecution: StartExecution = async ({ stateMachineArn, name = newId(), input: text = '{}' }) => {
    checkName(name);
    checkInput(text);
    const arn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
    const known = store.executions.get(arn);
    if (known) return sameExecution(known, text, store.settled());
    const registered = machines.get(stateMachineArn);
    if (!registered) {
      throw new ProtocolError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${stateMachineArn}'`);
    }
    const about = startedOf(registered, { arn, name, text, at: clock.now() });
    // not awaited: the lines of definition and start go out in one write, in this order
    store.define(registered.machine.hash, registered.machine.text).catch(() => {});
    await engine.start(registered.machine, about);
    return { executionArn: arn, startDate: about.startedAt };
  };

  const service: Service = {
    executions: store.executions,
    machines,
    startExecution,
    abort: engine.abort,
    settled: store.settled,
  };
  return {
    register({ arn, name, definition, roleArn }) {
      const machine = readMachine(definition, checkResource(resources));
      machines.set(arn, { arn, name, roleArn, machine, registeredAt: clock.now() });
    },
    async start() {
      await store.load();
      for (const execution of store.executions.values()) {
        if (!execution.end) engine.resume(execution);
        else if (!execution.told) void tellEnd(execution);
      }
    },
    async stop() {
      stopped = true;
      engine.stop();
      await store.close();
    },
    handle: (request) => handleCall(service, request),
    startExecution,
    stats() {
      const running = [...store.executions.values()].filter((execution) => !execution.end).length;
      return { running, ended: store.executions.size - running, timers: engine.timers };
    },
  };
}

/** Same name and input while it runs is the same request. */
async function sameExecution(
  known: Execution,
  text: string,
  durable: Promise<void>,
): Promise<{ executionArn: string; startDate: number }> {
  await durable;
  if (known.end || known.input !== text) {
    throw new ProtocolError('ExecutionAlreadyExists', `Execution Already Exists: '${known.arn}'`);
  }
  return { executionArn: known.arn, startDate: known.startedAt };
}

function startedOf(
  { machine, roleArn, arn: machineArn }: Registered,
  { arn, name, text, at }: { arn: string; name: string; text: string; at: number },
): Started {
  const seconds = machine.definition.TimeoutSeconds;
  const limit = seconds === undefined ? {} : { deadline: at + 1000 * seconds };
  return { arn, name, machineArn, roleArn, definition: machine.hash, input: text, startedAt: at, ...limit };
}

function checkInput(text: string): void {
  try {
    parseJson(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ProtocolError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${why}'`);
  }
}

/** Definitions out of the journal, read once each. */
function machineReader(resources: Resources, textOf: (hash: string) => string | undefined): (hash: string) => Machine {
  const known = new Map<string, Machine>();
  return (hash) => {
    const machine = known.get(hash) ?? readMachine(textOf(hash), checkResource(resources));
    known.set(hash, machine);
    return machine;
  };
}

const checkResource =
  (resources: Resources) =>
  ({ Resource, Arguments = {} }: Task): string | undefined => {
    const known = resources[Resource];
    if (!known) return `the resource ${Resource} is not there; known are ${Object.keys(resources).join(', ')}`;
    if (!isJsonObject(Arguments)) return undefined;
    const strange = Object.keys(Arguments).filter((field) => !known.fields.includes(field));
    if (strange.length === 0) return undefined;
    return `Arguments may hold ${known.fields.join(', ')} for ${Resource}, not ${strange.join(', ')}`;
  };
