import type { Execution } from './execution.ts';
import { errorDetails } from './history.ts';
import type { Json } from './json.ts';

/** An event as rules and targets see it. */
export interface BusEvent {
  version: '0';
  id: string;
  'detail-type': string;
  source: string;
  account: string;
  time: string;
  region: string;
  resources: readonly string[];
  detail: Json;
}

/** Resolves when the event is accepted for good. @param bus the default one where it is left out */
export type Emit = (event: BusEvent, bus?: string) => void | Promise<void>;

interface EventParts {
  /** of what the event is about: names region and account */
  arn: string;
  source: string;
  type: string;
  detail: Json;
  at: number;
  id: string;
}

export function eventOf({ arn, source, type, detail, at, id }: EventParts): BusEvent {
  const [, , , region = '', account = ''] = arn.split(':');
  return {
    version: '0',
    id,
    'detail-type': type,
    source,
    account,
    // EventBridge has whole seconds
    time: new Date(at).toISOString().replace(/\.\d+Z$/u, 'Z'),
    region,
    resources: [arn],
    detail,
  };
}

/** docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html; dates are in milliseconds. */
export function statusEvent(execution: Execution, status: 'RUNNING' | 'ENDED', id: string): BusEvent {
  const { arn, end } = execution;
  const over = status === 'ENDED' ? end : undefined;
  const output = over?.output === undefined ? null : JSON.stringify(over.output);
  const detail = {
    executionArn: arn,
    stateMachineArn: execution.machineArn,
    name: execution.name,
    status: over?.status ?? 'RUNNING',
    startDate: execution.startedAt,
    stopDate: over?.at ?? null,
    input: execution.input,
    output,
    inputDetails: { included: true },
    outputDetails: output === null ? null : { included: true },
    redriveCount: 0,
    ...errorDetails(over?.error, over?.cause),
  };
  const at = over?.at ?? execution.startedAt;
  return eventOf({ arn, source: 'aws.states', type: 'Step Functions Execution Status Change', detail, at, id });
}
