import type { ApiError } from '../../api-error.ts';
import type { Control } from '../control.ts';
import { tryToCreate } from '../creating.ts';
import { podFromTemplate } from '../pod-from-template.ts';
import { isActive, type Pod } from '../pod-view.ts';
import { generatedName } from '../random-name.ts';
import type { Job } from '../workload-views.ts';

const component = 'job-controller';
const indexAnnotation = 'batch.kubernetes.io/job-completion-index';

export const record = (
  { events }: Control,
  job: Job,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
): void => events.record({ about: job.raw, type, reason, message, component });

/** Creates one pod of a Job; an Indexed Job's pod gets the lowest index that no pod has. */
export function createJobPod(control: Control, job: Job, pods: readonly Pod[]): ApiError | undefined {
  const { name, uid } = job.metadata;
  const index = job.spec.completionMode === 'Indexed' ? freeIndex(pods) : undefined;
  const generateName = index === undefined ? `${name}-` : `${name}-${index}-`;
  const indexed = index === undefined ? {} : { [indexAnnotation]: String(index) };
  const pod = podFromTemplate({
    template: job.spec.template,
    name: generatedName(generateName, control.random),
    generateName,
    owner: { resource: control.kinds.job, metadata: job.metadata },
    labels: {
      'batch.kubernetes.io/controller-uid': uid,
      'batch.kubernetes.io/job-name': name,
      'controller-uid': uid,
      'job-name': name,
      ...indexed,
    },
    annotations: indexed,
  });
  return tryToCreate(control, pod, {
    created: ({ metadata }) => record(control, job, 'Normal', 'SuccessfulCreate', `Created pod: ${metadata.name}`),
    refused: (error) => record(control, job, 'Warning', 'FailedCreate', `Error creating: ${error.message}`),
  });
}

function freeIndex(pods: readonly Pod[]): number {
  const taken = new Set(
    pods.filter((pod) => isActive(pod) || pod.status.phase === 'Succeeded').map((pod) => indexOf(pod)),
  );
  let index = 0;
  while (taken.has(index)) index += 1;
  return index;
}

const indexOf = ({ metadata }: Pod): number => Number(metadata.annotations[indexAnnotation] ?? -1);

/** The indexes that are done, as in `0-2,4`. */
export function completedIndexes(job: Job, pods: readonly Pod[]): string | undefined {
  if (job.spec.completionMode !== 'Indexed') return undefined;
  const done = pods.filter((pod) => pod.status.phase === 'Succeeded').map(indexOf);
  const sorted = [...new Set(done)].toSorted((left, right) => left - right);
  const ranges: [number, number][] = [];
  for (const index of sorted) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === index - 1) last[1] = index;
    else ranges.push([index, index]);
  }
  return ranges.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(',');
}

export function deleteJobPod(control: Control, job: Job, { metadata }: Pod): void {
  control.storage.remove(control.kinds.pod, metadata.namespace, metadata.name);
  record(control, job, 'Normal', 'SuccessfulDelete', `Deleted pod: ${metadata.name}`);
}
