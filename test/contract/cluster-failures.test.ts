import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { diagnose } from '../../lambdas/actions/diagnose.ts';
import { containersOf } from '../../lambdas/domain/health/containers.ts';
import { textAt } from '../../lambdas/domain/health/fields.ts';
import type { KubernetesObject } from '../../lambdas/domain/kubernetes-object.ts';
import { until } from '../support/berth-api.ts';
import { deploy, failing } from '../support/carry-out.ts';
import { startTestCluster, type TestCluster } from '../support/cluster.ts';
import { aConfigMap, aDeployer, aDeployment, aJob, aStatefulSet, freshName, image } from '../support/deploys.ts';
import { lateOnce } from '../support/late-client.ts';
import { aClaim, aDaemonSet, aPod, claimed, withContainer, withPod } from '../support/objects.ts';
import { quotaIsFelt } from '../support/quota.ts';
import { aBlueprint } from '../support/world.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster();
});
afterAll(() => cluster.close());

/** Of blueprints whose pods may be asked for more than any node has. */
const plenty = { cpu: '100000', memory: '1Ti', pods: 10, storage: '10Gi' };
const usual = () => aDeployer(cluster.client);
const impatient = () =>
  aDeployer(cluster.client, {
    blueprint: aBlueprint({ limits: plenty, health: { unschedulableGrace: '1s' } }),
  });

const requesting = (cpu: string): object => ({ resources: { requests: { cpu } } });
const init = (tag: string): object => ({ initContainers: [{ name: 'setup', image: image(tag) }] });
const volume = (source: object): [object, object] => [
  { volumeMounts: [{ name: 'data', mountPath: '/data' }] },
  { volumes: [{ name: 'data', ...source }] },
];
const keyOf = (source: 'configMapKeyRef' | 'secretKeyRef', name: string, key: string): object => ({
  env: [{ name: 'X', valueFrom: { [source]: { name, key } } }],
});
const privileged = { securityContext: { privileged: true } };

