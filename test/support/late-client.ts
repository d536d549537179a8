import type { KubernetesClient } from '../../lambdas/cluster/client.ts';
import type { KubernetesObject } from '../../lambdas/domain/kubernetes-object.ts';

/** A client, and a clock by which all time is over once a watch of that client has told of such an object. */
export function lateOnce(
  client: KubernetesClient,
  isSuch: (object: KubernetesObject) => boolean,
): { client: KubernetesClient; now: () => number } {
  let offset = 0;
  return {
    now: () => Date.now() + offset,
    client: {
      ...client,
      async *watch(...given) {
        for await (const event of client.watch(...given)) {
          yield event;
          if ((event.type === 'snapshot' ? event.objects : [event.object]).some(isSuch)) offset = 3_600_000;
        }
      },
    },
  };
}
