import { type JsonRecord, recordAt } from '../json.ts';
import { change, changeEach, fill } from './fill.ts';
import { templateDefaults } from './pod-defaults.ts';
import { claimDefaults } from './service-defaults.ts';

const templated = (spec: JsonRecord): JsonRecord => change(spec, 'template', templateDefaults);

export function deploymentDefaults(spec: JsonRecord): JsonRecord {
  const filled = fill(templated(spec), {
    replicas: 1,
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
    strategy: {},
  });
  return change(filled, 'strategy', (given) => {
    const strategy = fill(given, { type: 'RollingUpdate' });
    if (strategy['type'] !== 'RollingUpdate') return strategy;
    const rollingUpdate = fill(recordAt(strategy, 'rollingUpdate'), { maxSurge: '25%', maxUnavailable: '25%' });
    return { ...strategy, rollingUpdate };
  });
}

export const replicaSetDefaults = (spec: JsonRecord): JsonRecord => fill(templated(spec), { replicas: 1 });

export function statefulSetDefaults(spec: JsonRecord): JsonRecord {
  const filled = fill(templated(spec), {
    replicas: 1,
    revisionHistoryLimit: 10,
    podManagementPolicy: 'OrderedReady',
    updateStrategy: {},
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
  });
  const updated = change(filled, 'updateStrategy', (given) => {
    const strategy = fill(given, { type: 'RollingUpdate' });
    return strategy['type'] === 'RollingUpdate' ? fill(strategy, { rollingUpdate: { partition: 0 } }) : strategy;
  });
  return changeEach(updated, 'volumeClaimTemplates', (template) => ({
    ...fill(change(template, 'spec', claimDefaults), { apiVersion: 'v1', kind: 'PersistentVolumeClaim' }),
    status: { phase: 'Pending' },
  }));
}

export function daemonSetDefaults(spec: JsonRecord): JsonRecord {
  const filled = fill(templated(spec), { revisionHistoryLimit: 10, updateStrategy: {} });
  return change(filled, 'updateStrategy', (given) => {
    const strategy = fill(given, { type: 'RollingUpdate' });
    if (strategy['type'] !== 'RollingUpdate') return strategy;
    const rollingUpdate = fill(recordAt(strategy, 'rollingUpdate'), { maxSurge: 0, maxUnavailable: 1 });
    return { ...strategy, rollingUpdate };
  });
}

/** A Job's own selector and its pods' labels are made from its uid, unless the Job brings its selector. */
export function jobDefaults(spec: JsonRecord, name: string, uid: string | undefined): JsonRecord {
  const filled = fill(templated(spec), {
    backoffLimit: 6,
    completionMode: 'NonIndexed',
    completions: spec['parallelism'] === undefined ? 1 : undefined,
    parallelism: 1,
    manualSelector: false,
    podReplacementPolicy: 'TerminatingOrFailed',
    suspend: false,
  });
  if (uid === undefined || filled['manualSelector'] === true || filled['selector'] !== undefined) return filled;
  const labels = {
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': uid,
    'job-name': name,
  };
  const selector = { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } };
  return change({ ...filled, selector }, 'template', (template) => {
    const metadata = recordAt(template, 'metadata');
    return { ...template, metadata: { ...metadata, labels: { ...recordAt(metadata, 'labels'), ...labels } } };
  });
}

export const cronJobDefaults = (spec: JsonRecord): JsonRecord =>
  fill(
    change(spec, 'jobTemplate', (template) => change(template, 'spec', templated)),
    { concurrencyPolicy: 'Allow', failedJobsHistoryLimit: 1, successfulJobsHistoryLimit: 3, suspend: false },
  );

export const autoscalerDefaults = (spec: JsonRecord): JsonRecord =>
  fill(spec, {
    minReplicas: 1,
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }],
  });
