import { describe, expect, it } from 'vitest';
import { assess, isCustom, isInert } from '../../../../lambdas/domain/health/rules.ts';
import { anObject, at, aView, condition } from '../../../support/views.ts';

const health = (object: ReturnType<typeof anObject>, ...others: ReturnType<typeof anObject>[]) =>
  assess(object, aView([object, ...others]));

const whole = { replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 };
const two = { replicas: 2 };

describe('Deployment', () => {
  const deployment = (status: object | undefined, spec: object = two) =>
    anObject('apps/v1', 'Deployment', { spec, ...(status ? { status } : {}), generation: 4 });

  it.each([
    ['unseen', undefined, 'not yet seen by its controller'],
    ['seen in an older version', { ...whole, observedGeneration: 3 }, 'not yet seen by its controller'],
    ['half updated', { ...whole, updatedReplicas: 1, observedGeneration: 4 }, '1 of 2 pods updated'],
    ['half available', { ...whole, availableReplicas: 1, observedGeneration: 4 }, '1 of 2 pods available'],
    ['with an old pod', { ...whole, replicas: 3, observedGeneration: 4 }, '1 pod of the previous revision still there'],
  ])('waits while it is %s', (_what, status, message) => {
    expect(health(deployment(status))).toEqual({ state: 'waiting', message });
  });

  it('is ready with all pods updated and available', () => {
    expect(health(deployment({ ...whole, observedGeneration: 4 }))).toEqual({
      state: 'ready',
      message: '2 of 2 pods ready',
    });
    expect(health(deployment({ observedGeneration: 4 }, { replicas: 0 })).state).toBe('ready');
  });

  it('fails when its deadline for progress is over, and when it is paused', () => {
    const conditions = [condition('Progressing', 'False', { reason: 'ProgressDeadlineExceeded', message: 'too slow' })];
    expect(health(deployment({ observedGeneration: 4, conditions }))).toEqual({
      state: 'failed',
      code: 'RolloutStalled',
      message: 'too slow',
    });
    expect(health(deployment({ observedGeneration: 4 }, { ...two, paused: true })).state).toBe('failed');
  });
});

describe('StatefulSet', () => {
  const set = (status: object, spec: object = two) => anObject('apps/v1', 'StatefulSet', { spec, status });
  const rolling = { currentRevision: 'a', updateRevision: 'b' };

  it('waits for readiness, for the new revision, and for pods too many to go', () => {
    expect(health(set({ replicas: 2, readyReplicas: 1 })).message).toBe('1 of 2 pods ready');
    expect(health(set({ ...whole, ...rolling, updatedReplicas: 1 })).message).toBe('1 of 2 pods updated');
    expect(health(set({ ...whole, replicas: 3 })).message).toBe('1 pod too many still there');
  });

  it('counts only the pods above a partition, and none with OnDelete', () => {
    const partition = { ...two, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } };
    expect(health(set({ ...whole, ...rolling, updatedReplicas: 1 }, partition)).state).toBe('ready');
    expect(health(set({ ...whole, ...rolling, updatedReplicas: 0 }, partition)).state).toBe('waiting');
    const onDelete = { ...two, updateStrategy: { type: 'OnDelete' } };
    expect(health(set({ ...whole, ...rolling, updatedReplicas: 0 }, onDelete)).state).toBe('ready');
  });
});

describe('DaemonSet', () => {
  it('wants an updated and available pod on each node', () => {
    const set = (status: object) => anObject('apps/v1', 'DaemonSet', { status });
    expect(health(set({ desiredNumberScheduled: 2, updatedNumberScheduled: 1 })).message).toBe('1 of 2 pods updated');
    const updated = { desiredNumberScheduled: 2, updatedNumberScheduled: 2 };
    expect(health(set({ ...updated, numberAvailable: 1 })).message).toBe('1 of 2 pods available');
    expect(health(set({ ...updated, numberAvailable: 2 })).state).toBe('ready');
  });
});

describe('Job', () => {
  const job = (status: object, spec: object = {}) => anObject('batch/v1', 'Job', { spec, status });

  it('is ready when complete, or when it is not to run', () => {
    expect(health(job({ active: 1 })).state).toBe('waiting');
    expect(health(job({ conditions: [condition('Complete', 'True')] })).state).toBe('ready');
    expect(health(job({}, { suspend: true })).state).toBe('ready');
  });

  it.each(['Failed', 'FailureTarget'])('fails with the condition %s', (type) => {
    const conditions = [condition(type, 'True', { reason: 'BackoffLimitExceeded', message: 'tried too often' })];
    expect(health(job({ conditions }))).toEqual({
      state: 'failed',
      code: 'CrashLoop',
      message: 'failed: tried too often',
    });
  });

  it('timed out where its own deadline was over', () => {
    const conditions = [condition('Failed', 'True', { reason: 'DeadlineExceeded' })];
    expect(health(job({ conditions }))).toMatchObject({ state: 'failed', code: 'TimedOut' });
  });
});

describe('Pod', () => {
  const pod = (status: object) => anObject('v1', 'Pod', { status });
  it('is ready by its condition, or when it is done', () => {
    expect(health(pod({ phase: 'Pending' })).state).toBe('waiting');
    expect(health(pod({ phase: 'Running', conditions: [condition('Ready', 'True')] })).state).toBe('ready');
    expect(health(pod({ phase: 'Succeeded' })).state).toBe('ready');
    expect(health(pod({ phase: 'Failed', reason: 'Evicted' }))).toMatchObject({ state: 'failed', code: 'CrashLoop' });
  });
});

