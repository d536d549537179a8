import { serve } from './http/serve.ts';
import { invocationLogger } from './logging.ts';
import { pace } from './pace.ts';
import { loadBlueprints } from './render/blueprints.ts';
import { type ApiDeps, apiRoutes } from './routes/api-routes.ts';
import { apiDocument } from './routes/document.ts';
import { ApiSettings, blueprintsDirectory, clusterNames, readSettings } from './settings.ts';
import { connectStates, executions } from './stores/executions.ts';
import { operationStore } from './stores/operations.ts';
import { stagingStore } from './stores/stagings.ts';
import { sweepStore } from './stores/sweeps.ts';
import { connectTable } from './stores/table.ts';

const settings = readSettings(ApiSettings);
const table = connectTable(settings.TABLE_NAME);
const clients: Omit<ApiDeps, 'log'> = {
  ...pace,
  stagings: stagingStore(table),
  operations: operationStore(table),
  sweeps: sweepStore(table),
  executions: executions(connectStates(), {
    deploy: settings.DEPLOY_STATE_MACHINE_ARN,
    teardown: settings.TEARDOWN_STATE_MACHINE_ARN,
    sweep: settings.SWEEP_STATE_MACHINE_ARN,
  }),
  blueprints: loadBlueprints(blueprintsDirectory(settings)),
  publicBaseUrl: settings.PUBLIC_BASE_URL,
  defaultCluster: clusterNames(settings)[0] ?? settings.CLUSTERS,
  openApi: apiDocument,
};

/** The HTTP API. */
export const handler = serve(apiRoutes, { newLog: invocationLogger, depsFor: (log) => ({ ...clients, log }) });
