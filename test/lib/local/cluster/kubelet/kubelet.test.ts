import { describe, expect, it } from 'vitest';
import {
  alphabetically,
  condition,
  deployment,
  type Loose,
  podTemplate,
  simulatedCluster,
} from '../../../../support/simulated-cluster.ts';

const pod = (image: string, container: Loose = {}, spec: Loose = {}): Loose => ({
  kind: 'Pod',
  metadata: { name: 'web', labels: { app: 'web' } },
  spec: podTemplate(image, container, spec).spec,
});

/** The reasons for which a container waited, one after another. */
function waits(
  cluster: ReturnType<typeof simulatedCluster>,
  milliseconds: number,
  of = (one: Loose) => one.status.containerStatuses?.[0],
): string[] {
  const seen: string[] = [];
  for (let time = 0; time < milliseconds; time += 10) {
    cluster.clock.tick(10);
    const state = of(cluster.get('Pod', 'web'))?.state;
    const now = state?.waiting?.reason ?? Object.keys(state ?? {})[0];
    if (now !== undefined && now !== seen.at(-1)) seen.push(now);
  }
  return seen;
}

describe('the kubelet', () => {
  it('starts a pod and gets it ready within half a second, telling what it does', () => {
    const cluster = simulatedCluster();
    cluster.create(pod('acme/web:1.0'));

    expect(waits(cluster, 500)).toEqual(['ContainerCreating', 'running']);

    const web = cluster.get('Pod', 'web');
    expect(web.status).toMatchObject({
      phase: 'Running',
      hostIP: '10.0.0.1',
      podIP: '10.244.0.1',
      qosClass: 'BestEffort',
    });
    expect(web.status.containerStatuses).toEqual([
      {
        name: 'web',
        image: 'acme/web:1.0',
        imageID: expect.stringMatching(/^docker\.io\/acme\/web@sha256:[0-9a-f]{64}$/),
        containerID: expect.stringMatching(/^containerd:\/\/[0-9a-f]{64}$/),
        ready: true,
        started: true,
        restartCount: 0,
        state: { running: { startedAt: '2026-01-01T00:00:00Z' } },
        lastState: {},
      },
    ]);
    expect(
      web.status.conditions.map(({ type, status }: Loose) => `${type}=${status}`).toSorted(alphabetically),
    ).toEqual([
      'ContainersReady=True',
      'Initialized=True',
      'PodReadyToStartContainers=True',
      'PodScheduled=True',
      'Ready=True',
    ]);
    for (const reason of ['Scheduled', 'Pulling', 'Pulled', 'Created', 'Started'])
      expect(cluster.events(reason)).toHaveLength(1);
    expect(cluster.errors).toEqual([]);
  });

  it('says that an image is not found, and backs off and tries again in turn', () => {
    const cluster = simulatedCluster();
    cluster.create(pod('acme/web:missing'));

    expect(waits(cluster, 2500).slice(0, 5)).toEqual([
      'ContainerCreating',
      'ErrImagePull',
      'ImagePullBackOff',
      'ErrImagePull',
      'ImagePullBackOff',
    ]);

    const error =
      'rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/acme/web:missing": ' +
      'failed to resolve reference "docker.io/acme/web:missing": docker.io/acme/web:missing: not found';
    const { containerStatuses, phase } = cluster.get('Pod', 'web').status;
    expect(phase).toBe('Pending');
    expect(containerStatuses[0].state.waiting.message).toBe(
      `Back-off pulling image "acme/web:missing": ErrImagePull: ${error}`,
    );
    expect(
      cluster
        .events('Failed')
        .map((event) => event.message)
        .toSorted(alphabetically),
    ).toEqual(['Error: ErrImagePull', 'Error: ImagePullBackOff', `Failed to pull image "acme/web:missing": ${error}`]);
    expect(cluster.events('Failed')[0]).toMatchObject({
      type: 'Warning',
      involvedObject: { kind: 'Pod', name: 'web', namespace: 'shop', fieldPath: 'spec.containers{web}' },
      source: { component: 'kubelet', host: 'node-1' },
    });
    expect(cluster.events('Failed')[0].count).toBeGreaterThan(1);
  });

  it('says that access to an image is denied', () => {
    const cluster = simulatedCluster();
    cluster.create(pod('registry.example.com/acme/web:denied'));
    cluster.clock.tick(200);

    const { waiting } = cluster.get('Pod', 'web').status.containerStatuses[0].state;
    expect(waiting.reason).toBe('ErrImagePull');
    expect(waiting.message).toContain('registry.example.com/acme/web:denied');
    expect(waiting.message).toContain('pull access denied, repository does not exist or may require authorization');
  });

  it('refuses an image name that no registry could have', () => {
    const cluster = simulatedCluster();
    cluster.create(pod('acme/Web:1.0'));
    cluster.clock.tick(200);

    const { waiting } = cluster.get('Pod', 'web').status.containerStatuses[0].state;
    expect(waiting.reason).toBe('InvalidImageName');
    expect(waiting.message).toContain('invalid reference format: repository name (acme/Web) must be lowercase');
    expect(cluster.events('InspectFailed')).toHaveLength(1);
  });

  it('restarts a crashing container three times within three seconds, ever later', () => {
    const cluster = simulatedCluster();
    cluster.create(pod('acme/web:crash'));

    const seen = waits(cluster, 3000);

    expect(seen.slice(0, 6)).toEqual([
      'ContainerCreating',
      'running',
      'terminated',
      'running',
      'terminated',
      'CrashLoopBackOff',
    ]);
    const web = cluster.get('Pod', 'web');
    const [status] = web.status.containerStatuses;
    expect(status.restartCount).toBeGreaterThanOrEqual(3);
    expect(status.lastState.terminated).toMatchObject({ exitCode: 1, reason: 'Error' });
    expect(status.ready).toBe(false);
    expect(cluster.events('BackOff')[0].message).toBe(
      `Back-off restarting failed container web in pod web_shop(${web.metadata.uid})`,
    );
  });

  it('names the back-off as a real kubelet would', () => {
    const cluster = simulatedCluster();
    cluster.create(pod('acme/web:crash'));
    const messages = new Set<string>();
    for (let time = 0; time < 6000; time += 10) {
      cluster.clock.tick(10);
      messages.add(cluster.get('Pod', 'web').status.containerStatuses?.[0].state.waiting?.message ?? '');
    }

    expect(
      [...messages].filter((message) => message.startsWith('back-off')).map((message) => message.split(' ')[1]),
    ).toEqual(['10s', '20s', '40s', '1m20s']);
  });

  it('kills a container that takes too much memory', () => {
    const cluster = simulatedCluster();
    cluster.create(pod('acme/web:oom'));
    cluster.clock.tick(2000);

    expect(cluster.get('Pod', 'web').status.containerStatuses[0].lastState.terminated).toMatchObject({
      exitCode: 137,
      reason: 'OOMKilled',
    });
  });

  it('runs a container that never gets ready, and says why', () => {
    const cluster = simulatedCluster();
    cluster.create(pod('acme/web:never-ready'));
    cluster.clock.tick(25_000);

    const web = cluster.get('Pod', 'web');
    expect(web.status.phase).toBe('Running');
    expect(condition(web, 'Ready')).toMatchObject({
      status: 'False',
      reason: 'ContainersNotReady',
      message: 'containers with unready status: [web]',
    });
    expect(cluster.events('Unhealthy')[0]).toMatchObject({
      type: 'Warning',
      count: 3,
      message: 'Readiness probe failed: HTTP probe failed with statuscode: 503',
    });
  });

  it('takes five seconds to get a slow container ready', () => {
    const cluster = simulatedCluster();
    cluster.create(pod('acme/web:slow'));
    cluster.clock.tick(5000);
    const before = condition(cluster.get('Pod', 'web'), 'Ready').status;
    cluster.clock.tick(400);

    expect([before, condition(cluster.get('Pod', 'web'), 'Ready').status]).toEqual(['False', 'True']);
  });

  it('waits for a ConfigMap that environment variables name, and goes on when it comes', () => {
    const cluster = simulatedCluster();
    cluster.create(pod('acme/web:1.0', { envFrom: [{ configMapRef: { name: 'settings' } }] }));
    cluster.clock.tick(500);
    expect(cluster.get('Pod', 'web').status.containerStatuses[0].state.waiting).toEqual({
      reason: 'CreateContainerConfigError',
      message: 'configmap "settings" not found',
    });
    expect(cluster.events('Failed')[0].message).toBe('Error: configmap "settings" not found');

    cluster.create({ kind: 'ConfigMap', metadata: { name: 'settings' }, data: { MODE: 'sandbox' } });
    cluster.clock.tick(500);

    expect(condition(cluster.get('Pod', 'web'), 'Ready').status).toBe('True');
  });

  it.each([
    ['a missing Secret', { secretKeyRef: { name: 'db', key: 'password' } }, 'secret "db" not found'],
    [
      'a missing key',
      { configMapKeyRef: { name: 'kube-root-ca.crt', key: 'nope' } },
      "couldn't find key nope in ConfigMap shop/kube-root-ca.crt",
    ],
  ])('names %s', (_what, valueFrom, message) => {
    const cluster = simulatedCluster();
    cluster.create(pod('acme/web:1.0', { env: [{ name: 'X', valueFrom }] }));
    cluster.clock.tick(500);

    expect(cluster.get('Pod', 'web').status.containerStatuses[0].state.waiting).toEqual({
      reason: 'CreateContainerConfigError',
      message,
    });
  });

  it('runs without what is optional', () => {
    const cluster = simulatedCluster();
    cluster.create(
      pod(
        'acme/web:1.0',
        { envFrom: [{ secretRef: { name: 'db', optional: true } }] },
        { volumes: [{ name: 'extra', configMap: { name: 'extra', optional: true } }] },
      ),
    );
    cluster.clock.tick(500);

    expect(cluster.get('Pod', 'web').status.phase).toBe('Running');
  });

  it('cannot mount a volume whose Secret is missing, and mounts it when it comes', () => {
    const cluster = simulatedCluster();
    cluster.create(pod('acme/web:1.0', {}, { volumes: [{ name: 'tls', secret: { secretName: 'web-tls' } }] }));
    cluster.clock.tick(800);
    expect(cluster.get('Pod', 'web').status.containerStatuses[0].state.waiting.reason).toBe('ContainerCreating');
    expect(cluster.events('FailedMount')[0].message).toBe(
      'MountVolume.SetUp failed for volume "tls" : secret "web-tls" not found',
    );

    cluster.create({ kind: 'Secret', metadata: { name: 'web-tls' }, data: {} });
    cluster.clock.tick(500);

    expect(cluster.get('Pod', 'web').status.phase).toBe('Running');
  });

  it('runs init containers in order before the others', () => {
    const cluster = simulatedCluster();
    const initContainers = [
      { name: 'one', image: 'acme/init:1.0' },
      { name: 'two', image: 'acme/init:1.0' },
    ];
    cluster.create(pod('acme/web:1.0', {}, { initContainers }));
    cluster.clock.tick(300);
    const early = cluster.get('Pod', 'web');
    cluster.clock.tick(1500);
    const late = cluster.get('Pod', 'web');

    expect(early.status.phase).toBe('Pending');
    expect(early.status.initContainerStatuses.map(({ state }: Loose) => Object.keys(state)[0])).toEqual([
      'running',
      'waiting',
    ]);
    expect(early.status.containerStatuses[0].state.waiting.reason).toBe('PodInitializing');
    expect(condition(early, 'Initialized')).toMatchObject({
      status: 'False',
      reason: 'ContainersNotInitialized',
      message: 'containers with incomplete status: [one two]',
    });
    expect(late.status.phase).toBe('Running');
    expect(
      late.status.initContainerStatuses.every(
        ({ ready, state }: Loose) => ready && state.terminated.reason === 'Completed',
      ),
    ).toBe(true);
  });

  it('never starts a container whose init container crashes', () => {
    const cluster = simulatedCluster();
    cluster.create(pod('acme/web:1.0', {}, { initContainers: [{ name: 'init', image: 'acme/init:crash' }] }));

    const seen = waits(cluster, 3000, (one) => one.status.initContainerStatuses?.[0]);

    expect(seen).toContain('CrashLoopBackOff');
    const { status } = cluster.get('Pod', 'web');
    expect(status.initContainerStatuses[0].restartCount).toBeGreaterThanOrEqual(3);
    expect(status.containerStatuses[0].state.waiting.reason).toBe('PodInitializing');
  });

  it('keeps a sidecar running beside the container it came before', () => {
    const cluster = simulatedCluster();
    cluster.create(
      pod(
        'acme/web:1.0',
        {},
        { initContainers: [{ name: 'proxy', image: 'acme/proxy:1.0', restartPolicy: 'Always' }] },
      ),
    );
    cluster.clock.tick(1000);

    const { status } = cluster.get('Pod', 'web');
    expect(status.phase).toBe('Running');
    expect(status.initContainerStatuses[0].state).toHaveProperty('running');
  });

  it('lets a deleted pod go after a moment, and a stuck one after its grace period', () => {
    const cluster = simulatedCluster();
    cluster.create(pod('acme/web:1.0'));
    cluster.create({ ...pod('acme/web:stuck-terminating'), metadata: { name: 'stuck' } });
    cluster.clock.tick(1000);
    cluster.remove('Pod', 'web');
    cluster.remove('Pod', 'stuck');
    cluster.clock.tick(50);
    const during = cluster.list('Pod').map((one) => [one.metadata.name, typeof one.metadata.deletionTimestamp]);
    cluster.clock.tick(1000);
    const soon = cluster.list('Pod').map((one) => one.metadata.name);
    cluster.clock.tick(30_000);

    expect(during).toEqual([
      ['web', 'string'],
      ['stuck', 'string'],
    ]);
    expect(cluster.events('Killing').map((event) => event.message)).toContain('Stopping container web');
    expect(soon).toEqual(['stuck']);
    expect(cluster.list('Pod')).toEqual([]);
  });

  it('goes on with crashing, waiting and running containers after a restart', () => {
    const cluster = simulatedCluster();
    for (const tag of ['1.0', 'crash', 'missing', 'slow'])
      cluster.create({ ...pod(`acme/web:${tag}`), metadata: { name: `web-${tag}` } });
    cluster.clock.tick(1000);
    const running = cluster.get('Pod', 'web-1.0').status;
    cluster.restart();
    cluster.clock.tick(6000);

    expect(cluster.get('Pod', 'web-1.0').status).toEqual(running);
    expect(cluster.get('Pod', 'web-crash').status.containerStatuses[0].restartCount).toBeGreaterThanOrEqual(3);
    expect(cluster.get('Pod', 'web-missing').status.containerStatuses[0].state.waiting.reason).toMatch(
      /ErrImagePull|ImagePullBackOff/,
    );
    expect(condition(cluster.get('Pod', 'web-slow'), 'Ready').status).toBe('True');
  });

  it('still knows of a crash loop after a restart', () => {
    const cluster = simulatedCluster();
    cluster.create(pod('acme/web:crash'));
    const state = () => cluster.get('Pod', 'web').status;
    while (state().containerStatuses?.[0].state.waiting?.reason !== 'CrashLoopBackOff') cluster.clock.tick(10);
    const before = state();
    cluster.restart();
    cluster.clock.tick(5);

    expect(state()).toMatchObject({
      phase: 'Running',
      containerStatuses: [{ restartCount: 2, lastState: before.containerStatuses[0].lastState }],
    });
  });

  it('has logs of the present and the previous container, without a secret in them', () => {
    const cluster = simulatedCluster();
    cluster.create({ kind: 'Secret', metadata: { name: 'db' }, data: { password: 'aHVudGVyMg==' } });
    const env = [
      { name: 'MODE', value: 'sandbox' },
      { name: 'DATABASE_URL', value: 'postgres://shop:hunter2@database:5432/shop' },
      { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } },
    ];
    cluster.create(pod('acme/web:crash', { env }));
    expect(cluster.controllers.logsOf('shop', 'web', 'web')).toBeUndefined();
    cluster.clock.tick(1200);

    const previous = cluster.controllers.logsOf('shop', 'web', 'web', { previous: true }) ?? '';
    expect(previous.trimEnd().split('\n').at(-1)).toBe('Error: connect ECONNREFUSED database:5432');
    expect(previous).toContain('MODE=sandbox');
    expect(previous).not.toMatch(/hunter2|aHVudGVyMg/);
    expect(cluster.controllers.logsOf('shop', 'web', 'web', { tailLines: 1 })?.trimEnd().split('\n')).toHaveLength(1);
    expect(cluster.controllers.logsOf('shop', 'web', 'other')).toBeUndefined();
  });

  it('gives every pod an address of its own', () => {
    const cluster = simulatedCluster();
    cluster.create(deployment({ replicas: 300 }));
    cluster.clock.tick(1000);

    expect(new Set(cluster.list('Pod').map((one) => one.status.podIP)).size).toBe(300);
  });
});
