import { isRefusal } from '../../lambdas/cluster/errors.ts';
import type { KubernetesObject } from '../../lambdas/domain/kubernetes-object.ts';
import type { Api } from './api.ts';

/** While an object has this annotation, with whatever value, its load balancer is not taken away. */
export const holdAnnotation = 'test.berth.dev/hold-load-balancer';

interface Kind {
  apiVersion: string;
  kind: 'Service' | 'Ingress';
  plural: string;
  /** as the controller of the cloud names it */
  finalizer: string;
}

const kinds: Kind[] = [
  { apiVersion: 'v1', kind: 'Service', plural: 'services', finalizer: 'service.kubernetes.io/load-balancer-cleanup' },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    plural: 'ingresses',
    finalizer: 'ingress.k8s.aws/resources',
  },
];

export interface Cloud {
  stop(): void;
}

/**
 * Stands in for the controllers of a cloud: gives Ingresses and Services of type LoadBalancer a finalizer and an address, and
 * lets them go when they are deleted, unless they are held.
 */
export function startCloud(api: Api, onError: (error: unknown) => void = console.error): Cloud {
  const ending = new AbortController();
  const { signal } = ending;
  const follow = async (kind: Kind): Promise<void> => {
    for await (const event of api.client.watch(kind.apiVersion, kind.kind, {}, signal)) {
      if (event.type === 'removed') continue;
      const objects = event.type === 'snapshot' ? event.objects : [event.object];
      for (const object of objects) await settle(api, kind, object);
    }
  };
  for (const kind of kinds) follow(kind).catch((error: unknown) => (signal.aborted ? undefined : onError(error)));
  return { stop: () => ending.abort() };
}

/** What is of somebody else's class is left to their controller, as the simulated cluster does. */
async function needsAddress({ client }: Api, { kind, spec }: KubernetesObject): Promise<boolean> {
  const { type, loadBalancerClass, ingressClassName: name } = Object(spec);
  if (kind === 'Service') return type === 'LoadBalancer' && loadBalancerClass === undefined;
  if (name === undefined) return true;
  return (await client.get({ apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', name })) === undefined;
}

/** One step: what it writes comes back through the watch. */
async function settle(api: Api, kind: Kind, object: KubernetesObject): Promise<void> {
  const { finalizer } = kind;
  const { deletionTimestamp, finalizers = [], annotations } = object.metadata;
  const isIn = finalizers.includes(finalizer);
  if (deletionTimestamp !== undefined || !(await needsAddress(api, object))) {
    if (isIn && annotations?.[holdAnnotation] === undefined) {
      await patch(api, kind, object, '', { metadata: { finalizers: finalizers.filter((one) => one !== finalizer) } });
    }
  } else if (!isIn) await patch(api, kind, object, '', { metadata: { finalizers: [...finalizers, finalizer] } });
  else if (Object(object['status']).loadBalancer?.ingress === undefined) {
    const { namespace, name } = object.metadata;
    const ingress = [{ hostname: `${name}.${namespace}.elb.example.com` }];
    await patch(api, kind, object, '/status', { status: { loadBalancer: { ingress } } });
  }
}

async function patch(
  { transport }: Api,
  { apiVersion, plural }: Kind,
  { metadata: { namespace, name, resourceVersion } }: KubernetesObject,
  subresource: string,
  body: { metadata?: object; status?: object },
): Promise<void> {
  const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
  try {
    await transport.json({
      method: 'PATCH',
      path: `${root}/namespaces/${namespace}/${plural}/${name}${subresource}`,
      query: { fieldManager: 'cloud' },
      contentType: 'application/merge-patch+json',
      body: { ...body, metadata: { ...body.metadata, resourceVersion } },
    });
  } catch (error) {
    // Gone, or changed since: then the watch tells of it.
    if (!isRefusal(error, 404) && !isRefusal(error, 409)) throw error;
  }
}
