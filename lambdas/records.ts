import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { RecordDeps } from './actions/record-end.ts';
import { invocationLogger } from './logging.ts';
import { pace } from './pace.ts';
import { loadBlueprints } from './render/blueprints.ts';
import { blueprintsDirectory, RecordsSettings, readSettings } from './settings.ts';
import { ExecutionEnded, recordEnded } from './steps/record-ended.ts';
import { RecordInput, recordSteps } from './steps/record-steps.ts';
import { runStep } from './steps/run-step.ts';
import { clientSettings } from './stores/client-settings.ts';
import { eventBus } from './stores/events.ts';
import { connectStates, executions } from './stores/executions.ts';
import { operationStore } from './stores/operations.ts';
import { stagingStore } from './stores/stagings.ts';
import { connectTable } from './stores/table.ts';

const settings = readSettings(RecordsSettings);
const table = connectTable(settings.TABLE_NAME);
const metrics = new Metrics({ namespace: 'Berth' });
const clients: Omit<RecordDeps, 'log'> = {
  ...pace,
  stagings: stagingStore(table),
  operations: operationStore(table),
  executions: executions(connectStates(), {
    deploy: settings.DEPLOY_STATE_MACHINE_ARN,
    teardown: settings.TEARDOWN_STATE_MACHINE_ARN,
  }),
  events: eventBus(new EventBridgeClient(clientSettings), settings.EVENT_BUS_NAME),
  blueprints: loadBlueprints(blueprintsDirectory(settings)),
  publicBaseUrl: settings.PUBLIC_BASE_URL,
};

/** Steps that write a staging's status; and EventBridge's word of executions that could not write it themselves. */
export async function handler(event: unknown): Promise<unknown> {
  const ended = ExecutionEnded.safeParse(event);
  return ended.success ? endExecution(ended.data) : recordStep(RecordInput.parse(event));
}

async function recordStep(input: RecordInput): Promise<unknown> {
  const { step, name, generation, operationId } = input;
  const about = { staging: name, generation, operation: operationId };
  const log = invocationLogger(about);
  const answer = await runStep({ about, log }, step, () => recordSteps[step]({ ...clients, log }, input));
  if ('outcome' in answer) count(answer.outcome);
  return answer;
}

async function endExecution(event: ExecutionEnded): Promise<unknown> {
  const about = { operation: event.detail.name };
  const log = invocationLogger(about);
  return runStep({ about, log }, 'RecordEnded', () => recordEnded({ ...clients, log }, event));
}

/** A metric of its own, not the shared buffer: invocations may interleave where Lambda isn't the host. */
function count(outcome: string): void {
  metrics.singleMetric().addMetric(`Operations${outcome}`, MetricUnit.Count, 1);
}
