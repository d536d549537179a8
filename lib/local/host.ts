import { join, resolve } from 'node:path';
import { findBinaries } from './binaries.ts';
import { createControl } from './control.ts';
import { lockData } from './data-lock.ts';
import { openClock } from './durable-clock.ts';
import { openDatabase } from './dynamodb/open-database.ts';
import { useFolder } from './folder-use.ts';
import { createFrontDoor, sayStarting } from './gateway/front-door.ts';
import { isTaken, type Listener, type LoopbackServer, listenOnLoopback } from './gateway/server.ts';
import { openLog } from './host-log.ts';
import { type HostedCluster, openRealCluster, type RealClusterOptions } from './hosted-cluster.ts';
import { makeFolder } from './make-folder.ts';
import { openData } from './open-data.ts';
import { resetData } from './reset-data.ts';
import { runTemplate } from './run-template.ts';
import { openSimulatedCluster, type SimulatedOptions } from './simulated-cluster.ts';
import { synthesize } from './synthesize.ts';
import { readParts } from './template/read-parts.ts';
import { welcome } from './welcome.ts';

/** The installation that is synthesized for this machine. */
export const localContext = { installation: 'berth', clusters: 'local', baseDomain: 'staging.localhost' } as const;

export const defaultCache = join(import.meta.dirname, '..', '..', '.berth', 'cdk.out');

export interface RealCluster extends Pick<RealClusterOptions, 'context' | 'eks'> {
  /** path of the kubeconfig */
  file: string;
}

export interface HostOptions {
  /** everything that lasts lies here */
  dataDir: string;
  /** 0 for any free one */
  port: number;
  /** Take any free port where this one is taken. */
  orAnyPort?: boolean;
  /** Forget everything that the data folder holds. */
  reset?: boolean;
  /** a real cluster instead of the simulated one */
  kubeconfig?: RealCluster;
  /** a DynamoDB endpoint on this machine instead of dynalite, as `readLoopbackEndpoint` gives it */
  dynamodb?: URL;
  /** folder of the blueprints; those of this checkout where absent */
  blueprintsDir?: string;
  /** more of the CDK app's context, such as its limits */
  context?: Readonly<Record<string, string>>;
  /** Print the functions' output as well. */
  verbose?: boolean;
  /** folder of synthesized templates; shared by all hosts of this checkout where absent */
  cacheDir?: string;
}

export interface Host {
  /** `http://localhost:PORT` */
  url: string;
  port: number;
  dataDir: string;
  logFile: string;
  /** arguments that point kubectl at the cluster in use */
  kubectl: readonly string[];
  /** Moves time forward by milliseconds. */
  advance(milliseconds: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * Hosts the synthesized template on this machine.
 * @throws DataInUse, TemplateRefused, Error where the port is taken or a part doesn't come up; then nothing is left running
 */
export async function startHost(options: HostOptions): Promise<Host> {
  await using starting = new AsyncDisposableStack();
  const host = await start(options, starting);
  const running = starting.move();
  return { ...host, close: () => running.disposeAsync() };
}

async function start(options: HostOptions, scope: AsyncDisposableStack): Promise<Omit<Host, 'close'>> {
  const dataDir = resolve(options.dataDir);
  let listener: Listener = sayStarting;
  const server = scope.adopt(await listenFor((request, response) => listener(request, response), options), (open) =>
    open.close(),
  );
  const url = `http://localhost:${server.port}`;

  await makeFolder(dataDir).catch((error: unknown) => {
    throw new Error(`${dataDir} can't be made a folder: choose another --data`, { cause: error });
  });
  scope.adopt(await lockData(dataDir, url), (lock) => lock.release());
  if (options.reset) await resetData(dataDir);
  const log = scope.use(await openLog(dataDir, options.verbose ? process.stderr : undefined));
  const clock = scope.adopt(await openData(join(dataDir, 'clock.json'), () => openClock(dataDir)), (open) =>
    open.clock.stop(),
  );

  const tables = scope.adopt(await openDatabase(dataDir, options.dynamodb), (database) => database.close());
  const [parts, binaries] = await Promise.all([readLocalTemplate(options, tables.tableSuffix, scope), findBinaries()]);
  const simulated = { dataDir, clock: clock.clock, random: Math.random, installation: localContext.installation };
  const cluster = scope.adopt(await openCluster(options, { ...simulated, ...binaries }), (open) => open.close());
  const running = await runTemplate(
    {
      parts,
      dataDir,
      tableUrl: tables.url,
      clock,
      random: Math.random,
      log,
      binaries,
      clusters: new Map([[localContext.clusters, cluster.access]]),
      port: server.port,
      baseDomain: localContext.baseDomain,
    },
    scope,
  );
  const kubectl = [binaries.kubectlPath, ...cluster.kubectlArguments];
  const about = { url, dataDir, logFile: log.file, kubectl };
  listener = createFrontDoor({
    baseDomain: localContext.baseDomain,
    gateway: running.gateway,
    page: cluster.page,
    control: createControl({
      clock,
      ...(cluster.setFaults ? { setFaults: cluster.setFaults } : {}),
      status: () => ({ ...about, ...running.stats(), memory: process.memoryUsage() }),
      welcome: () => welcome(about),
    }),
    log: (text) => log.line(text),
  });
  return { ...about, port: server.port, advance: (milliseconds) => clock.advance(milliseconds) };
}

async function readLocalTemplate(
  { cacheDir = defaultCache, blueprintsDir, context }: HostOptions,
  tableSuffix: string,
  scope: AsyncDisposableStack,
) {
  const blueprints = blueprintsDir === undefined ? {} : { blueprintsDir: resolve(blueprintsDir) };
  const { directory, stackName } = await synthesize(cacheDir, { ...context, ...localContext, ...blueprints });
  scope.adopt(await useFolder(directory), (leave) => leave());
  return readParts(directory, stackName, tableSuffix);
}

async function openCluster(
  { kubeconfig }: HostOptions,
  { kubectlPath, ...simulated }: SimulatedOptions & { kubectlPath: string },
): Promise<HostedCluster> {
  if (!kubeconfig) return openData(join(simulated.dataDir, 'cluster'), () => openSimulatedCluster(simulated));
  const { file, ...rest } = kubeconfig;
  return openRealCluster({ kubectlPath, kubeconfig: resolve(file), ...rest });
}

async function listenFor(listener: Listener, { port, orAnyPort }: HostOptions): Promise<LoopbackServer> {
  try {
    return await listenOnLoopback(listener, { port, orAny: orAnyPort ?? false });
  } catch (error) {
    if (isTaken(error)) throw new Error(`port ${port} is taken: choose another with --port`, { cause: error });
    throw error;
  }
}
