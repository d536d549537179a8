import { writeFile } from 'node:fs/promises';
import type { Clock } from '../clock.ts';
import { type ApiServer, createApiServer } from './api/api-server.ts';
import type { FaultRule } from './api/faults.ts';
import { startControllers } from './controllers/start-controllers.ts';
import type { Random } from './identifiers.ts';
import { identityFor } from './identity.ts';
import { type Access, kubeconfigText } from './kubeconfig.ts';
import { createMemoryStorage } from './memory-storage.ts';
import { listenSecurely } from './sockets.ts';
import type { Storage } from './storage.ts';
import type { User } from './write-context.ts';

export interface SimulatedClusterOptions {
  clock: Clock;
  random: Random;
  /** where the cluster's state is kept; without it, it is gone with the process */
  dataDir?: string;
  faults?: readonly FaultRule[];
  /** who a token made from AWS credentials stands for */
  awsUser?: User;
}

export interface RunningApi extends Access {
  kubeconfig(): string;
  /** for the owner's eyes only, since it holds a token */
  writeKubeconfig(file: string): Promise<void>;
  close(): Promise<void>;
}

export interface SimulatedCluster {
  storage: Storage;
  /** Answers one request without any socket. */
  handle: ApiServer['handle'];
  setFaults(faults: readonly FaultRule[]): void;
  /** Opens a loopback port, by default a free one. */
  listen(port?: number): Promise<RunningApi>;
  stop(): Promise<void>;
}

const awsToken = 'k8s-aws-v1.';
const berth: User = { name: 'berth', groups: ['berth', 'system:authenticated'] };
const operator: User = { name: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] };

/** A Kubernetes API with its state in memory. It listens nowhere until it is told to. */
export async function createSimulatedCluster(options: SimulatedClusterOptions): Promise<SimulatedCluster> {
  const { clock, random, dataDir, awsUser = berth } = options;
  const identity = await identityFor(dataDir, clock.now(), random);
  const { authority, token } = identity;
  const folder = dataDir === undefined ? {} : { folder: dataDir };
  const memory = createMemoryStorage({ clock, random, rootCertificate: authority, ...folder });
  const controllers = startControllers({ storage: memory.storage, clock, random });
  // An API server remembers what it has seen happen, and not how its cluster came to be.
  memory.table.compactHistory();
  const server = createApiServer({
    clock,
    store: memory.store,
    resources: memory.resources,
    schemaOf: memory.schemaOf,
    logsOf: (namespace, pod, container, query) => controllers.logsOf(namespace, pod, container, query),
    userOf: (given) => (given === token ? operator : given.startsWith(awsToken) ? awsUser : undefined),
    random,
  });
  server.setFaults(options.faults ?? []);
  const running = new Set<RunningApi>();

  const listen = async (port = 0): Promise<RunningApi> => {
    const { url, close } = await listenSecurely(server, identity, port);
    const access = { url, caCertificate: authority, token };
    const api: RunningApi = {
      ...access,
      kubeconfig: () => kubeconfigText(access),
      writeKubeconfig: (file) => writeFile(file, kubeconfigText(access), { mode: 0o600 }),
      close: async () => {
        running.delete(api);
        await close();
      },
    };
    running.add(api);
    return api;
  };

  return {
    storage: memory.storage,
    handle: server.handle,
    setFaults: server.setFaults,
    listen,
    stop: async () => {
      controllers.stop();
      memory.stop();
      await Promise.all([...running].map((api) => api.close()));
    },
  };
}
