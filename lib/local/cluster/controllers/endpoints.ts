import { isDeepStrictEqual } from 'node:util';
import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import type { Control, Controller } from './control.ts';
import { tryToCreate } from './creating.ts';
import { controlledBy, itself, keyOf } from './owners.ts';
import { asPod, hasEnded, isReady, type Pod } from './pod-view.ts';
import { generatedName } from './random-name.ts';
import { selects } from './selector.ts';
import { asService, type Service, type ServicePort } from './service-view.ts';

const serviceLabel = 'kubernetes.io/service-name';

/** Keeps Endpoints and an EndpointSlice for each Service with a selector. */
export function endpointsController(control: Control): Controller {
  const { storage, kinds } = control;
  return {
    name: 'endpoints',
    watches: {
      Service: itself,
      Pod: ({ object }) => storage.list(kinds.service, object.metadata.namespace).map(keyOf),
    },
    reconcile({ namespace, name }) {
      const stored = storage.get(kinds.service, namespace, name);
      if (stored === undefined) {
        storage.remove(kinds.endpoints, namespace, name);
        for (const slice of slicesOf(control, namespace, name))
          storage.remove(kinds.endpointSlice, namespace, slice.metadata.name ?? '');
        return undefined;
      }
      if (stored.metadata.deletionTimestamp === undefined) keepEndpoints(control, asService(stored));
      return undefined;
    },
  };
}

const slicesOf = ({ storage, kinds }: Control, namespace: string, service: string): KubernetesObject[] =>
  storage.list(kinds.endpointSlice, namespace).filter(({ metadata }) => metadata.labels?.[serviceLabel] === service);

function keepEndpoints(control: Control, service: Service): void {
  const { storage, kinds } = control;
  const { selector } = service.spec;
  const { namespace, name } = service.metadata;
  if (!selector || service.spec.type === 'ExternalName') return;
  const pods = storage
    .list(kinds.pod, namespace)
    .map(asPod)
    .filter((pod) => selects({ matchLabels: selector, matchExpressions: [] }, pod.metadata.labels))
    .filter((pod) => pod.status.podIP && !hasEnded(pod))
    .toSorted((left, right) => left.metadata.name.localeCompare(right.metadata.name));
  keep(control, storage.get(kinds.endpoints, namespace, name), endpointsOf(service, pods));
  keep(control, slicesOf(control, namespace, name)[0], sliceOf(control, service, pods));
}

/** Creates what isn't there, and updates what differs in anything but its metadata. */
function keep(control: Control, stored: KubernetesObject | undefined, wanted: KubernetesObject): void {
  if (stored === undefined) {
    tryToCreate(control, wanted);
    return;
  }
  const next = { ...stored, ...wanted, metadata: stored.metadata };
  if (!isDeepStrictEqual(next, stored)) control.storage.update(next);
}

/** The port number of a pod behind a Service's port: its number, or the container port of that name. */
function targetPort({ port, targetPort }: ServicePort, pod: Pod): number | undefined {
  if (typeof targetPort !== 'string') return targetPort ?? port;
  return pod.spec.containers.flatMap(({ ports }) => ports).find(({ name }) => name === targetPort)?.containerPort;
}

const portsOf = ({ spec }: Service, pods: readonly Pod[]) =>
  spec.ports.flatMap((port) => {
    const [pod] = pods;
    const number = pod === undefined ? undefined : targetPort(port, pod);
    return number === undefined ? [] : [{ name: port.name ?? '', port: number, protocol: port.protocol }];
  });

const targetRef = ({ metadata }: Pod) => ({
  kind: 'Pod',
  namespace: metadata.namespace,
  name: metadata.name,
  uid: metadata.uid,
});

/** Whether a pod is given traffic. */
const takesTraffic = ({ spec }: Service, pod: Pod): boolean =>
  (isReady(pod) || spec.publishNotReadyAddresses) && !pod.metadata.deletionTimestamp;

function endpointsOf(service: Service, pods: readonly Pod[]): KubernetesObject {
  const staying = pods.filter((pod) => !pod.metadata.deletionTimestamp);
  const addresses = (some: readonly Pod[]) =>
    some.map((pod) => ({ ip: pod.status.podIP, nodeName: pod.spec.nodeName, targetRef: targetRef(pod) }));
  const ready = addresses(staying.filter((pod) => takesTraffic(service, pod)));
  const notReady = addresses(staying.filter((pod) => !takesTraffic(service, pod)));
  const ports = portsOf(service, staying);
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      name: service.metadata.name,
      namespace: service.metadata.namespace,
      labels: { ...service.metadata.labels, 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' },
    },
    subsets:
      staying.length === 0
        ? []
        : [
            {
              ...(ready.length === 0 ? {} : { addresses: ready }),
              ...(notReady.length === 0 ? {} : { notReadyAddresses: notReady }),
              ports,
            },
          ],
  };
}

function sliceOf(control: Control, service: Service, pods: readonly Pod[]): KubernetesObject {
  const { name, namespace, labels } = service.metadata;
  const generateName = `${name}-`;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: generatedName(generateName, control.random),
      generateName,
      namespace,
      labels: {
        ...labels,
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
        [serviceLabel]: name,
      },
      ownerReferences: [controlledBy(control.kinds.service, service.metadata)],
    },
    addressType: 'IPv4',
    endpoints: pods.map((pod) => ({
      addresses: [pod.status.podIP],
      conditions: {
        ready: takesTraffic(service, pod),
        serving: isReady(pod),
        terminating: Boolean(pod.metadata.deletionTimestamp),
      },
      nodeName: pod.spec.nodeName,
      targetRef: targetRef(pod),
    })),
    ports: portsOf(service, pods),
  };
}
