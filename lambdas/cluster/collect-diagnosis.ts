import pMap from 'p-map';
import { type Container, containersOf, lastEnd, stateText } from '../domain/health/containers.ts';
import { readEvent } from '../domain/health/events.ts';
import type { KubernetesObject } from '../domain/kubernetes-object.ts';
import type { Diagnosis } from '../domain/reason.ts';
import type { KubernetesClient } from './client.ts';
import { ClusterUnreachable } from './errors.ts';
import { lastLines } from './pod-logs.ts';

type EventEntry = Diagnosis['events'][number];
type ContainerEntry = Diagnosis['containers'][number];

const mostEvents = 20;
const mostContainers = 5;
const mostLines = 20;

/** An event's message repeats what the pod says; this much tells it apart. */
const longestMessage = 400;

/**
 * Asks the cluster about a namespace in trouble: its warnings, and the last words of the containers that don't run. Where
 * one half can't be had, the other is told, and an event says what is missing.
 * @throws ClusterUnreachable where neither can
 */
export async function collectDiagnosis(client: KubernetesClient, namespace: string): Promise<Diagnosis> {
  const [events, containers] = await Promise.allSettled([
    warnings(client, namespace),
    failingContainers(client, namespace),
  ]);
  const failures = [events, containers].flatMap((half) => (half.status === 'rejected' ? [half.reason] : []));
  const unreachable = failures.find((error) => error instanceof ClusterUnreachable);
  if (failures.length === 2 && unreachable) throw unreachable;
  const missing = failures.map((error) => incomplete(namespace, error));
  return {
    events: [...missing, ...(events.status === 'fulfilled' ? events.value : [])].slice(0, mostEvents),
    containers: containers.status === 'fulfilled' ? containers.value : [],
  };
}

const incomplete = (namespace: string, error: unknown): EventEntry => ({
  object: `Namespace/${namespace}`,
  reason: 'DiagnosisIncomplete',
  message: `a part of the diagnosis can't be had: ${textOf(error)}`.slice(0, longestMessage),
  count: 1,
  at: new Date(0).toISOString(),
});

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function warnings(client: KubernetesClient, namespace: string): Promise<EventEntry[]> {
  const { objects } = await client.list('v1', 'Event', { namespace, fieldSelector: 'type=Warning' });
  return objects
    .map(readEvent)
    .toSorted((a, b) => b.at - a.at)
    .slice(0, mostEvents)
    .map(({ object, reason, message, count, at }) => ({
      object,
      reason,
      message: message.slice(0, longestMessage).toWellFormed(),
      count,
      at: new Date(at).toISOString(),
    }));
}

interface Failing {
  pod: KubernetesObject;
  container: Container;
}

async function failingContainers(client: KubernetesClient, namespace: string): Promise<ContainerEntry[]> {
  const { objects } = await client.list('v1', 'Pod', { namespace });
  const newestFirst = objects.toSorted((a, b) => createdAt(b).localeCompare(createdAt(a)));
  const all = newestFirst.flatMap((pod) => containersOf(pod).map((container) => ({ pod, container })));
  const failing = [
    ...all.filter(({ container }) => isFailing(container)),
    ...all.filter(({ container }) => isAwaited(container)),
  ];
  return pMap(failing.slice(0, mostContainers), (entry) => describe(client, entry), { concurrency: mostContainers });
}

const createdAt = ({ metadata }: KubernetesObject): string => metadata.creationTimestamp ?? '';

/** Not up, and not just on its way. */
function isFailing({ ready, isInit, state, restartCount }: Container): boolean {
  if (state?.terminated) return state.terminated.exitCode !== 0;
  if (ready || (isInit && state?.running && restartCount === 0)) return false;
  return !['ContainerCreating', 'PodInitializing'].includes(state?.waiting?.reason ?? '');
}

/** What runs before the pod's own containers, and holds them up: nothing is wrong with it but that it takes so long. */
const isAwaited = (container: Container): boolean =>
  container.isInit && !container.ready && Boolean(container.state?.running) && !isFailing(container);

async function describe(client: KubernetesClient, { pod, container }: Failing): Promise<ContainerEntry> {
  const end = lastEnd(container);
  const logs = await lastLines(client, pod, container, mostLines).catch((error: unknown) => [
    `(the log can't be read: ${textOf(error)})`,
  ]);
  return {
    pod: pod.metadata.name ?? '?',
    container: container.name,
    state: stateText(container),
    restarts: container.restartCount,
    ...(end ? { exitCode: end.exitCode } : {}),
    logs,
  };
}
