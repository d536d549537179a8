import { describe, expect, it } from 'vitest';
import { type Expectation, judge } from '../../../../lambdas/domain/health/judge.ts';
import { PullSightings } from '../../../../lambdas/domain/health/pull-sightings.ts';
import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import { refKey, refOf } from '../../../../lambdas/domain/object-ref.ts';
import { anObject, at, aView, condition, noon, ownedBy } from '../../../support/views.ts';

const minute = 60_000;
const expecting = (objects: readonly KubernetesObject[], over: Partial<Expectation> = {}): Expectation => ({
  refs: objects.map(refOf),
  generation: 3,
  startedAt: noon - minute,
  timeout: 10 * minute,
  unschedulableGrace: 3 * minute,
  pulls: new PullSightings(),
  ...over,
});

const revision = (number: number) => ({ 'deployment.kubernetes.io/revision': String(number) });
const deployment = (status: object = {}) =>
  anObject('apps/v1', 'Deployment', { name: 'web', annotations: revision(2), spec: { replicas: 1 }, status });
const replicaSet = (number: number, status: object = {}) =>
  anObject('apps/v1', 'ReplicaSet', {
    name: `web-${number}`,
    ...ownedBy(deployment()),
    annotations: revision(number),
    status,
  });
const podOf = (owner: KubernetesObject, status: object, more: object = {}) =>
  anObject('v1', 'Pod', { name: `${owner.metadata.name}-x`, resourceVersion: '1', ...ownedBy(owner), ...more, status });
const waitingFor = (reason: string, message = '', more: object = {}) => ({
  containerStatuses: [{ name: 'web', image: 'shop:9', state: { waiting: { reason, message } }, ...more }],
});
const event = (about: KubernetesObject, reason: string, message: string, over: object = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: `event-${reason}`, namespace: 'stg-a' },
  involvedObject: { kind: about.kind, name: about.metadata.name, uid: about.metadata.uid },
  type: 'Warning',
  reason,
  message,
  count: 1,
  lastTimestamp: at(-1),
  ...over,
});

/** The verdict on a Deployment with these pods of its newest revision. */
function verdictOn(
  pod: (owner: KubernetesObject) => KubernetesObject,
  over: Partial<Expectation> = {},
  ...more: KubernetesObject[]
) {
  const set = replicaSet(2);
  const objects = [deployment(), set, pod(set), ...more];
  return judge(aView(objects), expecting([deployment()], over));
}

function seenTwice(pod: KubernetesObject): PullSightings {
  const pulls = new PullSightings();
  pulls.see(pod);
  pulls.see({ ...pod, metadata: { ...pod.metadata, resourceVersion: '2' } });
  return pulls;
}

