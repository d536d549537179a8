import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import * as z from 'zod';
import type { FindDueDeps } from './actions/find-due.ts';
import type { SettleDeps } from './actions/settle-due.ts';
import { invocationLogger } from './logging.ts';
import { pace } from './pace.ts';
import { loadBlueprints } from './render/blueprints.ts';
import { blueprintsDirectory, clusterNames, readSettings, SweepSettings } from './settings.ts';
import { FindDueInput, findDue } from './steps/find-due.ts';
import { runStep } from './steps/run-step.ts';
import { SettleDueInput, settleDue } from './steps/settle-due.ts';
import { clientSettings } from './stores/client-settings.ts';
import { eventBus } from './stores/events.ts';
import { connectStates, executions } from './stores/executions.ts';
import { operationStore } from './stores/operations.ts';
import { stagingStore } from './stores/stagings.ts';
import { sweepStore } from './stores/sweeps.ts';
import { connectTable } from './stores/table.ts';

const settings = readSettings(SweepSettings);
const table = connectTable(settings.TABLE_NAME);
const clients: Omit<SettleDeps & FindDueDeps, 'log'> = {
  ...pace,
  stagings: stagingStore(table),
  operations: operationStore(table),
  sweeps: sweepStore(table),
  executions: executions(connectStates(), {
    deploy: settings.DEPLOY_STATE_MACHINE_ARN,
    teardown: settings.TEARDOWN_STATE_MACHINE_ARN,
  }),
  events: eventBus(new EventBridgeClient(clientSettings), settings.EVENT_BUS_NAME),
  blueprints: loadBlueprints(blueprintsDirectory(settings)),
  publicBaseUrl: settings.PUBLIC_BASE_URL,
  clusters: clusterNames(settings),
  brake: z.coerce.number().int().nonnegative().parse(settings.SWEEP_BRAKE),
};

const SweepInput = z.discriminatedUnion('step', [FindDueInput, SettleDueInput]);

/** Steps that settle what is due. */
export async function handler(event: unknown): Promise<unknown> {
  const input = SweepInput.parse(event);
  const about = input.step === 'SettleDue' ? { staging: input.name } : {};
  const log = invocationLogger(about);
  const deps = { ...clients, log };
  return runStep<unknown>({ about, log }, input.step, () =>
    input.step === 'FindDue' ? findDue(deps, input) : settleDue(deps, input),
  );
}
