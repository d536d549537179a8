import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { Invoke } from '../../lib/local/states/invoke.ts';
import { type Journal, memoryJournal } from '../../lib/local/states/journal.ts';
import type { Json, JsonObject } from '../../lib/local/states/json.ts';
import type { Resources } from '../../lib/local/states/resources/resource.ts';
import { createStates, type States } from '../../lib/local/states/states.ts';
import type { BusEvent } from '../../lib/local/states/status-event.ts';
import type { Retention } from '../../lib/local/states/store.ts';
import { createManualClock, type ManualClock, settle } from './manual-clock.ts';

export const machineArn = 'arn:aws:states:eu-central-1:000000000000:stateMachine:machine';
export const roleArn = 'arn:aws:iam::000000000000:role/machine';

/** What DescribeExecution says. */
export interface Description {
  status: string;
  output?: string;
  error?: string;
  cause?: string;
}

export interface Trial {
  states: States;
  clock: ManualClock;
  events: BusEvent[];
  /** what is broken that nobody asked for */
  faults: unknown[];
  call(action: string, body: object): Promise<{ status: number; body: Record<string, unknown> }>;
  /** Starts an execution of the machine and gives its ARN. */
  begin(input?: Json, name?: string): Promise<string>;
  describe(arn: string): Promise<Description>;
  history(arn: string): Promise<HistoryEvent[]>;
}

export interface TrialInput {
  definition?: object;
  invoke?: Invoke;
  random?: () => number;
  journal?: Journal;
  clock?: ManualClock;
  resources?: Resources;
  retention?: Retention;
  emit?: (event: BusEvent) => void | Promise<void>;
}

/** A local Step Functions in memory, with time that stands still, and one machine. */
export async function tryStates(input: TrialInput = {}): Promise<Trial> {
  const clock = input.clock ?? createManualClock();
  const events: BusEvent[] = [];
  const faults: unknown[] = [];
  const states = createStates({
    clock,
    random: input.random ?? (() => 0.5),
    invoke: input.invoke ?? (async () => null),
    emit: input.emit ?? ((event) => void events.push(event)),
    journal: input.journal ?? memoryJournal(),
    resources: input.resources ?? {},
    ...(input.retention ? { retention: input.retention } : {}),
    log: (message, error) => faults.push({ message, error }),
  });
  if (input.definition) states.register({ arn: machineArn, name: 'machine', definition: input.definition, roleArn });
  await states.start();
  const call: Trial['call'] = async (action, body) => {
    const answer = await states.handle({ target: `AWSStepFunctions.${action}`, body: JSON.stringify(body) });
    return { status: answer.status, body: JSON.parse(answer.body) };
  };
  return {
    states,
    clock,
    events,
    faults,
    call,
    async begin(given = {}, name = 'one') {
      const answer = await call('StartExecution', { stateMachineArn: machineArn, name, input: JSON.stringify(given) });
      if (answer.status !== 200) throw new Error(String(answer.body['message']));
      await settle();
      return String(answer.body['executionArn']);
    },
    describe: async (executionArn) =>
      (await call('DescribeExecution', { executionArn })).body as unknown as Description,
    history: async (executionArn) =>
      (await call('GetExecutionHistory', { executionArn, maxResults: 1000 })).body['events'] as HistoryEvent[],
  };
}

/** A machine out of its states, the first of them the start. */
export const machine = (states: object, more: JsonObject = {}): object => ({
  QueryLanguage: 'JSONata',
  StartAt: Object.keys(states)[0],
  States: states,
  ...more,
});

/** A description with the output read. */
export type Outcome = Omit<Description, 'output'> & { output?: Json };

/** Runs a machine that needs no time, and gives what DescribeExecution says. */
export async function run(states: object, given: Json = {}, input: TrialInput = {}): Promise<Outcome> {
  const trial = await tryStates({ ...input, definition: machine(states) });
  const arn = await trial.begin(given);
  const description = await trial.describe(arn);
  if (trial.faults.length > 0) throw new Error('a fault of the interpreter', { cause: trial.faults[0] });
  const { output, ...rest } = description;
  return output === undefined ? rest : { ...rest, output: JSON.parse(output) as Json };
}
