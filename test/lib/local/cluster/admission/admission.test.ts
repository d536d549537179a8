import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { clusterManifests } from '../../../../../lib/cloud/cluster-manifests/cluster-manifests.ts';
import { clusterApi, configMap, namespace, pod } from '../../../../support/cluster-api.ts';

const namespaces = '/api/v1/namespaces';
const inShop = `${namespaces}/shop`;

const limited = (spec: object, kind: string) => ({ apiVersion: 'v1', kind, metadata: { name: 'limits' }, spec });
const resources = (cpu: string) => ({ resources: { requests: { cpu }, limits: { cpu } } });

async function shop(labels: Record<string, string> = {}) {
  const api = await clusterApi();
  await api.create(namespaces, namespace('shop', labels));
  return api;
}

/** Until a quota is in force, in milliseconds. */
const counted = 20;

describe('quotas', () => {
  it('refuse what would exceed them, with the numbers, and keep count', async () => {
    const { call, clock, create } = await shop();
    await create(`${inShop}/resourcequotas`, limited({ hard: { pods: '3', 'limits.cpu': '500m' } }, 'ResourceQuota'));
    clock.tick(counted);
    expect((await create(`${inShop}/pods`, pod('a', {}, resources('400m')))).status).toBe(201);
    const { status, body } = await create(`${inShop}/pods`, pod('b', {}, resources('200m')));
    expect(status).toBe(403);
    expect(body.message).toBe(
      'pods "b" is forbidden: exceeded quota: limits, requested: limits.cpu=200m, used: limits.cpu=400m, limited: limits.cpu=500m',
    );
    const { body: quota } = await call(`${inShop}/resourcequotas/limits`);
    expect(quota.status.used).toEqual({ pods: '1', 'limits.cpu': '400m' });
  });

  it('count claims and services', async () => {
    const { clock, create } = await shop();
    await create(
      `${inShop}/resourcequotas`,
      limited({ hard: { services: '0', 'requests.storage': '1Gi' } }, 'ResourceQuota'),
    );
    clock.tick(counted);
    const claim = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2Gi' } } },
    };
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { ports: [{ port: 80 }] } };
    expect((await create(`${inShop}/persistentvolumeclaims`, claim)).body.message).toContain(
      'exceeded quota: limits, requested: requests.storage=2Gi, used: requests.storage=0, limited: requests.storage=1Gi',
    );
    expect((await create(`${inShop}/services`, service)).status).toBe(403);
  });

  it('refuse pods that do not say what they take, unless a limit range says it for them', async () => {
    const { clock, create } = await shop();
    await create(`${inShop}/resourcequotas`, limited({ hard: { 'limits.memory': '1Gi' } }, 'ResourceQuota'));
    clock.tick(counted);
    const { body } = await create(`${inShop}/pods`, pod('a'));
    expect(body.message).toBe('pods "a" is forbidden: failed quota: limits: must specify limits.memory for: web');
    const limits = [{ type: 'Container', default: { memory: '64Mi' } }];
    await create(`${inShop}/limitranges`, limited({ limits }, 'LimitRange'));
    const { body: made } = await create(`${inShop}/pods`, pod('a'));
    expect(made.spec.containers[0].resources).toEqual({ limits: { memory: '64Mi' }, requests: { memory: '64Mi' } });
  });

  it('are what their status says, which follows a change of their spec after a moment', async () => {
    const { clock, create, apply } = await shop();
    const quotas = `${inShop}/resourcequotas`;
    await create(quotas, limited({ hard: { pods: '0' } }, 'ResourceQuota'));
    expect((await create(`${inShop}/pods`, pod('a'))).status).toBe(201);
    clock.tick(counted);
    await apply(`${quotas}/limits`, limited({ hard: { pods: '9' } }, 'ResourceQuota'), 'somebody', '&force=true');
    expect((await create(`${inShop}/pods`, pod('b'))).body.message).toContain('limited: pods=0');
    clock.tick(counted);
    expect((await create(`${inShop}/pods`, pod('b'))).status).toBe(201);
  });
});

describe('limit ranges', () => {
  it('refuse containers out of bounds', async () => {
    const { create } = await shop();
    const limits = [{ type: 'Container', max: { cpu: '1' }, min: { cpu: '100m' } }];
    await create(`${inShop}/limitranges`, limited({ limits }, 'LimitRange'));
    const { body } = await create(`${inShop}/pods`, pod('a', {}, resources('2')));
    expect(body.message).toBe('pods "a" is forbidden: maximum cpu usage per Container is 1, but limit is 2');
    expect((await create(`${inShop}/pods`, pod('a', {}, resources('50m')))).status).toBe(403);
  });
});

describe('Pod Security', () => {
  it.each([
    [
      'a privileged container',
      {},
      { securityContext: { privileged: true } },
      'privileged (container "web" must not set securityContext.privileged=true)',
    ],
    ['a host path', { volumes: [{ name: 'v', hostPath: { path: '/' } }] }, {}, 'hostPath volumes (volume "v")'],
    ['the network of the host', { hostNetwork: true }, {}, 'host namespaces (hostNetwork=true)'],
    [
      'a port of the host',
      {},
      { ports: [{ containerPort: 80, hostPort: 80 }] },
      'hostPort (container "web" uses hostPort 80)',
    ],
    [
      'an unusual capability',
      {},
      { securityContext: { capabilities: { add: ['SYS_ADMIN'] } } },
      'non-default capabilities (container "web" must not include "SYS_ADMIN" in securityContext.capabilities.add)',
    ],
  ])('refuses %s under baseline', async (_, spec, container, why) => {
    const { create } = await shop({ 'pod-security.kubernetes.io/enforce': 'baseline' });
    const { status, body } = await create(`${inShop}/pods`, pod('a', spec, container));
    expect(status).toBe(403);
    expect(body.message).toBe(`pods "a" is forbidden: violates PodSecurity "baseline:latest": ${why}`);
  });

  it('lets an ordinary pod pass under baseline, and not under restricted', async () => {
    const { create } = await shop({ 'pod-security.kubernetes.io/enforce': 'baseline' });
    expect((await create(`${inShop}/pods`, pod('a'))).status).toBe(201);
    const strict = await shop({ 'pod-security.kubernetes.io/enforce': 'restricted' });
    const { body } = await strict.create(`${inShop}/pods`, pod('a'));
    expect(body.message).toContain('allowPrivilegeEscalation != false');
  });
});