describe('PersistentVolumeClaim', () => {
  const claim = (phase: string) => anObject('v1', 'PersistentVolumeClaim', { name: 'data', status: { phase } });
  const user = anObject('v1', 'Pod', { spec: { volumes: [{ persistentVolumeClaim: { claimName: 'data' } }] } });

  it('may be pending until a pod uses it', () => {
    expect(health(claim('Pending')).state).toBe('ready');
    expect(health(claim('Pending'), user).state).toBe('waiting');
    expect(health(claim('Bound'), user).state).toBe('ready');
    expect(health(claim('Lost')).state).toBe('failed');
  });
});

describe('Service and Ingress', () => {
  const addressed = { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } };

  it('waits for an address where a load balancer makes one', () => {
    const service = (type: string, status: object) => anObject('v1', 'Service', { spec: { type }, status });
    expect(health(service('ClusterIP', {})).state).toBe('ready');
    expect(health(service('LoadBalancer', {})).state).toBe('waiting');
    expect(health(service('LoadBalancer', addressed)).state).toBe('ready');
  });

  it('gives an ingress controller half a minute to tell an address', () => {
    const ingress = (age: number, status: object) =>
      anObject('networking.k8s.io/v1', 'Ingress', { status, creationTimestamp: at(-age) });
    expect(health(ingress(5, {})).state).toBe('waiting');
    expect(health(ingress(5, addressed)).state).toBe('ready');
    expect(health(ingress(30, {})).state).toBe('ready');
  });
});

describe('what is declared', () => {
  it.each([
    ['CustomResourceDefinition', 'apiextensions.k8s.io/v1', [condition('Established', 'True')], 'ready'],
    ['CustomResourceDefinition', 'apiextensions.k8s.io/v1', [], 'waiting'],
    ['CustomResourceDefinition', 'apiextensions.k8s.io/v1', [condition('NamesAccepted', 'False')], 'failed'],
    ['APIService', 'apiregistration.k8s.io/v1', [], 'waiting'],
    ['APIService', 'apiregistration.k8s.io/v1', [condition('Available', 'True')], 'ready'],
    ['HorizontalPodAutoscaler', 'autoscaling/v2', [condition('ScalingActive', 'False')], 'ready'],
    ['HorizontalPodAutoscaler', 'autoscaling/v2', [condition('AbleToScale', 'False')], 'waiting'],
    ['PodDisruptionBudget', 'policy/v1', [condition('DisruptionAllowed', 'False')], 'ready'],
  ])('%s of %s with %j is %s', (kind, apiVersion, conditions, state) => {
    expect(health(anObject(apiVersion, kind, { status: { conditions } })).state).toBe(state);
  });
});

describe('a custom resource', () => {
  const widget = (status: object | undefined, generation = 1) =>
    anObject('example.com/v1', 'Widget', { generation, ...(status ? { status } : {}) });

  it.each([
    ['has no status', undefined, 'ready'],
    ['has no conditions', {}, 'ready'],
    ['is Ready', { conditions: [condition('Ready', 'True')] }, 'ready'],
    ['is not Ready', { conditions: [condition('Ready', 'False')] }, 'waiting'],
    ['is of unknown readiness', { conditions: [condition('Ready', 'Unknown')] }, 'waiting'],
    ['is Available', { conditions: [condition('Available', 'True')] }, 'ready'],
    ['is not Available', { conditions: [condition('Available', 'False')] }, 'waiting'],
    [
      'is reconciling, Ready or not',
      { conditions: [condition('Ready', 'True'), condition('Reconciling', 'True')] },
      'waiting',
    ],
    ['is stalled', { conditions: [condition('Stalled', 'True', { message: 'no' })] }, 'failed'],
  ])('that %s is judged so', (_what, status, state) => {
    expect(health(widget(status)).state).toBe(state);
  });

  it('waits until its controller has seen the newest spec', () => {
    expect(health(widget({ conditions: [condition('Ready', 'True')] }, 2)).state).toBe('waiting');
  });
});

describe('every kind', () => {
  it('waits while it is being deleted', () => {
    expect(health(anObject('v1', 'ConfigMap', { deletionTimestamp: at(0) })).state).toBe('waiting');
  });
  it('is inert, watched or custom', () => {
    expect(isInert({ apiVersion: 'v1', kind: 'Secret' })).toBe(true);
    expect(isInert({ apiVersion: 'batch/v1', kind: 'CronJob' })).toBe(true);
    expect(isInert({ apiVersion: 'apps/v1', kind: 'Deployment' })).toBe(false);
    expect(isInert({ apiVersion: 'secrets.example.com/v1', kind: 'Secret' })).toBe(false);
    expect(isCustom({ apiVersion: 'cert-manager.io/v1' })).toBe(true);
    expect(isCustom({ apiVersion: 'gateway.networking.k8s.io/v1' })).toBe(true);
    expect(isCustom({ apiVersion: 'snapshot.storage.k8s.io/v1' })).toBe(true);
    expect(isCustom({ apiVersion: 'networking.k8s.io/v1' })).toBe(false);
    expect(isCustom({ apiVersion: 'rbac.authorization.k8s.io/v1' })).toBe(false);
    expect(isCustom({ apiVersion: 'apps/v1' })).toBe(false);
  });
});
