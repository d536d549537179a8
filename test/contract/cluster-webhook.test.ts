import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { applyWorkload } from '../../lambdas/actions/apply-workload.ts';
import { awaitHealthy } from '../../lambdas/actions/await-healthy.ts';
import { showWorkload } from '../../lambdas/actions/show-workload.ts';
import type { KubernetesObject } from '../../lambdas/domain/kubernetes-object.ts';
import { until } from '../support/berth-api.ts';
import { deploy, failing } from '../support/carry-out.ts';
import { startTestCluster, type TestCluster } from '../support/cluster.ts';
import { aConfigMap, aDeployer, aDeployment, freshName, image } from '../support/deploys.ts';
import { type Asked, type Said, startWebhook, type TestWebhook } from '../support/webhook.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster();
});
afterAll(() => cluster.close());

const configurationOf = (name: string, clientConfig: object): KubernetesObject => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: { name },
  webhooks: [
    {
      name: 'mesh.example.com',
      clientConfig,
      rules: [
        {
          apiGroups: ['', 'apps'],
          apiVersions: ['v1'],
          resources: ['configmaps', 'deployments'],
          operations: ['CREATE', 'UPDATE'],
        },
      ],
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': `stg-${name}` } },
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
    },
  ],
});

/** A staging that runs already, and a webhook that is asked about it from now on. */
async function stagingWithWebhook(
  { onTestFinished }: TestContext,
  objects: KubernetesObject[],
  say: (asked: Asked) => Said,
) {
  const deployer = aDeployer(cluster.client);
  const name = freshName();
  await deploy(deployer, name, objects);
  const webhook = await startWebhook(say);
  onTestFinished(() => webhook.close());
  const configuration = configurationOf(name, webhook.clientConfig);
  await cluster.operator.apply(configuration);
  onTestFinished(async () => {
    const { apiVersion, kind } = configuration;
    await cluster.operator.remove({ apiVersion, kind, name });
  });
  await isInForce(webhook, `stg-${name}`);
  return { deployer, name, webhook };
}

/** An API server hears of a webhook a moment after it was configured. */
const isInForce = ({ asked }: TestWebhook, namespace: string): Promise<void> =>
  until(async () => {
    await cluster.operator.annotate({ apiVersion: 'v1', kind: 'ConfigMap', name: 'kube-root-ca.crt', namespace }, {});
    return asked.length > 0;
  });

/** Marks what it sees, sets a container's image to the one of its own registry, and overrules a value. */
function mirror({ object }: Asked): Said {
  const annotations = { ...object.metadata.annotations, 'mesh.example.com/seen': 'yes' };
  const patch: object[] = [{ op: 'add', path: '/metadata/annotations', value: annotations }];
  if (object.kind === 'Deployment') {
    patch.push({ op: 'replace', path: '/spec/template/spec/containers/0/image', value: image('mirrored') });
    patch.push({ op: 'replace', path: '/spec/revisionHistoryLimit', value: 1 });
  } else patch.push({ op: 'add', path: '/data', value: { ...Object(object['data']), key: 'overruled' } });
  return { patch };
}

describe.concurrent('a webhook that changes what Berth applies', () => {
  it('is let have its way: the deploy settles at once, and the same again changes nothing', async (context) => {
    const objects = [aConfigMap('settings'), aDeployment('web')];
    const { deployer, name, webhook } = await stagingWithWebhook(context, objects, mirror);
    expect(await deploy(deployer, name, objects)).toEqual({ rounds: 0 });
    const read = async () =>
      Promise.all([
        cluster.operator.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace: `stg-${name}`, name: 'settings' }),
        cluster.operator.get({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: `stg-${name}`, name: 'web' }),
      ]);
    const [settings, web] = await read();
    expect(settings).toMatchObject({ data: { key: 'overruled' } });
    expect(web).toMatchObject({
      metadata: { annotations: { 'mesh.example.com/seen': 'yes', 'berth.dev/generation': '2' } },
      spec: { revisionHistoryLimit: 1 },
    });
    expect((await showWorkload(deployer.deps, name)).objects).toMatchObject([
      { object: 'ConfigMap/settings', isReady: true },
      { object: 'Deployment/web', isReady: true, images: [image('mirrored')] },
    ]);

    const acting = { name, generation: 2 };
    const asked = webhook.asked.length;
    expect(await applyWorkload(deployer.deps, acting)).toEqual({ done: true });
    expect(await awaitHealthy(deployer.deps, acting)).toEqual({ verdict: 'healthy' });
    expect(webhook.asked.length).toBeGreaterThan(asked);
    const [sameSettings, sameWeb] = await read();
    expect(sameSettings?.metadata.resourceVersion).toBe(settings?.metadata.resourceVersion);
    expect(sameWeb?.metadata.generation).toBe(web?.metadata.generation);
  });

  it('is named with its words where it refuses', async (context) => {
    const say = ({ object }: Asked): Said =>
      object.metadata.name === 'web' ? { denial: 'images come from the mirror' } : { patch: [] };
    const { deployer, name } = await stagingWithWebhook(context, [aDeployment('web')], say);
    const error = await failing(deployer, [aDeployment('web')], [], name);
    expect([error.name, error.message]).toEqual([
      'ApplyRejected',
      'Deployment/web: admission webhook "mesh.example.com" denied the request: images come from the mirror',
    ]);
  });

  it('is named where it does not answer, so that somebody mends it', async (context) => {
    const { deployer, name, webhook } = await stagingWithWebhook(context, [aConfigMap('settings')], mirror);
    await webhook.close();
    const error = await failing(deployer, [aConfigMap('settings')], [], name);
    expect([error.name, error.message]).toEqual([
      'ClusterBusy',
      expect.stringMatching(/failed calling webhook "mesh.example.com"/),
    ]);
  });
});
