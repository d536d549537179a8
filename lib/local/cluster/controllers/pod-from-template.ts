import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import type { ResourceType } from '../storage.ts';
import { controlledBy } from './owners.ts';
import type { PodTemplate } from './view.ts';

interface NewPod {
  template: PodTemplate;
  name: string;
  /** base of the name, where the rest of it is random */
  generateName?: string;
  owner: { resource: ResourceType; metadata: { name: string; namespace: string; uid: string } };
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  spec?: Record<string, unknown>;
}

/** The pod that a controller makes of its template. */
export function podFromTemplate({
  template,
  name,
  generateName,
  owner,
  labels,
  annotations,
  spec,
}: NewPod): KubernetesObject {
  const allAnnotations = { ...template.metadata.annotations, ...annotations };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      ...(generateName === undefined ? {} : { generateName }),
      namespace: owner.metadata.namespace,
      labels: { ...template.metadata.labels, ...labels },
      ...(Object.keys(allAnnotations).length === 0 ? {} : { annotations: allAnnotations }),
      ownerReferences: [controlledBy(owner.resource, owner.metadata)],
    },
    spec: { ...template.spec, ...spec },
    status: { phase: 'Pending' },
  };
}