describe('a workload', () => {
  const ready = deployment({ replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 });
  const secret = anObject('v1', 'Secret');

  it('is ready when all that is watched is', () => {
    expect(judge(aView([ready]), expecting([ready, secret]))).toEqual({
      state: 'ready',
      ready: 1,
      total: 1,
      message: 'all is ready',
    });
  });

  it('waits for the others, and names some of them', () => {
    const claims = ['a', 'b', 'c', 'd'].map((name) =>
      anObject('v1', 'Service', { name, spec: { type: 'LoadBalancer' } }),
    );
    expect(judge(aView([ready, ...claims]), expecting([ready, ...claims]))).toEqual({
      state: 'waiting',
      ready: 1,
      total: 5,
      message:
        'Service/a: has no load balancer yet; Service/b: has no load balancer yet; Service/c: has no load balancer yet; and 1 more',
    });
  });

  it('is to be applied again where an object is missing or older', () => {
    const older = { ...ready, metadata: { ...ready.metadata, annotations: { 'berth.dev/generation': '2' } } };
    expect(judge(aView([]), expecting([ready])).state).toBe('reapply');
    expect(judge(aView([older]), expecting([ready])).state).toBe('reapply');
  });

  it('may lack what ends by itself, but not ignore how it ended', () => {
    const job = anObject('batch/v1', 'Job', { name: 'seed', status: { conditions: [condition('Failed', 'True')] } });
    const over = { transient: new Set([refKey(refOf(job))]) };
    expect(judge(aView([ready]), expecting([ready, job], over))).toMatchObject({ state: 'ready', total: 1 });
    expect(judge(aView([ready, job]), expecting([ready, job], over)).state).toBe('failed');
  });

  it('does not hold an older generation’s failure against this one', () => {
    const failed = { conditions: [condition('Progressing', 'False', { reason: 'ProgressDeadlineExceeded' })] };
    const older = deployment(failed);
    const stale = { ...older, metadata: { ...older.metadata, annotations: { 'berth.dev/generation': '2' } } };
    expect(judge(aView([stale]), expecting([ready])).state).toBe('reapply');
    expect(judge(aView([older]), expecting([ready])).state).toBe('failed');
  });

  it('times out with what it was waiting for', () => {
    const late = { startedAt: noon - 11 * minute };
    expect(judge(aView([deployment()]), expecting([ready], late))).toEqual({
      state: 'failed',
      trouble: { code: 'TimedOut', object: 'Deployment/web', message: 'not ready in time: 0 of 1 pods updated' },
    });
    expect(judge(aView([]), expecting([ready], late))).toMatchObject({ trouble: { code: 'TimedOut' } });
    expect(judge(aView([ready]), expecting([ready], late)).state).toBe('ready');
  });

  it('stalls with what the cluster said last of the pods that did not get ready', () => {
    const why = { reason: 'ProgressDeadlineExceeded', message: 'has timed out.' };
    const stalled = deployment({ conditions: [condition('Progressing', 'False', why)] });
    const pod = podOf(replicaSet(2), { podIP: '192.0.2.7' });
    const said = event(pod, 'Unhealthy', 'Readiness probe failed: 503');
    expect(judge(aView([stalled, replicaSet(2), pod, said]), expecting([stalled]))).toMatchObject({
      trouble: { code: 'RolloutStalled', message: 'has timed out. (Readiness probe failed: 503)' },
    });
    expect(judge(aView([stalled, replicaSet(2), pod]), expecting([stalled]))).toMatchObject({
      trouble: { code: 'RolloutStalled', message: 'has timed out.' },
    });
  });

  it('times out with what the cluster said last of the pods that did not get ready', () => {
    const late = { startedAt: noon - 11 * minute };
    const pod = podOf(replicaSet(2), { podIP: '192.0.2.7' });
    const said = 'Readiness probe failed: HTTP probe failed with statuscode: 503';
    const former = podOf(replicaSet(1), {});
    const warnings = [
      event(pod, 'Unhealthy', said),
      event(former, 'Failed', 'of no interest', { lastTimestamp: at(0) }),
      event(pod, 'FailedMount', 'configmap "kube-root-ca.crt" not found', { lastTimestamp: at(0) }),
    ];
    const view = aView([deployment(), replicaSet(2), replicaSet(1), pod, former, ...warnings]);
    expect(judge(view, expecting([deployment()], late))).toMatchObject({
      trouble: { code: 'TimedOut', message: `not ready in time: 0 of 1 pods updated (${said})` },
    });
  });
});