describe('service accounts', () => {
  it('must exist before their pods, and one always does', async () => {
    const { create } = await shop();
    const { body } = await create(`${inShop}/pods`, pod('a', { serviceAccountName: 'robot' }));
    expect(body.message).toBe(
      'pods "a" is forbidden: error looking up service account shop/robot: serviceaccount "robot" not found',
    );
    expect((await create(`${inShop}/pods`, pod('b'))).body.spec.serviceAccountName).toBe('default');
  });
});

describe('admission policies', () => {
  const policies = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies';

  async function guarded() {
    const api = await clusterApi();
    for (const document of parseAllDocuments(clusterManifests('berth'))) {
      const object = document.toJS();
      if (!object.kind.startsWith('ValidatingAdmissionPolicy')) continue;
      const plural = object.kind.endsWith('Binding')
        ? 'validatingadmissionpolicybindings'
        : 'validatingadmissionpolicies';
      const { status } = await api.create(`/apis/admissionregistration.k8s.io/v1/${plural}`, object);
      expect(status).toBe(201);
    }
    const labels = {
      'berth.dev/installation': 'berth',
      'berth.dev/staging': 'a',
      'pod-security.kubernetes.io/enforce': 'baseline',
    };
    const staging = (generation: number, name = 'stg-a') =>
      namespace(name, labels, { 'berth.dev/generation': String(generation) });
    const map = (generation: number) => ({
      ...configMap('one', { generation: String(generation) }),
      metadata: { name: 'one', annotations: { 'berth.dev/generation': String(generation) } },
    });
    const applyMap = (generation: number) =>
      api.apply(`${namespaces}/stg-a/configmaps/one`, map(generation), 'berth', '&force=true');
    return { ...api, staging, applyMap };
  }

  it('keep the fence that ships: an older generation writes nothing', async () => {
    const { apply, applyMap, staging } = await guarded();
    expect((await apply(`${namespaces}/stg-a`, staging(3))).status).toBe(201);
    expect((await applyMap(3)).status).toBe(201);
    expect((await apply(`${namespaces}/stg-a`, staging(5))).status).toBe(200);
    const { status, body } = await applyMap(4);
    expect([status, body.reason]).toEqual([422, 'Invalid']);
    expect(body.message).toContain('generation 4 is older than the namespace, which is at 5');
    expect(body.message).toMatch(
      /^configmaps "one" is forbidden: ValidatingAdmissionPolicy '.+' with binding '.+' denied request: /,
    );
    expect((await applyMap(5)).status).toBe(200);
  });

  it('never turn the generation of a namespace back, and let Berth make no others', async () => {
    const { apply, staging } = await guarded();
    await apply(`${namespaces}/stg-a`, staging(5));
    expect((await apply(`${namespaces}/stg-a`, staging(4), 'berth', '&force=true')).status).toBe(422);
    expect((await apply(`${namespaces}/mine`, staging(1, 'mine'))).status).toBe(403);
  });

  it('hold in the namespaces that they select, and in no others', async () => {
    const { apply, create, staging } = await guarded();
    await apply(`${namespaces}/stg-a`, staging(1));
    const claiming = (externalIPs: string[]) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', annotations: { 'berth.dev/generation': '1' } },
      spec: { ports: [{ port: 80 }], externalIPs },
    });
    const refused = await create(`${namespaces}/stg-a/services`, claiming(['192.0.2.1']));
    expect([refused.status, refused.body.message]).toEqual([403, expect.stringContaining('externalIPs would take')]);
    const elsewhere = await create(`${namespaces}/default/services`, claiming(['192.0.2.1']));
    expect(elsewhere.body.message).toContain('namespace default is not a staging');
  });

  it('see which version a deletion means', async () => {
    const { apply, applyMap, call, staging } = await guarded();
    await apply(`${namespaces}/stg-a`, staging(1));
    const { body } = await applyMap(1);
    const path = `${namespaces}/stg-a/configmaps/one`;
    const { status, body: refusal } = await call(path, { method: 'DELETE' });
    expect([status, refusal.message]).toEqual([422, expect.stringContaining('does not say which version it means')]);
    const { uid, resourceVersion } = body.metadata;
    const named = await call(path, { method: 'DELETE', body: { preconditions: { uid, resourceVersion } } });
    expect(named.body.message).toContain('is not being torn down');
  });

  it('are refused where they need more than is simulated', async () => {
    const { create } = await clusterApi();
    const policy = (spec: object) => ({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name: 'p' },
      spec: { matchConstraints: { resourceRules: [] }, validations: [{ expression: 'true' }], ...spec },
    });
    const params = await create(policies, policy({ paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } }));
    expect(params.status).toBe(422);
    expect(params.body.message).toContain('does not know all of this');
    expect((await create(policies, policy({ validations: [{ expression: 'object.?a' }] }))).status).toBe(422);
    expect((await create(policies, policy({}))).status).toBe(201);
  });
});
