import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { showWorkload } from '../../lambdas/actions/show-workload.ts';
import type { KubernetesClient } from '../../lambdas/cluster/client.ts';
import { KubernetesError } from '../../lambdas/cluster/errors.ts';
import { readInventory } from '../../lambdas/cluster/keep-inventory.ts';
import type { KubernetesObject } from '../../lambdas/domain/kubernetes-object.ts';
import { refOf } from '../../lambdas/domain/object-ref.ts';
import { until } from '../support/berth-api.ts';
import { deploy, failing, tearDown } from '../support/carry-out.ts';
import { startTestCluster, type TestCluster } from '../support/cluster.ts';
import { aConfigMap, aDeployer, aDeployment, aHook, aJob, freshName, image } from '../support/deploys.ts';
import { aClaim, aClusterRole, aPod, aSecret, aWidget, aWidgetDefinition } from '../support/objects.ts';
import { inNamespace, writeAs } from '../support/other-writers.ts';
import { quotaIsFelt } from '../support/quota.ts';
import { aBlueprint, theseBlueprints } from '../support/world.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster();
});
afterAll(() => cluster.close());

const get = (apiVersion: string, kind: string, name: string, namespace?: string) =>
  cluster.operator.get({ apiVersion, kind, name, namespace });

/** The client of somebody who has no right to read a kind. */
function withoutReading(kind: string): KubernetesClient {
  const { client } = cluster;
  const refuse = () => new KubernetesError(403, 'Forbidden', `${kind} is forbidden`, []);
  return {
    ...client,
    get: (ref) => (ref.kind === kind ? Promise.reject(refuse()) : client.get(ref)),
    list: (...given) => (given[1] === kind ? Promise.reject(refuse()) : client.list(...given)),
  };
}

/** The same client, which tells of each request that it makes; a watch counts as one. */
function counting(client: KubernetesClient, tell: () => void): KubernetesClient {
  const told = <Answer>(answer: Answer): Answer => {
    tell();
    return answer;
  };
  return {
    ...client,
    get: (...given) => told(client.get(...given)),
    list: (...given) => told(client.list(...given)),
    watch: (...given) => told(client.watch(...given)),
    create: (...given) => told(client.create(...given)),
    apply: (...given) => told(client.apply(...given)),
    annotate: (...given) => told(client.annotate(...given)),
    remove: (...given) => told(client.remove(...given)),
  };
}