describe('an image', () => {
  const notFound = 'rpc error: code = NotFound desc = failed to pull: shop:9: not found';
  const pulling = (message: string, reason = 'ErrImagePull') => podOf(replicaSet(2), waitingFor(reason, message));

  it('that cannot be found is believed on the second sighting', () => {
    const once = new PullSightings();
    once.see(pulling(notFound));
    once.see(pulling(notFound));
    expect(verdictOn(() => pulling(notFound), { pulls: once }).state).toBe('waiting');
    expect(verdictOn(() => pulling(notFound), { pulls: seenTwice(pulling(notFound)) })).toEqual({
      state: 'failed',
      trouble: { code: 'ImageNotFound', object: 'Pod/web-2-x', message: 'image shop:9 of container web was not found' },
    });
  });

  it('that may not be pulled is told apart from one that is not there', () => {
    const denied = pulling('pull access denied, repository does not exist or may require authorization');
    expect(verdictOn(() => denied, { pulls: seenTwice(denied) })).toMatchObject({
      trouble: { code: 'ImagePullDenied' },
    });
  });

  it('is judged by the cause that came before the back-off, or by its event', () => {
    const backOff = pulling('Back-off pulling image "shop:9"', 'ImagePullBackOff');
    const pulls = new PullSightings();
    pulls.see(pulling(notFound));
    pulls.see({ ...backOff, metadata: { ...backOff.metadata, resourceVersion: '2' } });
    expect(verdictOn(() => backOff, { pulls })).toMatchObject({ trouble: { code: 'ImageNotFound' } });
    const told = event(backOff, 'Failed', `Failed to pull image "shop:9": ${notFound}`);
    const unheard = { pulls: seenTwice(backOff) };
    expect(verdictOn(() => backOff, unheard).state).toBe('waiting');
    expect(verdictOn(() => backOff, unheard, told)).toMatchObject({ trouble: { code: 'ImageNotFound' } });
  });

  it('is not judged by its own name: a tag may be a pull request’s number', () => {
    const codeOf = (tagged: string, message: string) => {
      const waiting = { reason: 'ErrImagePull', message: message.replaceAll('IMAGE', tagged) };
      const pod = podOf(replicaSet(2), { containerStatuses: [{ name: 'web', image: tagged, state: { waiting } }] });
      return verdictOn(() => pod, { pulls: seenTwice(pod) });
    };
    expect(codeOf('acme/shop:pr-403', 'failed to resolve reference "docker.io/IMAGE": IMAGE: not found')).toMatchObject(
      {
        trouble: { code: 'ImageNotFound' },
      },
    );
    expect(codeOf('acme/shop:pr-401', 'unexpected status from GET …/acme/shop/manifests/pr-401: 404')).toMatchObject({
      trouble: { code: 'ImageNotFound' },
    });
    expect(codeOf('acme/forbidden-city:404', 'failed to do request: IMAGE: i/o timeout').state).toBe('waiting');
    expect(
      codeOf('acme/shop:403', 'unexpected status from HEAD …/acme/shop/manifests/403: 403 Forbidden'),
    ).toMatchObject({ trouble: { code: 'ImagePullDenied' } });
  });

  it('is judged by what is said of itself, and not of another container', () => {
    const slow = pulling('failed to do request: dial tcp 192.0.2.1:443: i/o timeout');
    const other = [
      event(slow, 'Unhealthy', 'Readiness probe failed: HTTP probe failed with statuscode: 404'),
      event(slow, 'Failed', 'Failed to pull image "proxy:1": 403 Forbidden', { metadata: { name: 'other' } }),
    ];
    expect(verdictOn(() => slow, { pulls: seenTwice(slow) }, ...other).state).toBe('waiting');
  });

  it('whose registry has a bad moment is waited for', () => {
    const timeout = pulling('failed to do request: dial tcp 192.0.2.1:443: i/o timeout');
    expect(verdictOn(() => timeout, { pulls: seenTwice(timeout) }).state).toBe('waiting');
  });

  it('with an impossible name fails at once', () => {
    expect(verdictOn((set) => podOf(set, waitingFor('InvalidImageName')))).toMatchObject({
      trouble: { code: 'ImageNotFound', message: 'image shop:9 of container web is no valid image name' },
    });
  });
});

describe('configuration', () => {
  const missing = 'secret "payment" not found';

  it('that is missing fails at once', () => {
    expect(verdictOn((set) => podOf(set, waitingFor('CreateContainerConfigError', missing)))).toMatchObject({
      trouble: { code: 'ConfigMissing', message: expect.stringContaining('payment') },
    });
  });

  const mountFailed = (pod: KubernetesObject, message: string, over: object = {}) =>
    verdictOn(() => pod, {}, event(pod, 'FailedMount', `MountVolume.SetUp failed for volume "x" : ${message}`, over));

  it('that cannot be mounted is known from its event', () => {
    const pod = podOf(replicaSet(2), { phase: 'Pending' });
    const mount = (message: string, over: object = {}) => mountFailed(pod, message, over);
    expect(mount('configmap "settings" not found')).toMatchObject({ trouble: { code: 'ConfigMissing' } });
    expect(mount('configmap "kube-root-ca.crt" not found').state).toBe('waiting');
    expect(mount('configmap "settings" not found', { lastTimestamp: at(-3600) }).state).toBe('waiting');
  });

  it('that came late, but came, is no trouble', () => {
    const pod = podOf(replicaSet(2), { phase: 'Running', podIP: '192.0.2.7' });
    expect(mountFailed(pod, 'configmap "settings" not found').state).toBe('waiting');
  });

  it('may take a minute to appear where a custom resource could make it', () => {
    const custom = anObject('external-secrets.io/v1', 'ExternalSecret');
    const set = replicaSet(2);
    const young = podOf(set, waitingFor('CreateContainerConfigError', missing), { creationTimestamp: at(-10) });
    const old = podOf(set, waitingFor('CreateContainerConfigError', missing), { creationTimestamp: at(-61) });
    const judged = (pod: KubernetesObject) =>
      judge(aView([deployment(), custom, set, pod]), expecting([deployment(), custom])).state;
    expect(judged(young)).toBe('waiting');
    expect(judged(old)).toBe('failed');
  });
});