describe.concurrent('a deploy that fails', () => {
  it.each<[string, string, KubernetesObject[], RegExp]>([
    [
      'ImageNotFound',
      'a missing image',
      [aDeployment('web', image('missing'))],
      /^Pod\/web-\S+: image \S+:missing of container web was not found$/,
    ],
    ['ImageNotFound', 'a name that is none', [aDeployment('web', 'Not A Name')], /no valid image name/],
    ['ImageNotFound', 'a StatefulSet’s image', [aStatefulSet('database', image('missing'))], /^Pod\/database-0: /],
    [
      'ImageNotFound',
      'an init container’s image',
      [withContainer('web', {}, init('missing'))],
      /^Pod\/web-\S+: image \S+ of container setup was not found$/,
    ],
    ['ImagePullDenied', 'an image that is somebody else’s', [aDeployment('web', image('denied'))], /may not be pulled/],
    [
      'CrashLoop',
      'a container that ends',
      [aDeployment('web', image('crash'))],
      /container web ends with exit code 1, 3 restarts$/,
    ],
    [
      'CrashLoop',
      'an init container that fails',
      [withContainer('web', {}, init('exit-1'))],
      /^Pod\/web-\S+: container setup ends with exit code 1, 3 restarts$/,
    ],
    [
      'CrashLoop',
      'a DaemonSet’s container',
      [aDaemonSet('agent', image('crash'))],
      /^Pod\/agent-\S+: container agent /,
    ],
    ['CrashLoop', 'too little memory', [aDeployment('web', image('oom'))], /more memory than its limit/],
    ['CrashLoop', 'a Job', [aJob('seed', image('exit-1'))], /^Job\/seed: failed: /],
    [
      'CrashLoop',
      'a Job that removes itself when it has ended',
      [aJob('seed', image('exit-1'), { ttlSecondsAfterFinished: 60 })],
      /^Job\/seed: failed: /,
    ],
    [
      'CrashLoop',
      'a pod of its own',
      [aPod('once', image('crash'), { restartPolicy: 'Never' })],
      /^Pod\/once: ended with a failure: /,
    ],
    [
      'ConfigMissing',
      'a Secret',
      [withContainer('web', { envFrom: [{ secretRef: { name: 'absent' } }] })],
      /secret "absent" not found/,
    ],
    [
      'ConfigMissing',
      'a ConfigMap',
      [withContainer('web', { envFrom: [{ configMapRef: { name: 'absent' } }] })],
      /configmap "absent" not found/,
    ],
    [
      'ConfigMissing',
      'a key of a ConfigMap',
      [aConfigMap('settings'), withContainer('web', keyOf('configMapKeyRef', 'settings', 'absent'))],
      /couldn't find key absent in ConfigMap \S+\/settings/,
    ],
    [
      'ConfigMissing',
      'a Secret to mount',
      [withContainer('web', ...volume({ secret: { secretName: 'absent' } }))],
      /volume "data" : secret "absent" not found/,
    ],
    [
      'ConfigMissing',
      'a ConfigMap to mount',
      [withContainer('web', ...volume({ configMap: { name: 'absent' } }))],
      /volume "data" : configmap "absent" not found/,
    ],
    [
      'ApplyRejected',
      'a pod that is too mighty',
      [aPod('once', image('1.0'), { hostNetwork: true })],
      /^Pod\/once: .*violates PodSecurity "baseline/,
    ],
    [
      'ApplyRejected',
      'a Deployment’s pods that are too mighty',
      [withContainer('web', privileged)],
      /^ReplicaSet\/web-\S+: its pods are refused: .*violates PodSecurity "baseline/,
    ],
    [
      'RolloutStalled',
      'a rollout that makes no progress',
      [aDeployment('web', image('never-ready'), { progressDeadlineSeconds: 1 })],
      /^Deployment\/web: ReplicaSet "web-\S+" has timed out progressing/,
    ],
    [
      'RolloutStalled',
      'a rollout that is paused',
      [aDeployment('web', image('1.0'), { paused: true })],
      /its rollout is paused/,
    ],
    [
      'ApplyRejected',
      'a rollout that may neither add a pod nor take one away',
      [aDeployment('web', image('1.0'), { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } })],
      /^Deployment\/web: spec\.strategy\.rollingUpdate\.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0$/,
    ],
    [
      'ApplyRejected',
      'a name for nothing',
      [{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'database' }, spec: { type: 'ExternalName' } }],
      /^Service\/database: spec\.externalName: Required value$/,
    ],
    [
      'RolloutStalled',
      'a priority that nobody knows',
      [withContainer('web', {}, { priorityClassName: 'absent' })],
      /^ReplicaSet\/web-\S+: can't make its pods: .*no PriorityClass with name absent was found/,
    ],
    [
      'RolloutStalled',
      'pods that can’t be made',
      [withContainer('web', {}, { serviceAccountName: 'absent' })],
      /^ReplicaSet\/web-\S+: can't make its pods: .*serviceaccount "absent" not found/,
    ],
    [
      'TimedOut',
      'a Job that takes too long',
      [aJob('seed', image('slow'), { activeDeadlineSeconds: 1 })],
      /^Job\/seed: failed: Job was active longer than specified deadline/,
    ],
  ])('names %s: %s', async (reason, _what, objects, message) => {
    const error = await failing(usual(), objects);
    expect([error.name, error.message]).toEqual([reason, expect.stringMatching(message)]);
  });

  it.each<[string, KubernetesObject, RegExp]>([
    ['a Deployment’s pods', withContainer('web', requesting('40')), /^ReplicaSet\/.*exceeded quota/],
    ['a StatefulSet’s pods', greedy(aStatefulSet('database')), /^StatefulSet\/database: .*exceeded quota/],
    ['a Job’s pods', greedy(aJob('seed')), /^Job\/seed: .*exceeded quota/],
    [
      'a pod of its own',
      aPod('once', image('1.0'), { containers: [{ name: 'web', image: image('1.0'), ...requesting('40') }] }),
      /^Pod\/once: .*exceeded quota/,
    ],
    [
      'a volume',
      aClaim('data', { resources: { requests: { storage: '1Ti' } } }),
      /^PersistentVolumeClaim\/data: .*exceeded quota/,
    ],
  ])('names QuotaExceeded at once: %s', async (_what, object, message) => {
    const deployer = usual();
    const name = freshName();
    await deploy(deployer, name, [aConfigMap('settings')]);
    await quotaIsFelt(cluster, `stg-${name}`);
    const error = await failing(deployer, [object], [], name);
    expect([error.name, error.message]).toEqual(['QuotaExceeded', expect.stringMatching(message)]);
  });

  it.each<[string, KubernetesObject[], RegExp]>([
    [
      'a place',
      [
        withPod('web', {
          nodeSelector: { 'example.com/none': 'yes' },
          containers: [{ name: 'web', image: image('1.0') }],
        }),
      ],
      /node affinity\/selector/,
    ],
    ['room', [withContainer('web', requesting('90000'))], /Insufficient cpu/],
    [
      'a volume',
      [aClaim('data', { storageClassName: 'absent' }), withContainer('web', {}, { volumes: [claimed('data')] })],
      /unbound immediate PersistentVolumeClaims/,
    ],
  ])('names the pod that no node can take for want of %s, after a grace', async (_what, objects, message) => {
    const error = await failing(impatient(), objects);
    expect([error.name, error.message]).toEqual([
      'Unschedulable',
      expect.stringMatching(/^Pod\/web-\S+: no node can take it: /),
    ]);
    expect(error.message).toMatch(message);
  });

  it.each<[string, object]>([
    ['OnDelete', { type: 'OnDelete' }],
    ['a partition', { type: 'RollingUpdate', rollingUpdate: { partition: 1 } }],
  ])('names the pod of an earlier deploy that a StatefulSet waits for and keeps: %s', async (_what, updateStrategy) => {
    const deployer = usual();
    const name = freshName();
    await failing(deployer, [aStatefulSet('database', image('missing'), { updateStrategy })], [], name);
    const error = await failing(deployer, [aStatefulSet('database', image('2.0'), { updateStrategy })], [], name);
    expect([error.name, error.message]).toEqual([
      'RolloutStalled',
      expect.stringMatching(
        /^Pod\/database-0: is of an earlier deploy, and StatefulSet\/database .*: image \S+:missing/,
      ),
    ]);
  });

  it('names what is not ready when the time is over', async () => {
    let offset = 0;
    const name = freshName();
    const deployer = aDeployer(cluster.client, { now: () => Date.now() + offset });
    const failure = failing(deployer, [aDeployment('web', image('never-ready'))], [], name);
    await until(async () => {
      const { objects } = await cluster.operator.list('v1', 'Event', { namespace: `stg-${name}` });
      return objects.some((event) => textAt(event, 'reason') === 'Unhealthy');
    });
    offset = 60_000;
    const error = await failure;
    expect([error.name, error.message]).toEqual([
      'TimedOut',
      // And, where it has come by then, what the cluster said last.
      expect.stringMatching(
        /^Deployment\/web: not ready in time: 0 of 1 pods available( \(Readiness probe failed: .*\))?$/,
      ),
    ]);
  });

  it('names the address that answers with an error, although all is ready', async () => {
    const server = createServer((_request, response) => response.writeHead(500).end()).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const blueprint = aBlueprint({ health: { timeout: '1s', probes: [{ path: '/health' }] } });
    const deployer = aDeployer(cluster.client, { blueprint });
    deployer.deps.probeBaseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const error = await failing(deployer, [aConfigMap('settings')]);
    server.close();
    expect([error.name, error.message]).toEqual([
      'ProbeFailed',
      expect.stringMatching(/^https:\/\/\S+\.staging\.example\.com\/health answers 500, and not 200$/),
    ]);
  });

  it('is diagnosed with events, exit code and the last words of the container', async () => {
    const deployer = usual();
    const name = freshName();
    const { name: Error, message } = await failing(deployer, [aDeployment('web', image('crash'))], [], name);
    const cause = JSON.stringify({ errorType: Error, errorMessage: message, trace: [] });
    const { failure } = await diagnose(deployer.deps, name, { Error, Cause: cause });
    expect(failure.reason).toMatchObject({ code: 'CrashLoop', object: expect.stringMatching(/^Pod\/web-/) });
    expect(failure.diagnosis?.containers[0]).toMatchObject({ container: 'web', exitCode: 1 });
    expect(failure.diagnosis?.containers[0]?.logs.length).toBeGreaterThan(0);
    expect(failure.diagnosis?.events.map(({ reason }) => reason)).toContain('BackOff');
  });

  it('is diagnosed with the last words of the container that those after it wait for', async () => {
    const runs = (pod: KubernetesObject) => containersOf(pod).some(({ isInit, state }) => isInit && state?.running);
    const { client, now } = lateOnce(cluster.client, runs);
    const deployer = aDeployer(client, { now });
    const name = freshName();
    const startupProbe = { httpGet: { path: '/', port: 80 }, failureThreshold: 100 };
    const sidecar = { name: 'proxy', image: image('never-ready'), restartPolicy: 'Always', startupProbe };
    const waiting = withContainer('web', {}, { initContainers: [sidecar] });
    const { name: Error, message } = await failing(deployer, [waiting], [], name);
    expect(Error).toBe('TimedOut');
    const cause = JSON.stringify({ errorType: Error, errorMessage: message, trace: [] });
    const { failure } = await diagnose(deployer.deps, name, { Error, Cause: cause });
    expect(failure.diagnosis?.containers).toMatchObject([{ container: 'proxy', state: 'running' }]);
    expect(failure.diagnosis?.containers[0]?.logs.length).toBeGreaterThan(0);
  });
});

/** The same object, whose pods want more than their staging's quota has. */
function greedy(object: KubernetesObject): KubernetesObject {
  const { template, ...spec } = Object(object.spec);
  const containers = template.spec.containers.map((container: object) => ({ ...container, ...requesting('40') }));
  return { ...object, spec: { ...spec, template: { ...template, spec: { ...template.spec, containers } } } };
}
