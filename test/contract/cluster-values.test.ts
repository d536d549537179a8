import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestCluster, type TestCluster } from '../support/cluster.ts';
import { freshName } from '../support/deploys.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster();
});
afterAll(() => cluster.close());

const paths: Record<string, string> = {
  pods: '/api/v1',
  services: '/api/v1',
  persistentvolumeclaims: '/api/v1',
  configmaps: '/api/v1',
  secrets: '/api/v1',
  deployments: '/apis/apps/v1',
  statefulsets: '/apis/apps/v1',
  daemonsets: '/apis/apps/v1',
  jobs: '/apis/batch/v1',
  cronjobs: '/apis/batch/v1',
  ingresses: '/apis/networking.k8s.io/v1',
  networkpolicies: '/apis/networking.k8s.io/v1',
  horizontalpodautoscalers: '/apis/autoscaling/v2',
  poddisruptionbudgets: '/apis/policy/v1',
  roles: '/apis/rbac.authorization.k8s.io/v1',
  rolebindings: '/apis/rbac.authorization.k8s.io/v1',
};

/** Asks whether an object could be created; nothing is. */
const tried = (plural: string, object: object): Promise<unknown> =>
  cluster.transport.json({
    method: 'POST',
    path: `${paths[plural]}/namespaces/default/${plural}`,
    query: { dryRun: 'All', fieldValidation: 'Strict' },
    body: { metadata: { name: freshName() }, ...object },
  });

const labels = { app: 'web' };
const template = (container: object = {}, pod: object = {}) => ({
  metadata: { labels },
  spec: { containers: [{ name: 'main', image: 'web:1', ...container }], ...pod },
});
const workload = (spec: object = {}, container?: object, pod?: object) => ({
  spec: { selector: { matchLabels: labels }, template: template(container, pod), ...spec },
});
const container = 'spec.template.spec.containers[0]';
const job = (spec: object) => ({ spec: { template: template({}, { restartPolicy: 'Never' }), ...spec } });
const cronJob = (spec: object) => ({ spec: { schedule: '* * * * *', jobTemplate: job({}), ...spec } });
const service = (port: object, spec: object = {}) => ({ spec: { ports: [{ port: 80, ...port }], ...spec } });
const backend = { service: { name: 'web', port: { number: 80 } } };
const ingress = (path: object, host?: string) => ({
  spec: { rules: [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend, ...path }] } }] },
});
const ingressPath = 'spec.rules[0].http.paths[0]';
const claim = (spec: object) => ({
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
});
const scaler = (spec: object) => ({
  spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 3, ...spec },
});
const rule = { apiGroups: [''], resources: ['pods'], verbs: ['get'] };

type Case = [plural: string, field: string, object: object];

const ofContainers: Array<[field: string, change: object]> = [
  [`${container}.ports[0].name`, { ports: [{ containerPort: 80, name: 'much-too-long-for-a-port' }] }],
  [`${container}.ports[1].name`, { ports: [80, 81].map((containerPort) => ({ containerPort, name: 'http' })) }],
  [`${container}.ports[0].protocol`, { ports: [{ containerPort: 80, protocol: 'HTTP' }] }],
  [`${container}.env[0].name`, { env: [{ name: 'A=B', value: 'x' }] }],
  [`${container}.env[0].valueFrom`, { env: [{ name: 'A', valueFrom: {} }] }],
  [`${container}.envFrom`, { envFrom: [{}] }],
  [`${container}.volumeMounts[0].name`, { volumeMounts: [{ name: 'none', mountPath: '/a' }] }],
  [`${container}.resources.requests[cpu]`, { resources: { requests: { cpu: '-1' } } }],
  [`${container}.resources.limits[memry]`, { resources: { limits: { memry: '1Gi' } } }],
  [`${container}.livenessProbe`, { livenessProbe: { periodSeconds: 5 } }],
  [`${container}.livenessProbe.successThreshold`, { livenessProbe: { tcpSocket: { port: 80 }, successThreshold: 2 } }],
  [`${container}.readinessProbe.httpGet.port`, { readinessProbe: { httpGet: { port: 70_000 } } }],
  [`${container}.lifecycle.preStop`, { lifecycle: { preStop: {} } }],
  [`${container}.imagePullPolicy`, { imagePullPolicy: 'Sometimes' }],
];

const ofPods: Array<[field: string, change: object]> = [
  ['spec.template.spec.volumes[0].name', { volumes: [{ name: 'Not_A_Label', emptyDir: {} }] }],
  ['spec.template.spec.volumes[0].secret.secretName', { volumes: [{ name: 'a', secret: {} }] }],
  ['spec.template.spec.volumes[0].configMap', { volumes: [{ name: 'a', emptyDir: {}, configMap: { name: 'b' } }] }],
  ['spec.template.spec.dnsPolicy', { dnsPolicy: 'Nowhere' }],
  ['spec.template.spec.serviceAccountName', { serviceAccountName: 'Not_A_Name' }],
  ['spec.template.spec.tolerations[0].effect', { tolerations: [{ key: 'a', effect: 'Never' }] }],
];