describe('a crash', () => {
  const crashing = (restartCount: number, terminated: object, field = 'containerStatuses') => ({
    [field]: [
      { name: 'web', restartCount, state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated } },
    ],
  });
  const ended = { exitCode: 3, reason: 'Error' };

  it('is believed at the third restart', () => {
    expect(verdictOn((set) => podOf(set, crashing(2, ended))).state).toBe('waiting');
    expect(verdictOn((set) => podOf(set, crashing(3, ended)))).toMatchObject({
      trouble: { code: 'CrashLoop', message: 'container web ends with exit code 3, 3 restarts' },
    });
  });

  it('of an init container counts as well', () => {
    expect(verdictOn((set) => podOf(set, crashing(3, ended, 'initContainerStatuses'))).state).toBe('failed');
  });

  it('for lack of memory says so', () => {
    expect(verdictOn((set) => podOf(set, crashing(3, { exitCode: 137, reason: 'OOMKilled' })))).toMatchObject({
      trouble: { message: expect.stringContaining('more memory than its limit') },
    });
  });

  it('long ago is forgiven to a container that is ready', () => {
    const well = { containerStatuses: [{ name: 'web', restartCount: 9, ready: true, state: { running: {} } }] };
    expect(verdictOn((set) => podOf(set, well)).state).toBe('waiting');
  });

  it('of a Job’s pod is for the Job to count', () => {
    const job = anObject('batch/v1', 'Job', { name: 'seed', status: { active: 1 } });
    const pod = podOf(job, crashing(5, ended));
    expect(judge(aView([job, pod]), expecting([job])).state).toBe('waiting');
  });
});

describe('pods of other revisions', () => {
  const failing = waitingFor('InvalidImageName');

  it('of a Deployment are not judged', () => {
    const old = replicaSet(1);
    expect(judge(aView([deployment(), old, replicaSet(2), podOf(old, failing)]), expecting([deployment()])).state).toBe(
      'waiting',
    );
  });

  it('are not judged before the controller has seen the new one', () => {
    const unseen = { ...deployment({ observedGeneration: 1 }) };
    const next = { ...unseen, metadata: { ...unseen.metadata, generation: 2 } };
    const set = replicaSet(2);
    expect(judge(aView([next, set, podOf(set, failing)]), expecting([next])).state).toBe('waiting');
  });

  it('of a StatefulSet are not judged, nor are those on their way out', () => {
    const set = anObject('apps/v1', 'StatefulSet', { name: 'db', status: { updateRevision: 'db-2' } });
    const pod = (hash: string, more: object = {}) =>
      podOf(set, failing, { labels: { 'controller-revision-hash': hash }, ...more });
    const judged = (found: KubernetesObject) => judge(aView([set, found]), expecting([set])).state;
    expect(judged(pod('db-1'))).toBe('waiting');
    expect(judged(pod('db-2', { deletionTimestamp: at(0) }))).toBe('waiting');
    expect(judged(pod('db-2'))).toBe('failed');
  });

  it('of a StatefulSet stop it for good where it waits for them and keeps them', () => {
    const set = (spec: object) =>
      anObject('apps/v1', 'StatefulSet', { name: 'db', spec, status: { updateRevision: 'db-2' } });
    const judged = (spec: object, ordinal: number) => {
      const pod = podOf(set(spec), failing, {
        name: `db-${ordinal}`,
        labels: { 'controller-revision-hash': 'db-1' },
      });
      return judge(aView([set(spec), pod]), expecting([set(spec)]));
    };
    const kept = { replicas: 2, updateStrategy: { type: 'OnDelete' } };
    expect(judged(kept, 1)).toMatchObject({ trouble: { code: 'RolloutStalled', object: 'Pod/db-1' } });
    expect(judged(kept, 2).state).toBe('waiting');
    expect(judged({ ...kept, ordinals: { start: 1 } }, 2).state).toBe('failed');
    expect(judged({ ...kept, podManagementPolicy: 'Parallel' }, 1).state).toBe('waiting');
    const rolling = (partition: number) => ({ type: 'RollingUpdate', rollingUpdate: { partition } });
    expect(judged({ replicas: 2, updateStrategy: rolling(2) }, 1).state).toBe('failed');
    expect(judged({ replicas: 2, updateStrategy: rolling(1) }, 1).state).toBe('waiting');
  });

  it('of a CronJob’s Jobs are not judged at all', () => {
    const cron = anObject('batch/v1', 'CronJob', { name: 'nightly' });
    const job = anObject('batch/v1', 'Job', { name: 'nightly-1', ...ownedBy(cron) });
    expect(judge(aView([cron, job, podOf(job, failing)]), expecting([cron])).state).toBe('ready');
  });
});

