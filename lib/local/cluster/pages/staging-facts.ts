import { markers } from '../../../../lambdas/domain/markers.ts';
import type { Container, Pod } from '../controllers/pod-view.ts';
import { configurationOf, shownValue } from '../kubelet/configuration.ts';
import type { Cluster, Route } from './route.ts';

export interface ShownSetting {
  name: string;
  value: string;
  isSecret: boolean;
  from?: string;
}

/** What a staging says of itself. */
export interface StagingFacts {
  staging: string;
  namespace: string;
  service: string;
  pod: string;
  readyPods: number;
  image: string;
  commit?: string;
  generation?: string;
  startedAt?: string;
  settings: readonly ShownSetting[];
}

/** The staging of a namespace: its label, or its name without the prefix. */
export function stagingOf({ storage, kinds }: Cluster, namespace: string): string {
  const labels = storage.get(kinds.namespace, undefined, namespace)?.metadata.labels;
  return labels?.[markers.staging] ?? namespace.replace(/^stg-/, '');
}

/** The container that a request reaches: the first with a port, or the first. */
export const servingContainer = ({ spec }: Pod): Container | undefined =>
  spec.containers.find(({ ports }) => ports.length > 0) ?? spec.containers[0];

const commitName = /^(GIT_)?(COMMIT|REVISION|SHA)(_SHA|_HASH)?$|^SOURCE_COMMIT$/i;
const commitKey = /(^|\/)(commit|revision|git-sha)$/i;

function commitOf(cluster: Cluster, pod: Pod, settings: readonly ShownSetting[]): string | undefined {
  const named = settings.find(({ name, value, isSecret }) => !isSecret && value !== '' && commitName.test(name));
  if (named !== undefined) return named.value;
  const namespace = cluster.storage.get(cluster.kinds.namespace, undefined, pod.metadata.namespace);
  const annotations = { ...namespace?.metadata.annotations, ...pod.metadata.annotations };
  return Object.entries(annotations).find(([key]) => commitKey.test(key))?.[1];
}

export function factsOf(cluster: Cluster, route: Route, pod: Pod, container: Container): StagingFacts {
  const { namespace, name, annotations } = pod.metadata;
  const settings = configurationOf(cluster, pod, container).settings.map((setting) => ({
    ...setting,
    value: shownValue(setting),
  }));
  const commit = commitOf(cluster, pod, settings);
  const generation = annotations[markers.generation];
  const startedAt = pod.status.containerStatuses.find((one) => one.name === container.name)?.state.running?.startedAt;
  return {
    staging: stagingOf(cluster, namespace),
    namespace,
    service: route.service,
    pod: name,
    readyPods: route.ready.length,
    image: container.image,
    ...(commit === undefined ? {} : { commit }),
    ...(generation === undefined ? {} : { generation }),
    ...(startedAt ? { startedAt } : {}),
    settings,
  };
}
