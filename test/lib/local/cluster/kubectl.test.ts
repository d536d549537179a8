import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:http2';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { findBinaries } from '../../../../lib/local/binaries.ts';
import { AdjustableClock } from '../../../../lib/local/clock.ts';
import {
  createSimulatedCluster,
  type RunningApi,
  type SimulatedCluster,
} from '../../../../lib/local/cluster/server.ts';
import { configMap, deployment } from '../../../support/cluster-api.ts';
import { seededRandom } from '../../../support/simulated-cluster.ts';

const run = promisify(execFile);

describe('the simulated cluster on a socket', () => {
  const clock = new AdjustableClock();
  let cluster: SimulatedCluster;
  let api: RunningApi;
  let folder: string;
  let kubectlPath: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'berth-kubectl-'));
    ({ kubectlPath } = await findBinaries());
    cluster = await createSimulatedCluster({ clock, random: seededRandom() });
    api = await cluster.listen();
    await api.writeKubeconfig(join(folder, 'kubeconfig'));
  });
  afterAll(async () => {
    await cluster.stop();
    clock.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** @returns what kubectl printed, its errors included */
  const kubectl = async (...args: string[]): Promise<string> => {
    const env = { KUBECONFIG: join(folder, 'kubeconfig'), HOME: folder, PATH: '' };
    const { stdout, stderr } = await run(kubectlPath, args, { env }).catch((error: unknown) => Object(error));
    return `${stdout}${stderr}`;
  };

  const file = async (name: string, ...objects: object[]): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, objects.map((object) => stringify(object)).join('---\n'));
    return path;
  };

  it('lets kubectl apply, follow, change, read and delete a deployment', async () => {
    const first = await file('web.yaml', deployment('web', 'web:1', { replicas: 2 }));
    expect(await kubectl('apply', '-f', first)).toBe('deployment.apps/web created\n');
    expect(await kubectl('rollout', 'status', 'deployment/web', '--timeout=20s')).toContain('successfully rolled out');
    expect(await kubectl('apply', '-f', first)).toBe('deployment.apps/web unchanged\n');
    const second = await file('web-2.yaml', deployment('web', 'web:2', { replicas: 2 }));
    expect(await kubectl('apply', '-f', second)).toBe('deployment.apps/web configured\n');
    expect(await kubectl('get', 'deployment', 'web', '-o', 'jsonpath={..image}')).toBe('web:2');
    expect(await kubectl('get', 'deployments')).toMatch(/^NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nweb /);
    expect(await kubectl('describe', 'deployment', 'web')).toContain('Replicas:');
    expect(await kubectl('scale', 'deployment/web', '--replicas=1')).toBe('deployment.apps/web scaled\n');
    const images = () => kubectl('get', 'pods', '--output', 'jsonpath={.items[*].spec.containers[*].image}');
    await expect.poll(images, { timeout: 20_000 }).toBe('web:2');
    expect(await kubectl('logs', 'deployment/web')).toContain('web:2');
    expect(await kubectl('delete', 'deployment', 'web')).toContain('"web" deleted');
  });

  it('shows kubectl the conflict of two managers', async () => {
    const one = await file('one.yaml', configMap('shared', { a: '1' }));
    const two = await file('two.yaml', configMap('shared', { a: '2' }));
    expect(await kubectl('apply', '--server-side', '--field-manager=first', '-f', one)).toContain('serverside-applied');
    expect(await kubectl('apply', '--server-side', '--field-manager=second', '-f', two)).toContain(
      'Apply failed with 1 conflict: conflict with "first": .data.a',
    );
  });

  it('refuses what kubectl sends with unknown fields', async () => {
    const wrong = await file('wrong.yaml', { ...configMap('wrong'), dta: {} });
    expect(await kubectl('apply', '-f', wrong)).toContain('strict decoding error: unknown field "dta"');
  });

  it('says what to do instead where kubectl sends what is not read here', async () => {
    expect(await kubectl('create', 'configmap', 'made')).toContain('use "kubectl apply"');
  });

  it('speaks HTTP/2', async () => {
    const session = connect(api.url, { ca: api.caCertificate });
    const stream = session.request({ ':path': '/version', authorization: `Bearer ${api.token}` });
    stream.setEncoding('utf8');
    let text = '';
    for await (const chunk of stream) text += chunk;
    session.close();
    expect(session.alpnProtocol).toBe('h2');
    expect(JSON.parse(text).major).toBe('1');
  });

  it('speaks HTTP/1.1, and streams a watch over it', async () => {
    const first = await new Promise<string>((resolve, reject) => {
      const url = `${api.url}/api/v1/namespaces?watch=true&fieldSelector=metadata.name%3Ddefault`;
      const call = request(url, { ca: api.caCertificate, headers: { authorization: `Bearer ${api.token}` } });
      call.on('error', reject);
      call.on('response', (response) => {
        response.setEncoding('utf8');
        response.once('data', (text: string) => {
          resolve(text);
          call.destroy();
        });
        response.on('error', () => {});
      });
      call.end();
    });
    expect(JSON.parse(first)).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'default' } } });
  });

  it('breaks connections off when faults say so', async () => {
    cluster.setFaults([{ cut: 1 }]);
    const session = connect(api.url, { ca: api.caCertificate });
    const stream = session.request({ ':path': '/api/v1/namespaces', authorization: `Bearer ${api.token}` });
    const end = await new Promise<string>((resolve) => {
      stream.on('response', () => resolve('answered'));
      stream.on('error', () => resolve('broken'));
      stream.on('close', () => resolve('broken'));
    });
    session.destroy();
    cluster.setFaults([]);
    expect(end).toBe('broken');
  });
});
