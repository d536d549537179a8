import type { Control } from '../controllers/control.ts';
import { asPod, type Container, type ContainerStatus, type Pod } from '../controllers/pod-view.ts';
import { type Configuration, configurationOf, shownValue } from './configuration.ts';
import { scenarioOf } from './scenario.ts';

export interface LogOptions {
  /** the instance before the present one */
  previous?: boolean;
  tailLines?: number;
}

interface Instance {
  exitCode?: number;
  reason?: string;
  isReady: boolean;
}

/** What a container has written, made up from its image, its settings and how it went; undefined where it has not run. */
export function readLogs(
  control: Pick<Control, 'storage' | 'kinds'>,
  { namespace, pod: podName, container: name }: { namespace: string; pod: string; container: string },
  { previous = false, tailLines }: LogOptions = {},
): string | undefined {
  const stored = control.storage.get(control.kinds.pod, namespace, podName);
  if (stored === undefined) return undefined;
  const pod = asPod(stored);
  const container = [...pod.spec.initContainers, ...pod.spec.containers].find((one) => one.name === name);
  const status = [...pod.status.initContainerStatuses, ...pod.status.containerStatuses].find(
    (one) => one.name === name,
  );
  const instance = status && instanceOf(status, previous);
  if (container === undefined || instance === undefined) return undefined;
  const lines = linesOf(pod, container, configurationOf(control, pod, container), instance);
  const kept = tailLines === undefined ? lines : lines.slice(Math.max(lines.length - tailLines, 0));
  return kept.map((line) => `${line}\n`).join('');
}

/** A waiting container shows what its last instance wrote. */
function instanceOf({ state, lastState, ready }: ContainerStatus, previous: boolean): Instance | undefined {
  const terminated = previous || state.waiting ? lastState.terminated : state.terminated;
  if (terminated) return { exitCode: terminated.exitCode, reason: terminated.reason, isReady: false };
  return state.running && !previous ? { isReady: ready } : undefined;
}

function linesOf(pod: Pod, container: Container, { settings }: Configuration, instance: Instance): string[] {
  const shown = settings.map((setting) => `${setting.name}=${shownValue(setting)}`);
  return [
    `starting ${container.image}`,
    ...(shown.length === 0 ? [] : [`settings: ${shown.join(' ')}`]),
    ...courseOf(pod, container, settings, instance),
  ];
}

function courseOf(
  pod: Pod,
  container: Container,
  settings: Configuration['settings'],
  { exitCode, reason, isReady }: Instance,
): string[] {
  const scenario = scenarioOf(container.image);
  if (reason === 'OOMKilled' || scenario === 'oom')
    return ['loading catalogue into memory', 'heap used: 97 % of the limit'];
  if (scenario === 'crash') {
    const target = dependencyOf(settings);
    const refused = exitCode === undefined ? [] : [`Error: connect ECONNREFUSED ${target}`];
    return [`connecting to ${target}`, ...refused];
  }
  if (exitCode !== undefined && exitCode !== 0) return ['working', `Error: task failed, exit code ${exitCode}`];
  if (exitCode === 0) return ['working', 'done'];
  const port = container.ports[0]?.containerPort;
  const listening = port === undefined ? 'running' : `listening on 0.0.0.0:${port}`;
  if (scenario === 'never-ready') return [listening, 'readiness: waiting for warm-up (503)'];
  if (pod.spec.restartPolicy !== 'Always') return ['working'];
  return isReady ? [listening, 'ready'] : ['warming up'];
}

/** The first address among the settings; a database, where there is none. */
function dependencyOf(settings: Configuration['settings']): string {
  const address = settings.find(({ name, isSecret }) => !isSecret && /(HOST|URL|ADDR)$/.test(name))?.value ?? '';
  const host = /^(?:\w+:\/\/)?(?:[^@/]*@)?([\w.-]+(?::\d+)?)/.exec(address)?.[1];
  return host === undefined ? '10.96.14.7:5432' : host;
}