describe('a pod that no node takes', () => {
  const unschedulable = (since: number) => ({
    phase: 'Pending',
    conditions: [
      condition('PodScheduled', 'False', {
        reason: 'Unschedulable',
        message: '0/3 nodes',
        lastTransitionTime: at(-since),
      }),
    ],
  });

  const early = { startedAt: noon - 4 * minute };

  it('is given time for an autoscaler', () => {
    expect(verdictOn((set) => podOf(set, unschedulable(179)), early).state).toBe('waiting');
    expect(verdictOn((set) => podOf(set, unschedulable(180)), early)).toMatchObject({
      trouble: { code: 'Unschedulable', message: 'no node can take it: 0/3 nodes' },
    });
  });

  const withClaim = (set: KubernetesObject, status: object) => ({
    ...podOf(set, status),
    spec: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] },
  });

  it('is given none where its claim is missing', () => {
    const message = '0/3 nodes are available: persistentvolumeclaim "data" not found.';
    const lacking = (since: number) => ({
      conditions: [{ ...unschedulable(since).conditions[0], message }],
    });
    expect(verdictOn((set) => withClaim(set, lacking(4)), early).state).toBe('waiting');
    expect(verdictOn((set) => withClaim(set, lacking(5)), early)).toMatchObject({
      trouble: { code: 'Unschedulable', message: `no node can take it: ${message}` },
    });
  });

  it('is given none where its claim’s class is missing, and is told what the claim suffers from', () => {
    const claim = anObject('v1', 'PersistentVolumeClaim', { name: 'data' });
    const told = 'storageclass.storage.k8s.io "fast" not found';
    const refusal = event(claim, 'ProvisioningFailed', told);
    expect(verdictOn((set) => withClaim(set, unschedulable(4)), early, refusal).state).toBe('waiting');
    expect(verdictOn((set) => withClaim(set, unschedulable(5)), early, refusal)).toMatchObject({
      trouble: {
        code: 'Unschedulable',
        message: `no node can take it: 0/3 nodes; PersistentVolumeClaim/data: ${told}`,
      },
    });
    const full = event(claim, 'ProvisioningFailed', 'no capacity left');
    expect(verdictOn((set) => withClaim(set, unschedulable(5)), early, full).state).toBe('waiting');
  });
});

