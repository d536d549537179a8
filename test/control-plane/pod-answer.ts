import * as z from 'zod';
import { markers } from '../../lambdas/domain/markers.ts';
import type { Api } from './api.ts';

const Pod = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string(),
    ownerReferences: z.array(z.object({ uid: z.string() })).default([]),
  }),
  spec: z.object({
    containers: z
      .array(
        z.object({
          image: z.string(),
          env: z.array(z.object({ name: z.string(), value: z.string().optional() })).default([]),
        }),
      )
      .min(1),
  }),
  status: z.object({
    conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]),
  }),
});
type Pod = z.infer<typeof Pod>;

const isReady = ({ status }: Pod): boolean =>
  status.conditions.some(({ type, status: value }) => type === 'Ready' && value === 'True');

const ownerOf = ({ metadata }: Pod): string | undefined => metadata.ownerReferences[0]?.uid;

/** What the pod at an address says of itself: the image that it runs, and the variables that have a value of their own. */
export async function podAnswer({ client }: Api, address: string): Promise<{ status: number; body: object }> {
  const here = await client.list('v1', 'Pod', { fieldSelector: `status.podIP=${address},status.phase=Running` });
  const [pod] = here.objects.map((each) => Pod.parse(each));
  const [container] = pod?.spec.containers ?? [];
  if (!pod || !container) return { status: 502, body: { error: `no pod runs at ${address}` } };
  const { namespace, name } = pod.metadata;
  const home = await client.get({ apiVersion: 'v1', kind: 'Namespace', name: namespace });
  const beside = await client.list('v1', 'Pod', { namespace });
  const siblings = beside.objects.map((each) => Pod.parse(each)).filter((each) => ownerOf(each) === ownerOf(pod));
  return {
    status: 200,
    body: {
      staging: home?.metadata.labels?.[markers.staging],
      commit: home?.metadata.annotations?.[markers.commit],
      namespace,
      pod: name,
      readyPods: siblings.filter(isReady).length,
      image: container.image,
      settings: container.env.flatMap(({ name, value }) => (value === undefined ? [] : [{ name, value }])),
    },
  };
}
