import { isRefusal } from '../../../lambdas/cluster/errors.ts';
import { KubernetesObject } from '../../../lambdas/domain/kubernetes-object.ts';
import type { Api } from '../api.ts';
import { idOf } from './mirror.ts';

/** Statuses of pods on their way to the API server, one after the other for each pod. */
export interface StatusWrites {
  write(pod: KubernetesObject): void;
  remove(pod: KubernetesObject): void;
  /** A pod as the API server tells of it, with the status that is still on its way to there. */
  withOwnStatus(pod: KubernetesObject): KubernetesObject;
}

/** What was written of a pod, until the watch has told of it. */
interface Writing {
  uid: string | undefined;
  status: unknown;
  underWay: number;
  /** resource version that the last write has led to */
  version: bigint;
}

const pathOf = ({ metadata }: KubernetesObject): string =>
  `/api/v1/namespaces/${metadata.namespace}/pods/${encodeURIComponent(metadata.name ?? '')}`;

const versionOf = ({ metadata }: KubernetesObject): bigint => BigInt(metadata.resourceVersion ?? '0');

/** A pod that is gone, or whose name another one has by now, needs no status. */
const isGone = (error: unknown): boolean => isRefusal(error, 404) || isRefusal(error, 409);

export function createStatusWrites({ transport }: Api, onError: (error: unknown) => void): StatusWrites {
  const writings = new Map<string, Writing>();
  const lines = new Map<string, Promise<void>>();

  function inLine(id: string, act: () => Promise<void>): void {
    const line = (lines.get(id) ?? Promise.resolve()).then(act).catch((error: unknown) => {
      if (!isGone(error)) onError(error);
    });
    lines.set(id, line);
    void line.then(() => (lines.get(id) === line ? lines.delete(id) : undefined));
  }

  async function patch(pod: KubernetesObject, writing: Writing): Promise<void> {
    try {
      const answer = await transport.json({
        method: 'PATCH',
        path: `${pathOf(pod)}/status`,
        query: { fieldManager: 'kubelet' },
        contentType: 'application/merge-patch+json',
        body: { metadata: { uid: pod.metadata.uid }, status: pod['status'] },
      });
      writing.version = versionOf(KubernetesObject.parse(answer));
    } finally {
      writing.underWay -= 1;
    }
  }

  return {
    write(pod) {
      const id = idOf(pod);
      const known = writings.get(id);
      const writing: Writing =
        known?.uid === pod.metadata.uid && known
          ? known
          : { uid: pod.metadata.uid, status: undefined, underWay: 0, version: 0n };
      writing.status = pod['status'];
      writing.underWay += 1;
      writings.set(id, writing);
      inLine(id, () => patch(pod, writing));
    },
    remove(pod) {
      inLine(idOf(pod), async () => {
        await transport.json({
          method: 'DELETE',
          path: pathOf(pod),
          body: {
            apiVersion: 'v1',
            kind: 'DeleteOptions',
            gracePeriodSeconds: 0,
            preconditions: { uid: pod.metadata.uid },
          },
        });
      });
    },
    withOwnStatus(pod) {
      const writing = writings.get(idOf(pod));
      if (writing === undefined) return pod;
      const isOverheard = writing.underWay === 0 && versionOf(pod) >= writing.version;
      if (!isOverheard && writing.uid === pod.metadata.uid) return { ...pod, status: writing.status };
      writings.delete(idOf(pod));
      return pod;
    },
  };
}