describe('pods that cannot be made', () => {
  const quota = 'pods "web-2-x" is forbidden: exceeded quota: berth, requested: pods=1';
  const refused = (message: string, count = 1) => {
    const set = replicaSet(2);
    return judge(aView([deployment(), set, event(set, 'FailedCreate', message, { count })]), expecting([deployment()]));
  };

  it('for a quota fail at once, by the condition or by the event', () => {
    const set = replicaSet(2, {
      conditions: [condition('ReplicaFailure', 'True', { reason: 'FailedCreate', message: quota })],
    });
    expect(judge(aView([deployment(), set]), expecting([deployment()]))).toMatchObject({
      trouble: { code: 'QuotaExceeded' },
    });
    expect(refused(quota)).toMatchObject({ trouble: { code: 'QuotaExceeded', object: 'ReplicaSet/web-2' } });
  });

  it('for a quota are waited for while there may be room in it', () => {
    const full =
      'exceeded quota: berth, requested: pods=1,requests.cpu=50m, used: pods=3,requests.cpu=1, limited: pods=3';
    const other = (status: object) =>
      anObject('apps/v1', 'Deployment', { name: 'api', spec: { replicas: 1 }, status: { replicas: 1, ...status } });
    const quotaWith = (used: object) => anObject('v1', 'ResourceQuota', { name: 'berth', status: { used } });
    const refusedBeside = (...objects: KubernetesObject[]) => {
      const set = replicaSet(2);
      const told = event(set, 'FailedCreate', full);
      return judge(aView([deployment(), set, told, ...objects]), expecting([deployment()])).state;
    };
    const refusedToo = { conditions: [condition('ReplicaFailure', 'True')] };
    const orphan = anObject('apps/v1', 'ReplicaSet', { name: 'gone', ...ownedBy(other({})), status: { replicas: 1 } });
    const set = replicaSet(2, { replicas: 1 });
    const made = { ...set, spec: { replicas: 1 } };

    expect(refusedBeside(quotaWith({ pods: '3', 'requests.cpu': '1' }))).toBe('failed');
    expect(refusedBeside(quotaWith({ pods: '2', 'requests.cpu': '1' }))).toBe('waiting');
    expect(refusedBeside(other({ updatedReplicas: 1 }))).toBe('failed');
    expect(refusedBeside(other({ updatedReplicas: 0 }))).toBe('waiting');
    expect(refusedBeside(other({ updatedReplicas: 0, ...refusedToo }))).toBe('failed');
    expect(refusedBeside(other({ updatedReplicas: 1, observedGeneration: 0 }))).toBe('waiting');
    expect(refusedBeside(anObject('v1', 'Pod', { deletionTimestamp: at(0) }))).toBe('waiting');
    expect(refusedBeside(orphan)).toBe('waiting');
    expect(judge(aView([deployment(), made, event(made, 'FailedCreate', full)]), expecting([deployment()])).state).toBe(
      'waiting',
    );
  });

  it('for an admission that says no fail at once', () => {
    expect(refused('pods "x" is forbidden: violates PodSecurity "baseline:latest": privileged')).toMatchObject({
      trouble: { code: 'ApplyRejected' },
    });
    expect(refused('admission webhook "policy.example.com" denied the request: no')).toMatchObject({
      trouble: { code: 'ApplyRejected' },
    });
  });

  it('for what passes by itself are waited for a few times', () => {
    const account = 'error looking up service account stg-a/default: serviceaccount "default" not found';
    expect(refused(account).state).toBe('waiting');
    expect(refused(account, 5)).toMatchObject({ trouble: { code: 'RolloutStalled' } });
  });

  it('are believed to be refused however many events the refusals are spread over', () => {
    const set = replicaSet(2);
    const events = [1, 2, 3, 4, 5].map((pod) => {
      const refusal = event(set, 'FailedCreate', `pods "web-2-${pod}" is forbidden: no such account`);
      return { ...refusal, metadata: { ...refusal.metadata, name: `event-${pod}` } };
    });
    const verdict = (count: number) =>
      judge(aView([deployment(), set, ...events.slice(0, count)]), expecting([deployment()]));
    expect(verdict(4).state).toBe('waiting');
    expect(verdict(5)).toMatchObject({ trouble: { code: 'RolloutStalled', object: 'ReplicaSet/web-2' } });
  });

  it('of a Job or StatefulSet are known from events', () => {
    const job = anObject('batch/v1', 'Job', { status: {} });
    expect(judge(aView([job, event(job, 'FailedCreate', quota)]), expecting([job])).state).toBe('failed');
    const before = event(job, 'FailedCreate', quota, { lastTimestamp: at(-3600) });
    expect(judge(aView([job, before]), expecting([job])).state).toBe('waiting');
  });
});

