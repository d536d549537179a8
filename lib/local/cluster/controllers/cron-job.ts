import { Cron } from 'croner';
import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import { conditionOf } from './conditions.ts';
import type { Control, Controller } from './control.ts';
import { alreadyThere, isBeingDeleted, tryToCreate } from './creating.ts';
import { isOver } from './job/job.ts';
import { controlledBy, itsController, itself, ownedBy } from './owners.ts';
import { milliseconds, timestamp } from './timestamps.ts';
import { asCronJob, asJob, type CronJob, type Job } from './workload-views.ts';
import { writeStatus } from './write-status.ts';

/** Creates the Jobs of a CronJob when they are due, and deletes the oldest that have ended. */
export function cronJobController(control: Control): Controller {
  const { storage, kinds } = control;
  return {
    name: 'cronjob',
    watches: { CronJob: itself, Job: itsController('CronJob') },
    reconcile({ namespace, name }) {
      const stored = storage.get(kinds.cronJob, namespace, name);
      if (stored === undefined || stored.metadata.deletionTimestamp !== undefined) return undefined;
      return reconcileCronJob(control, asCronJob(stored));
    },
  };
}

const record = (
  { events }: Control,
  { raw }: CronJob,
  reason: string,
  message: string,
  type: 'Normal' | 'Warning' = 'Normal',
) => events.record({ about: raw, type, reason, message, component: 'cronjob-controller' });

const jobsOf = (control: Control, cron: CronJob): Job[] =>
  ownedBy(control, control.kinds.job, cron.metadata)
    .map(asJob)
    .toSorted((left, right) => left.metadata.creationTimestamp.localeCompare(right.metadata.creationTimestamp));

function reconcileCronJob(control: Control, cron: CronJob): number | undefined {
  const schedule = scheduleOf(control, cron);
  const started = schedule === undefined || cron.spec.suspend ? undefined : startIfDue(control, cron, schedule);
  const jobs = jobsOf(control, cron);
  noteEnded(control, cron, jobs);
  trimHistory(control, cron, jobs);
  writeStatus(control, cron.raw, statusOf(control, cron, jobs, started));
  if (schedule === undefined || cron.spec.suspend) return undefined;
  const now = control.clock.now();
  const next = schedule.nextRun(new Date(now));
  return next === null ? undefined : Math.max(next.getTime() - now, 1);
}

function scheduleOf(control: Control, cron: CronJob): Cron | undefined {
  const { schedule, timeZone } = cron.spec;
  try {
    return new Cron(schedule, { paused: true, timezone: timeZone ?? 'UTC', mode: '5-part' });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    record(control, cron, 'UnparseableSchedule', `unparseable schedule: "${schedule}" : ${why}`, 'Warning');
    return undefined;
  }
}

/** The last time that has come since the last start; times missed before it are left out. */
function dueTime(control: Control, cron: CronJob, schedule: Cron): number | undefined {
  const now = control.clock.now();
  const since = milliseconds(cron.status.lastScheduleTime ?? cron.metadata.creationTimestamp);
  // previousRuns leaves its reference out, but a time that has come this very moment is due.
  const due = schedule.previousRuns(1, new Date(now + 1))[0]?.getTime();
  const { startingDeadlineSeconds } = cron.spec;
  if (due === undefined || due <= since || due > now) return undefined;
  return startingDeadlineSeconds != null && now - due > startingDeadlineSeconds * 1000 ? undefined : due;
}

/** @returns the time for which a Job was started */
function startIfDue(control: Control, cron: CronJob, schedule: Cron): number | undefined {
  const due = dueTime(control, cron, schedule);
  if (due === undefined) return undefined;
  const running = jobsOf(control, cron).filter((job) => !isOver(job));
  if (cron.spec.concurrencyPolicy === 'Forbid' && running.length > 0) {
    const why = 'Not starting job because prior execution is running and concurrency policy is Forbid';
    record(control, cron, 'JobAlreadyActive', why);
    return undefined;
  }
  if (cron.spec.concurrencyPolicy === 'Replace') for (const job of running) deleteJob(control, cron, job);
  const refusal = tryToCreate(control, jobFor(control, cron, due), {
    created: ({ metadata }) => record(control, cron, 'SuccessfulCreate', `Created job ${metadata.name}`),
    refused: (error) => {
      if (!alreadyThere(error))
        record(control, cron, 'FailedCreate', `Error creating job: ${error.message}`, 'Warning');
    },
  });
  if (refusal !== undefined && !alreadyThere(refusal) && !isBeingDeleted(refusal)) throw refusal;
  return due;
}

function jobFor({ kinds }: Control, cron: CronJob, due: number): KubernetesObject {
  const { metadata, spec } = cron.spec.jobTemplate;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: `${cron.metadata.name.slice(0, 52)}-${Math.floor(due / 60_000)}`,
      namespace: cron.metadata.namespace,
      labels: metadata.labels,
      annotations: { ...metadata.annotations, 'batch.kubernetes.io/cronjob-scheduled-timestamp': timestamp(due) },
      ownerReferences: [controlledBy(kinds.cronJob, cron.metadata)],
    },
    spec,
  };
}

function deleteJob(control: Control, cron: CronJob, { metadata }: Job): void {
  control.storage.remove(control.kinds.job, metadata.namespace, metadata.name);
  record(control, cron, 'SuccessfulDelete', `Deleted job ${metadata.name}`);
}

const endOf = ({ status }: Job): 'Complete' | 'Failed' =>
  conditionOf(status.conditions, 'Complete')?.status === 'True' ? 'Complete' : 'Failed';

/** Jobs that ended since the status was last written. */
function noteEnded(control: Control, cron: CronJob, jobs: readonly Job[]): void {
  for (const job of jobs) {
    const wasActive = cron.status.active.some(({ uid }) => uid === job.metadata.uid);
    if (wasActive && isOver(job))
      record(control, cron, 'SawCompletedJob', `Saw completed job: ${job.metadata.name}, condition: ${endOf(job)}`);
  }
}

function trimHistory(control: Control, cron: CronJob, jobs: readonly Job[]): void {
  const limits = { Complete: cron.spec.successfulJobsHistoryLimit, Failed: cron.spec.failedJobsHistoryLimit };
  for (const end of ['Complete', 'Failed'] as const) {
    const ended = jobs.filter((job) => isOver(job) && endOf(job) === end && !job.metadata.deletionTimestamp);
    for (const job of ended.slice(0, Math.max(ended.length - limits[end], 0))) deleteJob(control, cron, job);
  }
}

function statusOf({ kinds }: Control, cron: CronJob, jobs: readonly Job[], started: number | undefined) {
  const active = jobs.filter((job) => !isOver(job) && !job.metadata.deletionTimestamp);
  const succeeded = jobs.map(({ status }) => status.completionTime ?? '').filter((time) => time !== '');
  return {
    active:
      active.length === 0
        ? undefined
        : active.map(({ metadata }) => ({
            kind: kinds.job.kind,
            namespace: metadata.namespace,
            name: metadata.name,
            uid: metadata.uid,
            apiVersion: 'batch/v1',
          })),
    lastScheduleTime: started === undefined ? (cron.status.lastScheduleTime ?? undefined) : timestamp(started),
    lastSuccessfulTime: succeeded.toSorted().at(-1) ?? cron.status.lastSuccessfulTime ?? undefined,
  };
}
