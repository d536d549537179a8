import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyWorkload } from '../../lambdas/actions/apply-workload.ts';
import { showWorkload } from '../../lambdas/actions/show-workload.ts';
import type { KubernetesObject } from '../../lambdas/domain/kubernetes-object.ts';
import { refOf } from '../../lambdas/domain/object-ref.ts';
import { until } from '../support/berth-api.ts';
import { deploy, failing } from '../support/carry-out.ts';
import { startTestCluster, type TestCluster } from '../support/cluster.ts';
import {
  aConfigMap,
  aDeployer,
  aDeployment,
  aJob,
  anIngress,
  aService,
  aStatefulSet,
  freshName,
  image,
} from '../support/deploys.ts';
import {
  aBudget,
  aClaim,
  aCronJob,
  aDaemonSet,
  anAutoscaler,
  aPod,
  aSecret,
  aWidget,
  aWidgetDefinition,
  claimed,
  withContainer,
} from '../support/objects.ts';
import { inNamespace, tellConditions } from '../support/other-writers.ts';

let cluster: TestCluster;
const group = `${freshName()}.example.com`;
const definition = aWidgetDefinition(group);
/** A class of ingresses that no controller looks after, and one of volumes that are made when a pod wants them. */
const nobodys = freshName();
const classes: KubernetesObject[] = [
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name: nobodys },
    spec: { controller: 'example.com/nobody' },
  },
  {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: nobodys },
    provisioner: 'kubernetes.io/host-path',
    volumeBindingMode: 'WaitForFirstConsumer',
  },
];

beforeAll(async () => {
  cluster = await startTestCluster();
  for (const object of [definition, ...classes]) await cluster.operator.apply(object);
  await until(async () => (await cluster.client.discovery.find(`${group}/v1`, 'Widget')) !== undefined);
});
afterAll(async () => {
  for (const object of [definition, ...classes]) await cluster.operator.remove(refOf(object));
  await cluster.close();
});

const balanced = (name: string, spec: object = {}): KubernetesObject => {
  const service = aService(name);
  return { ...service, spec: { ...Object(service.spec), type: 'LoadBalancer', ...spec } };
};
const unserved = (name: string): KubernetesObject => {
  const ingress = anIngress(name);
  return { ...ingress, spec: { ...Object(ingress.spec), ingressClassName: nobodys } };
};
const widgetRef = (name: string, staging: string) => refOf(inNamespace(aWidget(group, name), `stg-${staging}`));

type Expected = readonly [object: KubernetesObject, message: string | RegExp];
const expectedView = (expected: readonly Expected[], isReady: boolean) =>
  expect.arrayContaining(
    expected.map(([{ kind, metadata }, message]) =>
      expect.objectContaining({ object: `${kind}/${metadata.name}`, isReady, message: expect.stringMatching(message) }),
    ),
  );