describe.concurrent('what is applied', () => {
  it('marks namespace and objects as its own, with their generation', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    await deploy(deployer, name, [aConfigMap('settings')]);
    await deploy(deployer, name, [aConfigMap('settings')]);
    const namespace = await get('v1', 'Namespace', `stg-${name}`);
    expect(namespace?.metadata.labels).toMatchObject({
      'app.kubernetes.io/managed-by': 'berth',
      'berth.dev/staging': name,
      'berth.dev/installation': 'berth-test',
      'pod-security.kubernetes.io/enforce': 'baseline',
    });
    for (const object of [
      namespace,
      await get('v1', 'ConfigMap', 'settings', `stg-${name}`),
      await get('v1', 'ResourceQuota', 'berth', `stg-${name}`),
      await get('v1', 'LimitRange', 'berth', `stg-${name}`),
      await get('networking.k8s.io/v1', 'NetworkPolicy', 'berth', `stg-${name}`),
      await get('v1', 'ConfigMap', 'berth-inventory', `stg-${name}`),
    ]) {
      expect(object?.metadata.annotations?.['berth.dev/generation']).toBe('2');
      expect(object?.metadata.labels?.['berth.dev/staging']).toBe(name);
    }
  });

  it('removes what is no longer wanted, and keeps what others put there', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    const namespace = `stg-${name}`;
    const keeping = aConfigMap('three');
    const kept = { ...keeping, metadata: { name: 'three', annotations: { 'helm.sh/resource-policy': 'keep' } } };
    await deploy(deployer, name, [aConfigMap('one'), aConfigMap('two'), kept, aDeployment('web')]);
    await cluster.operator.create(inNamespace(aConfigMap('theirs'), namespace));
    await deploy(deployer, name, [aConfigMap('two')]);
    expect(await get('v1', 'ConfigMap', 'one', namespace)).toBeUndefined();
    expect(await get('v1', 'ConfigMap', 'two', namespace)).toBeDefined();
    expect(await get('v1', 'ConfigMap', 'three', namespace)).toBeDefined();
    expect(await get('v1', 'ConfigMap', 'theirs', namespace)).toBeDefined();
    expect(await get('apps/v1', 'Deployment', 'web', namespace)).toBeUndefined();
    // What it ran goes with it.
    await until(async () => (await cluster.operator.list('v1', 'Pod', { namespace })).objects.length === 0);
  });

  it('writes and removes Secrets without reading them', async () => {
    const deployer = aDeployer(withoutReading('Secret'));
    const name = freshName();
    await deploy(deployer, name, [aSecret('one'), aSecret('two')], [aHook(aSecret('hooked'))]);
    await deploy(deployer, name, [aSecret('two')]);
    expect(await get('v1', 'Secret', 'one', `stg-${name}`)).toBeUndefined();
    expect(await get('v1', 'Secret', 'two', `stg-${name}`)).toBeDefined();
    expect((await showWorkload(deployer.deps, name)).objects).toMatchObject([{ object: 'Secret/two', isReady: true }]);
  });

  it('forces the namespace, and takes lists apart', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    const list = {
      apiVersion: 'v1',
      kind: 'List',
      metadata: {},
      items: [{ ...aConfigMap('inner'), metadata: { name: 'inner', namespace: 'kube-system' } }],
    };
    await deploy(deployer, name, [list]);
    expect(await get('v1', 'ConfigMap', 'inner', `stg-${name}`)).toBeDefined();
    expect(await get('v1', 'ConfigMap', 'inner', 'kube-system')).toBeUndefined();
  });

  it('makes a Job again whose template has changed, since nothing else can change it', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    await deploy(deployer, name, [aJob('seed')]);
    await deploy(deployer, name, [aJob('seed', image('2.0'))]);
    const view = await showWorkload(deployer.deps, name);
    expect(view.objects[0]).toMatchObject({ object: 'Job/seed', isReady: true, images: [image('2.0')] });
  });

  it('makes a Job again that failed in an earlier deploy, whose cause may be mended', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    const seed = aJob('seed', image('exit-0'), {
      activeDeadlineSeconds: 3,
      template: {
        spec: {
          restartPolicy: 'Never',
          containers: [{ name: 'task', image: image('exit-0'), envFrom: [{ configMapRef: { name: 'late' } }] }],
        },
      },
    });
    await failing(deployer, [seed], [], name);
    await until(async () => {
      const job = await get('batch/v1', 'Job', 'seed', `stg-${name}`);
      return JSON.stringify(job?.['status']).includes('"type":"Failed"');
    });
    await deploy(deployer, name, [seed, aConfigMap('late')]);
    expect((await showWorkload(deployer.deps, name)).objects.map(({ object, isReady }) => [object, isReady])).toEqual(
      expect.arrayContaining([['Job/seed', true]]),
    );
  });

  it('tries again where something else was written in the same moment', async () => {
    const name = freshName();
    let conflicts = 3;
    const busy: KubernetesClient = {
      ...cluster.client,
      apply(object) {
        if (object.kind !== 'PersistentVolumeClaim' || conflicts === 0) return cluster.client.apply(object);
        conflicts -= 1;
        const message = 'Operation cannot be fulfilled on resourcequotas "berth": the object has been modified';
        return Promise.reject(new KubernetesError(409, 'Conflict', message, []));
      },
    };
    await deploy(aDeployer(busy), name, [aClaim('data')]);
    conflicts = Number.POSITIVE_INFINITY;
    expect((await failing(aDeployer(busy), [aClaim('data')])).name).toBe('ClusterBusy');
  });

  it('deploys 200 objects with hardly more requests, and an inventory of some kilobytes', async () => {
    let requests = 0;
    const deployer = aDeployer(counting(cluster.client, () => (requests += 1)));
    const name = freshName();
    const objects = Array.from({ length: 195 }, (_, index) => aConfigMap(`settings-of-the-product-${index}`));
    await deploy(deployer, name, [...objects, ...['a', 'b', 'c', 'd', 'e'].map((each) => aDeployment(each))]);
    expect(requests).toBeLessThan(250);
    const inventory = await get('v1', 'ConfigMap', 'berth-inventory', `stg-${name}`);
    expect(JSON.stringify(inventory).length).toBeLessThan(16 * 1024);
    expect((await readInventory(cluster.client, `stg-${name}`)).refs).toHaveLength(200);
  });

  it('is bounded, and by the next blueprint’s bounds as soon as it has others', async () => {
    const limited = (cpu: string) => aBlueprint({ limits: { cpu, memory: '1Gi', pods: 5, storage: '1Gi' } });
    const deployer = aDeployer(cluster.client, { blueprint: limited('1') });
    const name = freshName();
    await deploy(deployer, name, [aConfigMap('settings')]);
    await quotaIsFelt(cluster, `stg-${name}`);
    const resources = { requests: { cpu: '2' } };
    const greedy = aPod('greedy', image('1.0'), { containers: [{ name: 'web', image: image('1.0'), resources }] });
    expect((await failing(deployer, [greedy], [], name)).message).toMatch(/exceeded quota.* limited: requests.cpu=1/);
    deployer.deps.blueprints = theseBlueprints(limited('4'));
    expect(await deploy(deployer, name, [greedy])).toEqual({ rounds: 0 });
  });

  it('comes before its quota is in force only where the quota doesn’t count it', async () => {
    const name = freshName();
    const order: string[] = [];
    const inForce = Promise.withResolvers<void>();
    const client: KubernetesClient = {
      ...cluster.client,
      apply(object) {
        order.push(object.metadata.name ?? '');
        return cluster.client.apply(object);
      },
      async *watch(...given) {
        if (given[1] === 'ResourceQuota') await inForce.promise;
        yield* cluster.client.watch(...given);
      },
    };
    const deployed = deploy(aDeployer(client), name, [aConfigMap('settings'), aDeployment('web')]);
    await until(async () => (await get('v1', 'ConfigMap', 'settings', `stg-${name}`)) !== undefined);
    order.push('in force');
    inForce.resolve();
    await deployed;
    expect(order.filter((each) => ['settings', 'in force', 'web'].includes(each))).toEqual([
      'settings',
      'in force',
      'web',
    ]);
  });

  // Kubernetes' own projects, such as the gateways', may define kinds in groups like those of the API server.
  it.each(['example.com', 'k8s.io'])(
    'defines a kind of a group of %s, and then makes an object of it',
    async (owner) => {
      const deployer = aDeployer(cluster.client);
      const name = freshName();
      const group = `${name}.${owner}`;
      const { metadata, ...described } = aWidgetDefinition(group);
      const annotations = { 'api-approved.kubernetes.io': 'unapproved, for a test' };
      const definition = { ...described, metadata: { ...metadata, annotations } };
      const allowed = aDeployer(cluster.client, {
        blueprint: aBlueprint({ clusterScoped: ['CustomResourceDefinition'] }),
      });
      await deploy(allowed, name, [aWidget(group, 'one'), definition]);
      const made = await get(`${group}/v1`, 'Widget', 'one', `stg-${name}`);
      expect(made).toMatchObject({ metadata: { generation: 1 }, spec: { size: 1 } });
      expect((await failing(deployer, [definition])).message).toMatch(/CustomResourceDefinition.* is cluster-scoped/);
      const unknown = [aWidget(group, 'one', { sise: 1 })];
      expect((await failing(allowed, unknown)).message).toMatch(/^Widget\/one: .*sise/);
      await cluster.operator.remove(refOf(definition));
    },
  );
});