describe('what an earlier deploy left behind', () => {
  const before = { creationTimestamp: at(-3600) };
  const oldPod = (status: object) => podOf(replicaSet(2), status, before);
  /** This deploy began a minute ago, and wrote its objects some seconds ago: a hook ran before. */
  const written = (seconds: number, status: object = {}): KubernetesObject => {
    const found = deployment(status);
    const managedFields = [
      { manager: 'kube-controller-manager', operation: 'Update', time: at(0) },
      { manager: 'berth', operation: 'Apply', time: at(-seconds) },
    ];
    return { ...found, metadata: { ...found.metadata, managedFields } };
  };
  const stateOf = (web: KubernetesObject, ...more: KubernetesObject[]) =>
    judge(aView([web, replicaSet(2), ...more]), expecting([web])).state;

  it('may crash until it has been started with what this deploy brought', () => {
    const crashed = (seconds: number) =>
      oldPod({
        containerStatuses: [
          {
            name: 'web',
            restartCount: 9,
            state: { waiting: { reason: 'CrashLoopBackOff' } },
            lastState: { terminated: { exitCode: 1, finishedAt: at(-seconds) } },
          },
        ],
      });
    expect(stateOf(deployment(), crashed(240))).toBe('waiting');
    expect(stateOf(deployment(), crashed(30))).toBe('failed');
    expect(stateOf(written(10), crashed(30))).toBe('waiting');
    expect(stateOf(written(40), crashed(30))).toBe('failed');
  });

  it('may have restarted often, and be unready for a moment', () => {
    const restarted = oldPod({
      containerStatuses: [
        {
          name: 'web',
          restartCount: 4,
          ready: false,
          state: { running: {} },
          lastState: { terminated: { exitCode: 1, finishedAt: at(-86_400) } },
        },
      ],
    });
    expect(stateOf(deployment(), restarted)).toBe('waiting');
  });

  it('may miss a Secret until its kubelet has looked again', () => {
    const missing = oldPod(waitingFor('CreateContainerConfigError', 'secret "payment" not found'));
    expect(stateOf(written(19), missing)).toBe('waiting');
    expect(stateOf(written(20), missing)).toBe('failed');
  });

  it('may have failed to mount what was not there yet', () => {
    const pod = oldPod({ phase: 'Pending' });
    const told = (seconds: number) =>
      event(pod, 'FailedMount', 'MountVolume.SetUp failed for volume "x" : configmap "settings" not found', {
        lastTimestamp: at(-seconds),
      });
    expect(stateOf(written(20), pod, told(16))).toBe('waiting');
    expect(stateOf(written(20), pod, told(15))).toBe('failed');
  });

  it('is given the time for an autoscaler anew', () => {
    const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', lastTransitionTime: at(-3600) };
    const pod = oldPod({ phase: 'Pending', conditions: [condition] });
    expect(stateOf(deployment(), pod)).toBe('waiting');
  });

  it('may have been refused by a quota that is another now', () => {
    const refusedAt = (seconds: number, more: object = {}) => {
      const lastTransitionTime = at(-seconds);
      const message = 'exceeded quota: berth';
      const conditions = [condition('ReplicaFailure', 'True', { reason: 'FailedCreate', message, lastTransitionTime })];
      return { ...replicaSet(2, { conditions, ...more }) };
    };
    const judged = (set: KubernetesObject, ...more: KubernetesObject[]) =>
      judge(aView([deployment(), set, ...more]), expecting([deployment()])).state;
    expect(judged(refusedAt(3600))).toBe('waiting');
    expect(judged(refusedAt(30, { observedGeneration: 0 }))).toBe('waiting');
    expect(judged(refusedAt(30))).toBe('failed');
    const again = event(replicaSet(2), 'FailedCreate', 'exceeded quota: berth');
    expect(judged(refusedAt(3600), again)).toBe('failed');
  });

  it('may have stalled, and get well with the same pods', () => {
    const stalled = (seconds: number) => ({
      conditions: [
        condition('Progressing', 'False', { reason: 'ProgressDeadlineExceeded', lastUpdateTime: at(-seconds) }),
      ],
    });
    expect(stateOf(deployment(stalled(3600)))).toBe('waiting');
    expect(stateOf(deployment(stalled(30)))).toBe('failed');
  });
});
