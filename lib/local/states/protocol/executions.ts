import * as z from 'zod';
import type { Execution } from '../execution.ts';
import { errorDetails, type HistoryEvent } from '../history.ts';
import type { JsonObject } from '../json.ts';
import { pageOf } from './page.ts';
import { ProtocolError } from './protocol-error.ts';

/** The protocol's times are seconds. */
export const seconds = (milliseconds: number): number => milliseconds / 1000;

const Arn = z.string().min(1).max(256);
const Paging = { maxResults: z.int().min(0).max(1000).optional(), nextToken: z.string().max(3096).optional() };

export const StartInput = z.object({
  stateMachineArn: Arn,
  name: z.string().optional(),
  input: z.string().max(262_144).optional(),
  traceHeader: z.string().optional(),
});
export const DescribeInput = z.object({
  executionArn: Arn,
  includedData: z.enum(['ALL_DATA', 'METADATA_ONLY']).optional(),
});
export const StopInput = z.object({
  executionArn: Arn,
  error: z.string().max(256).optional(),
  cause: z.string().max(32_768).optional(),
});
export const HistoryInput = z.object({
  ...Paging,
  executionArn: Arn,
  reverseOrder: z.boolean().optional(),
  includeExecutionData: z.boolean().optional(),
});
export const ListInput = z.strictObject({
  ...Paging,
  stateMachineArn: Arn,
  statusFilter: z.enum(['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'PENDING_REDRIVE']).optional(),
});

const statusOf = (execution: Execution): string => execution.end?.status ?? 'RUNNING';

const brief = (execution: Execution): JsonObject => ({
  executionArn: execution.arn,
  stateMachineArn: execution.machineArn,
  name: execution.name,
  status: statusOf(execution),
  startDate: seconds(execution.startedAt),
  ...(execution.end ? { stopDate: seconds(execution.end.at) } : {}),
  redriveCount: 0,
});

export function describeExecution(execution: Execution, input: z.infer<typeof DescribeInput>): JsonObject {
  const { end } = execution;
  const included = input.includedData !== 'METADATA_ONLY';
  const data = {
    input: execution.input,
    ...(end?.output === undefined ? {} : { output: JSON.stringify(end.output) }),
    ...errorDetails(end?.error, end?.cause),
  };
  return {
    ...brief(execution),
    ...(included ? data : {}),
    inputDetails: { included },
    ...(end?.output === undefined ? {} : { outputDetails: { included } }),
    redriveStatus: 'NOT_REDRIVABLE',
    redriveStatusReason: 'Executions cannot be redriven here',
  };
}

export function executionHistory(execution: Execution, input: z.infer<typeof HistoryInput>): JsonObject {
  const events = input.reverseOrder ? execution.events.toReversed() : execution.events;
  const { items, nextToken } = pageOf(events, (event) => String(event.id), input);
  const shown = items.map((event) => showEvent(event, input.includeExecutionData ?? true));
  return { events: shown, ...(nextToken === undefined ? {} : { nextToken }) };
}

const dataFields = new Set(['input', 'output', 'parameters', 'assignedVariables', 'cause', 'error']);

function showEvent(
  { id, previousEventId, timestamp, type, details = {} }: HistoryEvent,
  withData: boolean,
): JsonObject {
  const shown = withData
    ? details
    : Object.fromEntries(Object.entries(details).map(([key, value]) => [key, withoutData(value)]));
  return { id, previousEventId, timestamp: seconds(timestamp), type, ...shown };
}

const withoutData = (details: JsonObject[string]): JsonObject =>
  Object.fromEntries(Object.entries(details ?? {}).filter(([key]) => !dataFields.has(key)));

/** Newest first. */
export function listExecutions(all: Iterable<Execution>, input: z.infer<typeof ListInput>): JsonObject {
  const found = [...all]
    .filter((execution) => execution.machineArn === input.stateMachineArn)
    .filter((execution) => input.statusFilter === undefined || statusOf(execution) === input.statusFilter)
    .toReversed();
  const { items, nextToken } = pageOf(found, (execution) => execution.arn, input);
  return { executions: items.map(brief), ...(nextToken === undefined ? {} : { nextToken }) };
}

/** Up to 80 characters; none of white space, brackets, wildcards, control characters. @throws ProtocolError InvalidName */
export function checkName(name: string): void {
  if (name.length > 0 && name.length <= 80 && !/[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]/u.test(name)) return;
  throw new ProtocolError('InvalidName', `Invalid Name: '${name}'`);
}
