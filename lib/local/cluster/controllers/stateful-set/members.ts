import type { KubernetesObject } from '../../../../../lambdas/domain/kubernetes-object.ts';
import type { ApiError } from '../../api-error.ts';
import { isRecord, listAt } from '../../json.ts';
import type { Control } from '../control.ts';
import { alreadyThere, tryToCreate } from '../creating.ts';
import { controlledBy } from '../owners.ts';
import { podFromTemplate } from '../pod-from-template.ts';
import type { Pod } from '../pod-view.ts';
import type { StatefulSet } from '../workload-views.ts';
import { templateOf } from './revisions.ts';

const component = 'statefulset-controller';
export const revisionLabel = 'controller-revision-hash';

/** The number in a member's name; -1 where the pod isn't named as a member. */
export function ordinalOf(set: StatefulSet, { metadata }: Pod): number {
  const rest = metadata.name.slice(set.metadata.name.length + 1);
  return /^\d+$/.test(rest) ? Number(rest) : -1;
}

const claimName = (template: string, set: StatefulSet, ordinal: number): string =>
  `${template}-${set.metadata.name}-${ordinal}`;

/** Creates a member and the claims it lacks. @returns what the API server refused, if anything */
export function createMember(
  control: Control,
  set: StatefulSet,
  ordinal: number,
  revision: string,
): ApiError | undefined {
  const refusal = createClaims(control, set, ordinal);
  if (refusal !== undefined) return refusal;
  const name = `${set.metadata.name}-${ordinal}`;
  return tryToCreate(control, memberOf(control, set, ordinal, revision), {
    created: () =>
      record(control, set, 'SuccessfulCreate', `create Pod ${name} in StatefulSet ${set.metadata.name} successful`),
    refused: (error) =>
      record(
        control,
        set,
        'FailedCreate',
        `create Pod ${name} in StatefulSet ${set.metadata.name} failed error: ${error.message}`,
      ),
  });
}

function memberOf(control: Control, set: StatefulSet, ordinal: number, revision: string): KubernetesObject {
  const name = `${set.metadata.name}-${ordinal}`;
  const template = templateOf(control, set, revision);
  const claimed = set.spec.volumeClaimTemplates.map(({ metadata }) => ({
    name: metadata.name,
    persistentVolumeClaim: { claimName: claimName(metadata.name, set, ordinal) },
  }));
  const names = new Set<unknown>(claimed.map((volume) => volume.name));
  const others = listAt(template.spec, 'volumes').filter((volume) => !isRecord(volume) || !names.has(volume['name']));
  return podFromTemplate({
    template,
    name,
    owner: { resource: control.kinds.statefulSet, metadata: set.metadata },
    labels: {
      'apps.kubernetes.io/pod-index': String(ordinal),
      [revisionLabel]: revision,
      'statefulset.kubernetes.io/pod-name': name,
    },
    spec: {
      hostname: name,
      ...(set.spec.serviceName === '' ? {} : { subdomain: set.spec.serviceName }),
      ...(claimed.length + others.length === 0 ? {} : { volumes: [...claimed, ...others] }),
    },
  });
}

function createClaims(control: Control, set: StatefulSet, ordinal: number): ApiError | undefined {
  for (const template of set.spec.volumeClaimTemplates) {
    const refusal = createClaim(control, set, ordinal, template);
    if (refusal !== undefined && !alreadyThere(refusal)) return refusal;
  }
  return undefined;
}

function createClaim(
  control: Control,
  set: StatefulSet,
  ordinal: number,
  template: StatefulSet['spec']['volumeClaimTemplates'][number],
): ApiError | undefined {
  const { storage, kinds } = control;
  const { namespace } = set.metadata;
  const name = claimName(template.metadata.name, set, ordinal);
  if (storage.get(kinds.claim, namespace, name) !== undefined) return undefined;
  const isOwned = set.spec.persistentVolumeClaimRetentionPolicy?.whenDeleted === 'Delete';
  const labels = { ...labelsOf(template.metadata), ...set.spec.selector.matchLabels };
  const claim = {
    ...template,
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      ...template.metadata,
      name,
      namespace,
      labels,
      ...(isOwned ? { ownerReferences: [controlledBy(kinds.statefulSet, set.metadata)] } : {}),
    },
    status: { phase: 'Pending' },
  };
  const what = `create Claim ${name} Pod ${set.metadata.name}-${ordinal} in StatefulSet ${set.metadata.name}`;
  return tryToCreate(control, claim, {
    created: () => record(control, set, 'SuccessfulCreate', `${what} success`),
    refused: (error) => record(control, set, 'FailedCreate', `${what} failed error: ${error.message}`),
  });
}

const labelsOf = (metadata: Record<string, unknown>): Record<string, string> => {
  const labels = metadata['labels'];
  return isRecord(labels) ? Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, String(value)])) : {};
};

export function deleteMember(control: Control, set: StatefulSet, { metadata }: Pod): void {
  control.storage.remove(control.kinds.pod, metadata.namespace, metadata.name);
  record(
    control,
    set,
    'SuccessfulDelete',
    `delete Pod ${metadata.name} in StatefulSet ${set.metadata.name} successful`,
  );
}

const record = ({ events }: Control, set: StatefulSet, reason: string, message: string): void =>
  events.record({
    about: set.raw,
    type: reason === 'FailedCreate' ? 'Warning' : 'Normal',
    reason,
    message,
    component,
  });