const cases: Case[] = [
  ...ofContainers.map(([field, change]): Case => ['deployments', field, workload({}, change)]),
  ...ofPods.map(([field, change]): Case => ['deployments', field, workload({}, {}, change)]),
  ['deployments', 'spec.selector', {}],
  [
    'deployments',
    'spec.template.metadata.labels',
    workload({ selector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['other'] }] } }),
  ],
  ['deployments', 'spec.strategy', workload({ strategy: { type: 'Blue' } })],
  [
    'deployments',
    'spec.strategy.rollingUpdate',
    workload({ strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } } }),
  ],
  [
    'deployments',
    'spec.strategy.rollingUpdate.maxUnavailable',
    workload({ strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } }),
  ],
  [
    'deployments',
    'spec.strategy.rollingUpdate.maxSurge',
    workload({ strategy: { rollingUpdate: { maxSurge: 'some' } } }),
  ],
  ['deployments', 'spec.progressDeadlineSeconds', workload({ progressDeadlineSeconds: 5, minReadySeconds: 5 })],
  ['statefulsets', 'spec.podManagementPolicy', workload({ serviceName: 'web', podManagementPolicy: 'All' })],
  ['statefulsets', 'spec.updateStrategy', workload({ serviceName: 'web', updateStrategy: { type: 'Never' } })],
  [
    'statefulsets',
    'spec.volumeClaimTemplates[0].spec.accessModes',
    workload({
      serviceName: 'web',
      volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { resources: { requests: { storage: '1Gi' } } } }],
    }),
  ],
  [
    'daemonsets',
    'spec.updateStrategy.rollingUpdate.maxUnavailable',
    workload({ updateStrategy: { rollingUpdate: { maxUnavailable: 0 } } }),
  ],
  ['jobs', 'spec.parallelism', job({ parallelism: -1 })],
  ['jobs', 'spec.ttlSecondsAfterFinished', job({ ttlSecondsAfterFinished: -1 })],
  ['jobs', 'spec.completionMode', job({ completionMode: 'Some' })],
  ...['61 * * * *', '* * 0 * *', '*/0 * * * *', 'a * * * *', '@never', '@every 5', 'TZ=UTC * * * * *'].map(
    (schedule): Case => ['cronjobs', 'spec.schedule', cronJob({ schedule })],
  ),
  ['cronjobs', 'spec.timeZone', cronJob({ timeZone: 'Mars/Base' })],
  ['cronjobs', 'spec.concurrencyPolicy', cronJob({ concurrencyPolicy: 'Queue' })],
  ['services', 'spec.ports[1].name', service({}, { ports: [1, 2].map((port) => ({ port, name: 'a' })) })],
  ['services', 'spec.ports[1]', service({}, { ports: ['a', 'b'].map((name) => ({ port: 1, name })) })],
  ['services', 'spec.ports[0].targetPort', service({ targetPort: 99_999 })],
  ['services', 'spec.ports[0].protocol', service({ protocol: 'HTTP' })],
  ['services', 'spec.ports[0].nodePort', service({ nodePort: 30_080 })],
  ['services', 'spec.type', service({}, { type: 'Public' })],
  ['services', 'spec.externalName', { spec: { type: 'ExternalName' } }],
  ['services', 'spec.clusterIPs[0]', service({}, { clusterIP: 'here' })],
  ['ingresses', 'spec', { spec: {} }],
  ['ingresses', `${ingressPath}.path`, ingress({ path: 'web' })],
  ['ingresses', `${ingressPath}.path`, ingress({ path: '/a//b' })],
  ['ingresses', `${ingressPath}.pathType`, ingress({ pathType: 'Regex' })],
  ['ingresses', `${ingressPath}.backend`, ingress({ backend: {} })],
  ['ingresses', `${ingressPath}.backend`, ingress({ backend: { service: { name: 'web' } } })],
  ['ingresses', 'spec.rules[0].host', ingress({}, '10.0.0.1')],
  ['ingresses', 'spec.rules[0].host', ingress({}, 'Not_A_Host')],
  ['networkpolicies', 'spec.policyTypes[0]', { spec: { podSelector: {}, policyTypes: ['Both'] } }],
  ['horizontalpodautoscalers', 'spec.minReplicas', scaler({ minReplicas: 0 })],
  ['horizontalpodautoscalers', 'spec.metrics[0].type', scaler({ metrics: [{ type: 'Mood' }] })],
  ['horizontalpodautoscalers', 'spec.metrics[0].resource', scaler({ metrics: [{ type: 'Resource' }] })],
  ['poddisruptionbudgets', 'spec', { spec: { minAvailable: 1, maxUnavailable: 1, selector: {} } }],
  ['poddisruptionbudgets', 'spec.minAvailable', { spec: { minAvailable: 'half', selector: {} } }],
  ['persistentvolumeclaims', 'spec.accessModes', claim({ accessModes: ['ReadWriteSome'] })],
  ['persistentvolumeclaims', 'spec.resources[storage]', claim({ resources: { requests: { storage: '0' } } })],
  ['persistentvolumeclaims', 'spec.volumeMode', claim({ volumeMode: 'Tape' })],
  ['configmaps', '[]', { data: { big: 'x'.repeat(1024 * 1024 + 1) } }],
  ['secrets', 'data[tls.crt]', { type: 'kubernetes.io/tls', stringData: { 'tls.key': 'x' } }],
  ['roles', 'rules[0].verbs', { rules: [{ ...rule, verbs: [] }] }],
  ['roles', 'rules[0].apiGroups', { rules: [{ ...rule, apiGroups: [] }] }],
  ['roles', 'rules[0].resources', { rules: [{ ...rule, resources: [] }] }],
  ['rolebindings', 'roleRef.kind', { roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Rule', name: 'a' } }],
];

describe('a value that cannot be', () => {
  it.each(cases)('is refused by name, in %s: %s', async (plural, field, object) => {
    const causes = expect.arrayContaining([expect.objectContaining({ field })]);
    await expect(tried(plural, object)).rejects.toMatchObject({ status: 422, causes });
  });
});

describe('what can be', () => {
  it.each<[string, object]>([
    ['deployments', workload({ strategy: { rollingUpdate: { maxSurge: '50%', maxUnavailable: 0 } } })],
    [
      'deployments',
      workload(
        {},
        {
          ports: [
            { containerPort: 80, name: 'http' },
            { containerPort: 80, protocol: 'UDP' },
          ],
        },
      ),
    ],
    ['deployments', workload({}, { resources: { limits: { 'example.com/device': '1', memory: '0.5Gi' } } })],
    ['services', service({ targetPort: 0 })],
    ['services', { spec: { clusterIP: 'None' } }],
    ['ingresses', ingress({ pathType: 'ImplementationSpecific', path: undefined }, '*.example.com')],
    ['ingresses', { spec: { defaultBackend: backend } }],
    ['cronjobs', cronJob({ schedule: '*/5 0-6 1,15 JAN-JUN MON', timeZone: 'Europe/Berlin' })],
    ['cronjobs', cronJob({ schedule: '@every 1h30m' })],
    ['persistentvolumeclaims', claim({ resources: { requests: { storage: '0.5Gi' } } })],
    ['roles', {}],
  ])('is taken, in %s: %o', async (plural, object) => {
    expect(await tried(plural, object)).toMatchObject({ metadata: { name: expect.anything() } });
  });
});

describe('what is given back', () => {
  it.each([
    ['0.5', '500m'],
    ['1000m', '1'],
    ['1024Mi', '1Gi'],
    ['1.5Gi', '1536Mi'],
    ['1000000', '1M'],
    ['1e3', '1e3'],
    ['0.1Gi', '107374182400m'],
  ])('has the quantity %s as %s', async (given, written) => {
    const limits = { 'ephemeral-storage': given };
    const answer = await tried('deployments', workload({}, { resources: { limits } }));
    expect(Object(answer).spec.template.spec.containers[0].resources).toEqual({
      limits: { 'ephemeral-storage': written },
    });
  });

  it('has the usual time where a probe is given none', async () => {
    const readinessProbe = { tcpSocket: { port: 80 }, periodSeconds: 0, timeoutSeconds: 0 };
    const answer = await tried('deployments', workload({}, { readinessProbe }));
    const { readinessProbe: probe } = Object(answer).spec.template.spec.containers[0];
    expect(probe).toMatchObject({ periodSeconds: 10, timeoutSeconds: 1 });
  });
});

describe('a pod', () => {
  const pod = (spec: object) => ({ spec: { containers: [{ name: 'main', image: 'web:1' }], ...spec } });

  it('needs its priority class to be there', async () => {
    await expect(tried('pods', pod({ priorityClassName: 'none' }))).rejects.toMatchObject({
      status: 403,
      message: expect.stringContaining('no PriorityClass with name none was found'),
    });
    expect(await tried('pods', pod({ priorityClassName: 'system-cluster-critical' }))).toMatchObject({ kind: 'Pod' });
  });

  it('requests what it is limited to', async () => {
    const limited = { name: 'main', image: 'web:1', resources: { limits: { cpu: '0.25' } } };
    expect(await tried('pods', pod({ containers: [limited] }))).toMatchObject({
      spec: { containers: [{ resources: { limits: { cpu: '250m' }, requests: { cpu: '250m' } } }] },
    });
  });
});

describe('a definition', () => {
  it.each([
    ['spec.versions', { storage: false, schema: { openAPIV3Schema: { type: 'object' } } }],
    ['spec.validation.openAPIV3Schema.type', { storage: true, schema: { openAPIV3Schema: { type: 'string' } } }],
  ])('is refused by name: %s', async (field, version) => {
    const names = { plural: 'gauges', singular: 'gauge', kind: 'Gauge' };
    const versions = [{ name: 'v1', served: true, ...version }];
    const definition = {
      metadata: { name: 'gauges.example.com' },
      spec: { group: 'example.com', scope: 'Namespaced', names, versions },
    };
    const asked = cluster.transport.json({
      method: 'POST',
      path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
      query: { dryRun: 'All' },
      body: definition,
    });
    const causes = expect.arrayContaining([expect.objectContaining({ field })]);
    await expect(asked).rejects.toMatchObject({ status: 422, causes });
  });
});
