import { setTimeout as sleep } from 'node:timers/promises';
import { type Api, createIfAbsent } from './api.ts';
import { type NodeSize, nodeNames, nodeOf, nodeStatus, storageClasses } from './nodes.ts';

/** Between two looks at something that takes a second or two. */
const lookEvery = 50;

/** The control plane didn't become ready. */
export class NotReady extends Error {
  override readonly name = 'NotReady';
}

/** Waits on a condition. @throws NotReady that names it when `deadline`, milliseconds since 1970, has passed */
export async function until(what: string, deadline: number, holds: () => Promise<boolean>): Promise<void> {
  let last: unknown;
  for (;;) {
    try {
      if (await holds()) return;
    } catch (error) {
      // A server that comes up refuses connections first; the last refusal is told when the time is over.
      last = error;
    }
    if (Date.now() > deadline) throw new NotReady(`${what} did not come to be in time`, { cause: last });
    await sleep(lookEvery);
  }
}

/** Puts nodes and storage classes into the cluster, and waits until pods can run on them. */
export async function furnish(api: Api, size: NodeSize, kubeletPort: number, deadline: number): Promise<void> {
  for (const [index, name] of nodeNames.entries()) {
    await createIfAbsent(api, nodeOf(name, `local-${index + 1}`));
    await api.transport.json({
      method: 'PATCH',
      path: `/api/v1/nodes/${name}/status`,
      query: { fieldManager: 'kubelet' },
      contentType: 'application/merge-patch+json',
      body: { status: nodeStatus(name, size, kubeletPort) },
    });
  }
  for (const storageClass of storageClasses) await createIfAbsent(api, storageClass);
  await until('nodes that take pods', deadline, async () => {
    const { objects } = await api.client.list('v1', 'Node');
    return objects.length === nodeNames.length && objects.every(({ spec }) => !Object(spec).taints?.length);
  });
  await until('the service account of the namespace default', deadline, async () => {
    const ref = { apiVersion: 'v1', kind: 'ServiceAccount', namespace: 'default', name: 'default' };
    return (await api.client.get(ref)) !== undefined;
  });
}
