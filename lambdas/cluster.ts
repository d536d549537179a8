import { EKSClient } from '@aws-sdk/client-eks';
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import type { Context } from 'aws-lambda';
import type { ClusterDeps } from './actions/cluster-deps.ts';
import { showWorkload } from './actions/show-workload.ts';
import { eksClusters } from './cluster/connect.ts';
import { eksTokens } from './cluster/token.ts';
import { serve } from './http/serve.ts';
import { invocationLogger } from './logging.ts';
import { loadBlueprints } from './render/blueprints.ts';
import { renderWorkload } from './render/render-workload.ts';
import { showWorkloads } from './routes/show-workloads.ts';
import { blueprintsDirectory, ClusterSettings, clusterNames, milliseconds, readSettings } from './settings.ts';
import { ClusterInput, clusterSteps } from './steps/cluster-steps.ts';
import { runStep } from './steps/run-step.ts';
import { tellStep } from './steps/tell-step.ts';
import { clientSettings } from './stores/client-settings.ts';
import { operationStore } from './stores/operations.ts';
import { stagingStore } from './stores/stagings.ts';
import { connectTable } from './stores/table.ts';

const settings = readSettings(ClusterSettings);
const table = connectTable(settings.TABLE_NAME);
const operations = operationStore(table);
const eks = new EKSClient(clientSettings);
const now = (): number => Date.now();
const connecting = eks.config
  .region()
  .then((region) =>
    eksClusters(eks, eksTokens({ credentials: defaultProvider(), region, now }), clusterNames(settings)),
  );

async function clusterDeps(): Promise<ClusterDeps> {
  return {
    stagings: stagingStore(table),
    operations,
    connect: await connecting,
    blueprints: loadBlueprints(blueprintsDirectory(settings)),
    render: renderWorkload({ helmPath: settings.HELM_PATH, kubectlPath: settings.KUBECTL_PATH }),
    now,
    budget: milliseconds(settings.WATCH_BUDGET),
    installation: settings.INSTALLATION,
    ingressNamespace: settings.INGRESS_NAMESPACE,
    publicBaseUrl: settings.PUBLIC_BASE_URL,
    probeBaseUrl: settings.PROBE_BASE_URL,
  };
}

const deps = clusterDeps();

const http = serve([showWorkloads], {
  newLog: invocationLogger,
  depsFor: () => ({ showWorkload: async (name: string, late: AbortSignal) => showWorkload(await deps, name, late) }),
});

/** The steps that talk to the cluster, and the one route that does. */
export async function handler(event: unknown, context: Context): Promise<unknown> {
  const input = ClusterInput.safeParse(event);
  if (input.success) return clusterStep(input.data);
  return isRequest(event) ? http(event, context) : clusterStep(ClusterInput.parse(event));
}

/** An event of an HTTP API, payload format 2.0: the one that has a route key. */
const isRequest = (event: unknown): event is Parameters<typeof http>[0] =>
  typeof event === 'object' && event !== null && 'routeKey' in event;

async function clusterStep(input: ClusterInput): Promise<unknown> {
  const { step, name, generation, operationId } = input;
  const about = { staging: name, generation, operation: operationId };
  const log = invocationLogger(about);
  const tools = { ...(await deps), log };
  const run = () => runStep({ about, log }, step, () => clusterSteps[step](tools, input));
  return tellStep({ operations, log, now }, { staging: name, generation }, step, run);
}
