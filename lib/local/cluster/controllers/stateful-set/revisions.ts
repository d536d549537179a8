import { recordAt } from '../../json.ts';
import type { Control } from '../control.ts';
import { tryToCreate } from '../creating.ts';
import { controlledBy, ownedBy } from '../owners.ts';
import { templateHash } from '../random-name.ts';
import { PodTemplate } from '../view.ts';
import type { StatefulSet } from '../workload-views.ts';

/** Name of the ControllerRevision of a StatefulSet's present template. */
export const revisionName = ({ metadata, raw }: StatefulSet): string => `${metadata.name}-${templateHash(raw)}`;

/** Keeps the present template under its revision's name, so that pods below a partition can still be made of an older one. */
export function keepRevision(control: Control, set: StatefulSet): void {
  const { storage, kinds } = control;
  const name = revisionName(set);
  if (storage.get(kinds.controllerRevision, set.metadata.namespace, name) !== undefined) return;
  const known = ownedBy(control, kinds.controllerRevision, set.metadata);
  const revision = Math.max(0, ...known.map((object) => Number(object['revision'] ?? 0))) + 1;
  tryToCreate(control, {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name,
      namespace: set.metadata.namespace,
      labels: set.spec.template.metadata.labels,
      ownerReferences: [controlledBy(kinds.statefulSet, set.metadata)],
    },
    data: { spec: { template: set.spec.template } },
    revision,
  });
}

/** The template kept under a revision's name; the present one where it is gone. */
export function templateOf({ storage, kinds }: Control, set: StatefulSet, revision: string): PodTemplate {
  const kept = storage.get(kinds.controllerRevision, set.metadata.namespace, revision);
  const parsed = PodTemplate.safeParse(recordAt(kept, 'data', 'spec', 'template'));
  return parsed.success ? parsed.data : set.spec.template;
}
