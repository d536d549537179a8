import type { State } from './definition.ts';
import type { Execution, Frame, Phase } from './execution.ts';
import { evaluateTemplate } from './expression.ts';
import type { FunctionSources } from './functions.ts';
import type { EventDraft } from './history.ts';
import type { Json, JsonObject } from './json.ts';
import { StateError } from './state-error.ts';

/** What a state's evaluation comes to. The engine writes it down and makes it so. */
export type Decision =
  /** `next` undefined: the frame has ended */
  | {
      do: 'leave';
      next: string | undefined;
      output: Json;
      assign: JsonObject | undefined;
      events: readonly EventDraft[];
    }
  | { do: 'stay'; phase: Phase; events: readonly EventDraft[] }
  | { do: 'fail'; error: StateError; events: readonly EventDraft[] };

/** What `$states` holds beside input and context. */
export interface Seen {
  result?: Json;
  errorOutput?: Json;
  /** the item of a Map's ItemSelector */
  item?: { index: number; value: Json };
}

/** One state of one frame, about to be evaluated. */
export interface Step<S extends State = State> {
  readonly state: S;
  readonly frame: Frame;
  now: () => number;
  /** of the frame and of the scopes around it */
  readonly variables: JsonObject;
  /** @throws StateError States.QueryEvaluationError that names state and field */
  evaluate(template: Json, field: string, seen?: Seen): Promise<Json>;
}

export function createStep<S extends State>(
  execution: Execution,
  frame: Frame,
  state: S,
  sources: FunctionSources,
): Step<S> {
  const variables = visible(execution, frame);
  return {
    state,
    frame,
    now: sources.now,
    variables,
    async evaluate(template, field, { item, ...seen } = {}) {
      const states = { input: frame.input, ...seen, context: contextObject(execution, frame, item) };
      try {
        return await evaluateTemplate(template, field, { ...sources, states, variables });
      } catch (error) {
        throw error instanceof StateError ? placed(error, frame) : error;
      }
    },
  };
}

const placed = (error: StateError, frame: Frame): StateError =>
  new StateError(
    error.error,
    `An error occurred while executing the state '${frame.state}' (entered at the event id #${frame.enteredEvent}). ${error.cause ?? ''}`,
    error.location,
  );

/** Frames from the outermost to this one. */
function lineage(execution: Execution, frame: Frame): Frame[] {
  const parent = frame.parent === undefined ? undefined : execution.frames.get(frame.parent);
  return parent ? [...lineage(execution, parent), frame] : [frame];
}

const visible = (execution: Execution, frame: Frame): JsonObject =>
  Object.assign({}, ...lineage(execution, frame).map((each) => each.variables));

const isoTime = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** The machine's name as its ARN ends. */
const machineName = (arn: string): string => arn.slice(arn.lastIndexOf(':') + 1);

function contextObject(execution: Execution, frame: Frame, item: Seen['item']): JsonObject {
  const mapItem = item ?? innermostItem(execution, frame);
  return {
    Execution: {
      Id: execution.arn,
      Input: JSON.parse(execution.input),
      Name: execution.name,
      RoleArn: execution.roleArn,
      StartTime: isoTime(execution.startedAt),
      RedriveCount: 0,
    },
    StateMachine: { Id: execution.machineArn, Name: machineName(execution.machineArn) },
    State: {
      Name: frame.state,
      EnteredTime: isoTime(frame.enteredAt),
      RetryCount: frame.retries.reduce((sum, count) => sum + count, 0),
    },
    ...(mapItem ? { Map: { Item: { Index: mapItem.index, Value: mapItem.value } } } : {}),
  };
}

/** The item of the innermost Map around the frame; a Parallel's branch has none of its own. */
function innermostItem(execution: Execution, frame: Frame): Seen['item'] {
  for (const each of lineage(execution, frame).toReversed()) {
    const parent = each.parent === undefined ? undefined : execution.frames.get(each.parent);
    const value = parent?.phase.kind === 'children' ? parent.phase.inputs[each.index]?.item : undefined;
    if (value !== undefined) return { index: each.index, value };
  }
  return undefined;
}
