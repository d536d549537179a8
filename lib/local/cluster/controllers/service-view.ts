import * as z from 'zod';
import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import { Metadata, orElse, type Viewed, viewOf } from './view.ts';

const PortOrName = z.union([z.number(), z.string()]);

const Service = z.object({
  metadata: Metadata,
  spec: z.object({
    type: orElse(z.string(), 'ClusterIP'),
    selector: z.record(z.string(), z.string()).nullish(),
    clusterIP: z.string().nullish(),
    loadBalancerClass: z.string().nullish(),
    publishNotReadyAddresses: orElse(z.boolean(), false),
    ports: orElse(
      z.array(
        z.object({
          name: z.string().nullish(),
          port: z.number(),
          protocol: orElse(z.string(), 'TCP'),
          targetPort: PortOrName.nullish(),
        }),
      ),
      [],
    ),
  }),
});
export type Service = Viewed<typeof Service>;
export const asService: (object: KubernetesObject) => Service = viewOf(Service);
export type ServicePort = Service['spec']['ports'][number];

const Backend = z.object({
  service: z
    .object({
      name: z.string(),
      port: orElse(z.object({ name: z.string().nullish(), number: z.number().nullish() }), {}),
    })
    .nullish(),
});
const Ingress = z.object({
  metadata: Metadata,
  spec: z.object({
    rules: orElse(
      z.array(
        z.object({
          host: z.string().nullish(),
          http: z
            .object({
              paths: z.array(
                z.object({ path: orElse(z.string(), '/'), pathType: orElse(z.string(), 'Prefix'), backend: Backend }),
              ),
            })
            .nullish(),
        }),
      ),
      [],
    ),
  }),
});
export type Ingress = Viewed<typeof Ingress>;
export const asIngress: (object: KubernetesObject) => Ingress = viewOf(Ingress);

const EndpointSlice = z.object({
  metadata: Metadata,
  endpoints: orElse(
    z.array(
      z.object({
        addresses: z.array(z.string()),
        conditions: orElse(z.object({ ready: z.boolean().nullish() }), {}),
        targetRef: z.object({ kind: z.string(), name: z.string() }).nullish(),
      }),
    ),
    [],
  ),
  ports: orElse(z.array(z.object({ name: orElse(z.string(), ''), port: z.number().nullish() })), []),
});
export type EndpointSlice = Viewed<typeof EndpointSlice>;
export const asEndpointSlice: (object: KubernetesObject) => EndpointSlice = viewOf(EndpointSlice);
