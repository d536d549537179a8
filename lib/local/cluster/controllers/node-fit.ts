import * as z from 'zod';
import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import type { PodSpec } from './pod-view.ts';
import { holds } from './selector.ts';
import { Metadata, orElse, type Viewed, viewOf } from './view.ts';

const Node = z.object({
  metadata: Metadata,
  spec: orElse(z.object({ unschedulable: orElse(z.boolean(), false) }), { unschedulable: false }),
  status: orElse(z.object({ allocatable: orElse(z.record(z.string(), z.unknown()), {}) }), { allocatable: {} }),
});
export type Node = Viewed<typeof Node>;
export const asNode: (object: KubernetesObject) => Node = viewOf(Node);

/** Whether a node is one that a pod's nodeSelector and required node affinity ask for. */
export function fitsNode({ nodeSelector, affinity }: PodSpec, { metadata }: Node): boolean {
  const { labels, name } = metadata;
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return (
    Object.entries(nodeSelector).every(([key, value]) => labels[key] === value) &&
    (terms === undefined ||
      terms.some(
        ({ matchExpressions, matchFields }) =>
          matchExpressions.length + matchFields.length > 0 &&
          matchExpressions.every(({ key, operator, values }) => holds(operator, labels[key], values)) &&
          matchFields.every(({ operator, values }) => holds(operator, name, values)),
      ))
  );
}