describe.concurrent('a workload', () => {
  it('is healthy when each object is, by the rule of its kind', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    const well: Expected[] = [
      [aDeployment('web', undefined, { replicas: 2 }), /^2 of 2 pods ready$/],
      [aStatefulSet('database'), /^1 of 1 pods ready$/],
      [aDaemonSet('agent'), /^(\d) of \1 pods ready$/],
      [aJob('seed'), /^complete$/],
      [aJob('later', image('1.0'), { suspend: true }), /^suspended$/],
      [aCronJob('nightly'), /^ready$/],
      [aPod('alone'), /^ready$/],
      [aPod('once', image('exit-0'), { restartPolicy: 'Never' }), /^(ready|done)$/],
      [aClaim('cache'), /^bound$/],
      [withContainer('cached', {}, { volumes: [claimed('cache')] }), /^1 of 1 pods ready$/],
      [aClaim('unused', { storageClassName: nobodys }), /^unbound until a pod uses it$/],
      [aService('web'), /^ready$/],
      [balanced('outside'), /^ready$/],
      [anIngress('web'), /^ready$/],
      [anAutoscaler('web', 'web'), /^ready$/],
      [aBudget('web', 'web'), /^ready$/],
      [aWidget(group, 'plain'), /^ready$/],
      [aConfigMap('settings'), /^ready$/],
      [aSecret('password'), /^written; not read back$/],
    ];
    await deploy(
      deployer,
      name,
      well.map(([object]) => object),
    );
    const { objects } = await showWorkload(deployer.deps, name);
    expect(objects).toEqual(expectedView(well, true));
    expect(objects).toHaveLength(well.length);
  });

  it('tells of each object that is not what it waits for', async ({ expect }) => {
    let offset = 0;
    const deployer = aDeployer(cluster.client, { now: () => cluster.now() + offset });
    const name = freshName();
    const unwell: Expected[] = [
      [aDeployment('web', image('never-ready')), /^0 of 1 pods available$/],
      [aDeployment('stopped', image('1.0'), { paused: true }), /^its rollout is paused$/],
      [aStatefulSet('database', image('missing')), /^0 of 1 pods ready$/],
      [aDaemonSet('agent', image('missing')), /^0 of \d pods available$/],
      [aJob('seed', image('missing')), /^runs, not complete$/],
      [aJob('broken', image('exit-1')), /^failed: Job has reached the specified backoff limit$/],
      [aPod('alone', image('missing')), /^is Pending, not ready$/],
      [aPod('once', image('crash'), { restartPolicy: 'Never' }), /^ended with a failure: /],
      [aClaim('cache', { storageClassName: 'absent' }), /^is not bound to a volume yet$/],
      [withContainer('cached', {}, { volumes: [claimed('cache')] }), /^0 of 1 pods available$/],
      [balanced('outside', { loadBalancerClass: 'example.com/nobody' }), /^has no load balancer yet$/],
      [anAutoscaler('lost', 'absent'), /deployments.apps "absent" not found$/],
      [aWidget(group, 'unready'), /^wheels are missing$/],
      [aWidget(group, 'busy'), /^is being painted$/],
      [aWidget(group, 'stalled'), /^is out of paint$/],
    ];
    const ingress: Expected = [unserved('web'), /^has no address yet$/];
    const acting = deployer.requestDeploy(
      name,
      [...unwell, ingress].map(([object]) => object),
    );
    await applyWorkload(deployer.deps, acting);
    const told = { unready: 'wheels are missing', busy: 'is being painted', stalled: 'is out of paint' };
    const types = { unready: ['Ready', 'False'], busy: ['Reconciling', 'True'], stalled: ['Stalled', 'True'] } as const;
    for (const [widget, [type, status]] of Object.entries(types)) {
      const message = told[widget as keyof typeof told];
      await tellConditions(cluster, widgetRef(widget, name), [{ type, status, reason: 'Because', message }]);
    }
    const view = async () => (await showWorkload(deployer.deps, name)).objects;
    // An autoscaler is looked at every fifteen seconds only.
    await expect.poll(view, { timeout: 40_000 }).toEqual(expectedView([...unwell, ingress], false));
    // What its controller keeps to itself for so long, it never tells.
    offset = 31_000;
    expect(await view()).toEqual(expectedView([[ingress[0], /^without an address$/]], true));
  });

  it('waits for a custom resource until its controller says that it is ready', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    const acting = deployer.requestDeploy(name, [aWidget(group, 'one')]);
    await applyWorkload(deployer.deps, acting);
    await tellConditions(cluster, widgetRef('one', name), [{ type: 'Ready', status: 'False', message: 'no paint' }]);
    const deploying = deploy(deployer, name, [aWidget(group, 'one')]);
    await until(() => deployer.progress.some(({ message }) => message === 'Widget/one: no paint'));
    await tellConditions(cluster, widgetRef('one', name), [{ type: 'Ready', status: 'True' }]);
    await deploying;
    expect((await showWorkload(deployer.deps, name)).objects).toMatchObject([{ object: 'Widget/one', isReady: true }]);
  });

  it('fails with a custom resource whose controller has given up', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    await deploy(deployer, name, [aWidget(group, 'one')]);
    await tellConditions(cluster, widgetRef('one', name), [{ type: 'Stalled', status: 'True', message: 'no paint' }]);
    const error = await failing(deployer, [aWidget(group, 'one')], [], name);
    expect([error.name, error.message]).toEqual(['RolloutStalled', 'Widget/one: no paint']);
  });
});