describe.concurrent('a definition that somebody else keeps', () => {
  it('is left as it is, and not waited for to serve what only ours has', async () => {
    const name = freshName();
    const group = `${name}.example.com`;
    const theirs = aWidgetDefinition(group);
    await cluster.operator.create(theirs);
    const [version] = Object(theirs['spec']).versions;
    const versions = [version, { ...version, name: 'v2', storage: false }];
    const ours = { ...theirs, spec: { ...Object(theirs['spec']), versions } };
    const blueprint = aBlueprint({ clusterScoped: ['CustomResourceDefinition'] });
    await deploy(aDeployer(cluster.client, { blueprint }), name, [ours, aWidget(group, 'one')]);
    expect(await get(`${group}/v1`, 'Widget', 'one', `stg-${name}`)).toBeDefined();
    expect(await get(`${group}/v2`, 'Widget', 'one', `stg-${name}`)).toBeUndefined();
    await cluster.operator.remove(refOf(theirs));
  });
});

describe.concurrent('what others write into the same objects', () => {
  const settingsOf = (name: string) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    namespace: `stg-${name}`,
    name: 'settings',
  });

  it.each([
    ['by hand', false],
    ['by an apply that took it over', true],
  ])(
    '%s is Berth’s again with the next deploy where it is Berth’s, and theirs where it is not',
    async (_how, isApply) => {
      const deployer = aDeployer(cluster.client);
      const name = freshName();
      const objects = [aConfigMap('settings', { mode: 'ours', size: '1' })];
      await deploy(deployer, name, objects);
      const theirs = { metadata: { name: 'settings' }, data: { mode: 'theirs', extra: 'theirs' } };
      await writeAs(cluster, settingsOf(name), theirs, { manager: 'somebody', isApply });
      expect(await cluster.operator.get(settingsOf(name))).toMatchObject({ data: { mode: 'theirs', size: '1' } });

      expect(await deploy(deployer, name, objects)).toEqual({ rounds: 0 });
      const found = await cluster.operator.get(settingsOf(name));
      expect(found).toMatchObject({ data: { mode: 'ours', size: '1', extra: 'theirs' } });
      expect(ownersOf(found, 'mode')).toEqual(['berth']);
      expect(ownersOf(found, 'extra')).toEqual(['somebody']);
    },
  );

  it('is left to them where the product leaves it open, such as the number of pods', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    const { replicas: _, ...spec } = Object(aDeployment('web').spec);
    const open = { ...aDeployment('web'), spec };
    await deploy(deployer, name, [open]);
    const web = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: `stg-${name}`, name: 'web' };
    await writeAs(cluster, web, { spec: { replicas: 2 } }, { manager: 'autoscaler' });
    await deploy(deployer, name, [open]);
    expect(await cluster.operator.get(web)).toMatchObject({ spec: { replicas: 2 } });
    expect((await showWorkload(deployer.deps, name)).objects[0]?.message).toBe('2 of 2 pods ready');
  });
});

