import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Timings } from '../../lib/local/cluster/controllers/timings.ts';
import { kubeconfigText } from '../../lib/local/cluster/kubeconfig.ts';
import { lockData } from '../../lib/local/data-lock.ts';
import { freePorts } from '../support/free-ports.ts';
import { openApi } from './api.ts';
import {
  apiServerArguments,
  controllerManagerArguments,
  etcdArguments,
  kwokArguments,
  type Layout,
  schedulerArguments,
} from './arguments.ts';
import { providePrograms } from './build-programs.ts';
import { until } from './furnish.ts';
import { type Identity, identityIn, type StaticUser, writeIdentity } from './identity.ts';
import { egressConfiguration } from './kubelet/pod-network.ts';
import type { NodeSize } from './nodes.ts';
import { podStages } from './pod-stages.ts';
import type { ProgramName, Programs } from './programs.ts';
import { createRunningPrograms, type RunningPrograms } from './running-programs.ts';
import { createStandIns } from './stand-ins.ts';

export interface ControlPlaneOptions {
  /** where everything lies that it writes; the cluster in it is found again by the next start */
  folder: string;
  /** built, where they aren't given */
  programs?: Programs;
  /** who has a token besides the administrator */
  users?: readonly StaticUser[];
  /** a kubeconfig of the webhook that judges all other tokens */
  webhookTokenAuthentication?: { configFile: string };
  /** further arguments of the API server */
  apiServerArguments?: readonly string[];
  /** size of each of the three nodes */
  node?: NodeSize;
  /** how long the lives of pods take */
  timings?: Partial<Timings>;
}

/** A Kubernetes control plane that runs, with nodes that exist on paper only. */
export interface ControlPlane {
  endpoint: string;
  /** PEM */
  ca: string;
  /** file with the same */
  caFile: string;
  /** file with an administrator's kubeconfig */
  kubeconfig: string;
  /** an administrator's */
  token: string;
  /** process ids of what it is made of */
  processes: ReadonlyMap<ProgramName, number>;
  /** Resolves with the reason when a part of it ends by itself. */
  broken: Promise<string>;
  /** Stops all of it; what it holds stays in the folder. */
  close(): Promise<void>;
}

/** Measured are 6 s on two idle processors; a loaded machine needs a multiple. */
const startTimeout = 60_000;

const kubeconfigName = 'kubeconfig';
export const kubeconfigIn = (folder: string): string => join(resolve(folder), kubeconfigName);

/**
 * Starts etcd, API server, controller manager, scheduler and kwok, and waits until pods can run.
 * @throws DataInUse where one runs in the folder already, ProgramsMissing, NotReady
 */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const folder = resolve(options.folder);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = await lockData(folder, kubeconfigIn(folder));
  const running = createRunningPrograms(folder);
  const stop = async () => {
    await running.stop();
    await lock.release();
  };
  try {
    const programs = options.programs ?? (await providePrograms());
    const identity = await identityIn(folder);
    const layout = await layOut(folder, identity, options);
    return await start({ layout, identity, programs, running, stop, options });
  } catch (error) {
    await stop();
    throw error;
  }
}

async function layOut(folder: string, identity: Identity, options: ControlPlaneOptions): Promise<Layout> {
  const [etcd = 0, etcdPeer = 0, api = 0] = await freePorts(3);
  const kubeconfig = (name: string, token: string): string => {
    const file = join(folder, name);
    const url = `https://127.0.0.1:${api}`;
    writeFileSync(file, kubeconfigText({ url, caCertificate: identity.authority, token }), { mode: 0o600 });
    return file;
  };
  const stages = join(import.meta.dirname, 'stages');
  const texts = readdirSync(stages).map((file) => readFileSync(join(stages, file), 'utf8'));
  const all = [...texts, ...podStages.map((stage) => JSON.stringify(stage))];
  writeFileSync(join(folder, 'stages.yaml'), all.join('\n---\n'));
  const { tokens } = identity;
  return {
    folder,
    files: writeIdentity(folder, identity, options.users ?? []),
    ports: { etcd, etcdPeer, api },
    kubeconfigs: {
      administrator: kubeconfig(kubeconfigName, tokens.administrator),
      controllerManager: kubeconfig('controller-manager.kubeconfig', tokens.controllerManager),
      scheduler: kubeconfig('scheduler.kubeconfig', tokens.scheduler),
    },
    tokenWebhook: options.webhookTokenAuthentication?.configFile,
    stages: join(folder, 'stages.yaml'),
    egress: join(folder, 'egress.json'),
  };
}

interface Starting {
  layout: Layout;
  identity: Identity;
  programs: Programs;
  running: RunningPrograms;
  /** stops the programs, and lets go of the folder */
  stop: () => Promise<void>;
  options: ControlPlaneOptions;
}

async function start({ layout, identity, programs, running, stop, options }: Starting): Promise<ControlPlane> {
  const endpoint = `https://127.0.0.1:${layout.ports.api}`;
  const { authority: ca, tokens } = identity;
  const deadline = Date.now() + startTimeout;
  const api = openApi(endpoint, ca, tokens.administrator);
  const standIns = await createStandIns(api, identity, options);
  const close = async (): Promise<void> => {
    await standIns.stop();
    await api.close();
    await stop();
  };
  const becomeReady = async (): Promise<void> => {
    running.run('etcd', programs.etcd, etcdArguments(layout));
    writeFileSync(layout.egress, egressConfiguration(standIns.networkSocket));
    const serverArguments = [...apiServerArguments(layout), ...(options.apiServerArguments ?? [])];
    running.run('kube-apiserver', programs['kube-apiserver'], serverArguments);
    await until('the API server', deadline, async () => {
      return (await api.transport.text({ method: 'GET', path: '/readyz', accept: '*/*' })) === 'ok';
    });
    running.run('kube-controller-manager', programs['kube-controller-manager'], controllerManagerArguments(layout));
    running.run('kube-scheduler', programs['kube-scheduler'], schedulerArguments(layout));
    running.run('kwok', programs.kwok, kwokArguments(layout));
    await standIns.start(deadline);
  };
  const failing = running.broken.then((end) => Promise.reject(new Error(end)));
  try {
    await Promise.race([becomeReady(), failing]);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    endpoint,
    ca,
    caFile: layout.files.authority,
    kubeconfig: layout.kubeconfigs.administrator,
    token: tokens.administrator,
    processes: new Map(running.programs.map(({ name, pid }) => [name as ProgramName, pid])),
    broken: running.broken,
    close,
  };
}
