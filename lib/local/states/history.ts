import type { Json, JsonObject } from './json.ts';

/** An event of GetExecutionHistory, as the API has it but for the timestamp, which is in milliseconds. */
export interface HistoryEvent {
  readonly id: number;
  readonly previousEventId: number;
  readonly timestamp: number;
  readonly type: string;
  /** `stateEnteredEventDetails` and the like */
  readonly details?: JsonObject;
}

/** An event that has no place in the history yet. */
export interface EventDraft {
  type: string;
  details?: JsonObject;
}

const whole = { truncated: false };

export const stateEntered = (type: string, name: string, input: Json): EventDraft => ({
  type: `${type}StateEntered`,
  details: { stateEnteredEventDetails: { name, input: JSON.stringify(input), inputDetails: whole } },
});

export function stateExited(type: string, name: string, output: Json, assigned: JsonObject | undefined): EventDraft {
  const variables = Object.entries(assigned ?? {}).map(([key, value]) => [key, JSON.stringify(value)]);
  const assignment =
    variables.length === 0 ? {} : { assignedVariables: Object.fromEntries(variables), assignedVariablesDetails: whole };
  return {
    type: `${type}StateExited`,
    details: {
      stateExitedEventDetails: { name, output: JSON.stringify(output), outputDetails: whole, ...assignment },
    },
  };
}

export const iteration = (
  what: 'Started' | 'Succeeded' | 'Failed' | 'Aborted',
  name: string,
  index: number,
): EventDraft => ({
  type: `MapIteration${what}`,
  details: { [`mapIteration${what}EventDetails`]: { name, index } },
});

/** `error` and `cause` under the name that the event's type asks for. */
export const failed = (type: string, { error, cause }: ErrorAndCause, more: JsonObject = {}): EventDraft => ({
  type,
  details: {
    [`${type.charAt(0).toLowerCase()}${type.slice(1)}EventDetails`]: { ...more, ...errorDetails(error, cause) },
  },
});

interface ErrorAndCause {
  error: string;
  cause?: string | undefined;
}

/** A Fail state may have neither. */
export const errorDetails = (
  error: string | undefined,
  cause: string | undefined,
): { error?: string; cause?: string } => ({
  ...(error ? { error } : {}),
  ...(cause === undefined ? {} : { cause }),
});

export const executionSucceeded = (output: Json): EventDraft => ({
  type: 'ExecutionSucceeded',
  details: { executionSucceededEventDetails: { output: JSON.stringify(output), outputDetails: whole } },
});

export const executionStarted = (input: string, roleArn: string): EventDraft => ({
  type: 'ExecutionStarted',
  details: { executionStartedEventDetails: { input, inputDetails: whole, roleArn } },
});