describe.concurrent('what is refused', () => {
  it('says of all objects what is wrong with them, and writes none of them where they are not in order', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    const alien = { apiVersion: 'nowhere.example.com/v1', kind: 'Alien', metadata: { name: 'et' } };
    const error = await deploy(deployer, name, [aConfigMap('fine'), aClusterRole('all'), alien]).catch(
      (caught: unknown) => caught,
    );
    expect(error).toMatchObject({
      name: 'ApplyRejected',
      message:
        "ClusterRole/all: is cluster-scoped, and the blueprint doesn't list ClusterRole under clusterScoped; " +
        "Alien/et: the cluster doesn't serve Alien of nowhere.example.com/v1",
    });
    expect(await get('v1', 'Namespace', `stg-${name}`)).toBeUndefined();
  });

  it('names each object that the API server refuses, with its fields', async () => {
    const unknownField = aDeployment('web', image('1.0'), { replicsa: 2 });
    const error = await failing(aDeployer(cluster.client), [unknownField]);
    expect([error.name, error.message]).toEqual([
      'ApplyRejected',
      expect.stringMatching(/^Deployment\/web: .*replicsa/),
    ]);
  });

  it('names the field that cannot be changed', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    await deploy(deployer, name, [aDeployment('web')]);
    const moved = aDeployment('web', image('1.0'), {
      selector: { matchLabels: { app: 'moved' } },
      template: { ...Object(aDeployment('web').spec).template, metadata: { labels: { app: 'moved' } } },
    });
    const error = await deploy(deployer, name, [moved]).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      name: 'ApplyRejected',
      message: expect.stringMatching(/^Deployment\/web: spec.selector: .*immutable/),
    });
  });

  it('leaves a namespace alone that is somebody else’s', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    await cluster.operator.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: `stg-${name}` } });
    const error = await deploy(deployer, name, [aConfigMap('settings')]).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'ApplyRejected', message: expect.stringContaining('exists already') });
    await tearDown(deployer, name);
    expect(await get('v1', 'Namespace', `stg-${name}`)).toBeDefined();
  });

  it('is named with the rule of the cluster’s owner that refuses it, or its pods', async ({ onTestFinished }) => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    const namespace = `stg-${name}`;
    await deploy(deployer, name, [aConfigMap('settings')]);
    const rule = noLatest(name, namespace);
    for (const object of rule) await cluster.operator.apply(object);
    onTestFinished(async () => {
      for (const object of rule) await cluster.operator.remove(refOf(object));
    });
    const probe = inNamespace(aPod('probe', image('latest')), namespace);
    const denial = `ValidatingAdmissionPolicy '${name}' with binding '${name}' denied request: images are pinned`;
    await until(async () => {
      const message = await refusedWith(probe);
      if (message === undefined) await cluster.operator.remove(refOf(probe));
      return message?.includes(denial) ?? false;
    });

    const alone = await failing(deployer, [aPod('once', image('latest'))], [], name);
    expect([alone.name, alone.message]).toEqual(['ApplyRejected', `Pod/once: pods "once" is forbidden: ${denial}`]);
    const made = await failing(deployer, [aDeployment('web', image('latest'))], [], name);
    expect([made.name, made.message]).toEqual([
      'ApplyRejected',
      expect.stringMatching(/^ReplicaSet\/web-\S+: its pods are refused: .*denied request: images are pinned/),
    ]);
  });
});

/** Who owns a key of a ConfigMap, by the names of their field managers. */
function ownersOf(object: KubernetesObject | undefined, key: string): string[] {
  const managers = Object(object?.metadata['managedFields']) as { manager: string; fieldsV1: unknown }[];
  return managers.filter(({ fieldsV1 }) => Object(fieldsV1)['f:data']?.[`f:${key}`]).map(({ manager }) => manager);
}

const refusedWith = (object: KubernetesObject): Promise<string | undefined> =>
  cluster.operator.create(object).then(
    () => undefined,
    (error: Error) => error.message,
  );

/** A rule as whoever owns a cluster may have one, kept to one namespace here. */
function noLatest(name: string, namespace: string): KubernetesObject[] {
  const apiVersion = 'admissionregistration.k8s.io/v1';
  return [
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name },
      spec: {
        matchConstraints: {
          resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] }],
        },
        matchConditions: [{ name: 'here', expression: `request.namespace == '${namespace}'` }],
        validations: [
          {
            expression: "object.spec.containers.all(each, !each.image.endsWith(':latest'))",
            message: 'images are pinned',
          },
        ],
      },
    },
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name },
      spec: { policyName: name, validationActions: ['Deny'] },
    },
  ];
}
