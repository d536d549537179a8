import { describe, expect, it } from 'vitest';
import { pageHandler } from '../../../../../lib/local/cluster/pages/page-handler.ts';
import {
  deployment,
  type Loose,
  podTemplate,
  type SimulatedCluster,
  simulatedCluster,
} from '../../../../support/simulated-cluster.ts';

const host = 'checkout.staging.localhost:8080';
const ingress = (rules: Loose[]): Loose => ({ kind: 'Ingress', metadata: { name: 'web' }, spec: { rules } });
const rule = (host: string, path = '/', service = 'web', pathType = 'Prefix'): Loose => ({
  host,
  http: { paths: [{ path, pathType, backend: { service: { name: service, port: { number: 80 } } } }] },
});
const service = (name: string, selector: Loose): Loose => ({
  kind: 'Service',
  metadata: { name },
  spec: { selector, ports: [{ port: 80, targetPort: 'http' }] },
});

function staging(container: Loose = {}, image = 'acme/web:1.0'): SimulatedCluster {
  const cluster = simulatedCluster();
  cluster.create(deployment({ template: podTemplate(image, container) }));
  cluster.create(service('web', { app: 'web' }));
  cluster.create(ingress([rule('checkout.staging.localhost')]));
  return cluster;
}

describe('the page of a staging', () => {
  it('names the staging, its image, its commit and its settings, but no secret', () => {
    const cluster = staging({
      env: [
        { name: 'PAYMENT_MODE', value: 'sandbox' },
        { name: 'GIT_COMMIT', value: '4f1c9e2' },
        { name: 'DATABASE_URL', value: 'postgres://shop:hunter2@db:5432/shop' },
        { name: 'DB_PASSWORD', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } },
      ],
    });
    cluster.create({ kind: 'Secret', metadata: { name: 'db' }, data: { password: 'c2Vzc2FtZQ==' } });
    cluster.clock.tick(1000);

    const response = pageHandler(cluster.storage)({ host, path: '/', accept: 'text/html,*/*' });

    expect(response.status).toBe(200);
    expect(response.headers['content-type']).toBe('text/html; charset=utf-8');
    for (const text of ['shop', 'acme/web:1.0', '4f1c9e2', 'PAYMENT_MODE', 'sandbox', 'from Secret/db'])
      expect(response.body).toContain(text);
    expect(response.body).not.toMatch(/hunter2|c2Vzc2FtZQ|sessame/);
    expect(response.body).not.toMatch(/(src|href)="?http/);
  });

  it('is JSON for a caller that asks for it', () => {
    const cluster = staging({ env: [{ name: 'MODE', value: 'sandbox' }] });
    cluster.clock.tick(1000);

    const response = pageHandler(cluster.storage)({ host, path: '/', accept: 'application/json' });

    expect(response.headers['content-type']).toBe('application/json');
    expect(JSON.parse(response.body)).toMatchObject({
      staging: 'shop',
      namespace: 'shop',
      image: 'acme/web:1.0',
      readyPods: 1,
      settings: [{ name: 'MODE', value: 'sandbox', isSecret: false }],
    });
  });

  it('shows the update once the new pods have taken over', () => {
    const cluster = staging();
    const ask = () =>
      JSON.parse(pageHandler(cluster.storage)({ host, path: '/', accept: 'application/json' }).body).image;
    cluster.clock.tick(1000);
    const before = ask();
    cluster.change('Deployment', 'web', (spec) => ({ ...spec, template: podTemplate('acme/web:2.0') }));
    cluster.clock.tick(2000);

    expect([before, ask()]).toEqual(['acme/web:1.0', 'acme/web:2.0']);
  });

  it('is 503, with what the pods do, while none is ready', () => {
    const cluster = staging({}, 'acme/web:missing');
    cluster.clock.tick(1000);

    const response = pageHandler(cluster.storage)({ host, path: '/' });

    expect(response.status).toBe(503);
    expect(response.headers['retry-after']).toBe('1');
    expect(response.body).toMatch(/ErrImagePull|ImagePullBackOff/);
  });

  it.each(['/healthz', '/healthz?verbose', '/readyz'])('answers %s like a healthy pod', (path) => {
    const cluster = staging();
    cluster.clock.tick(1000);

    expect(pageHandler(cluster.storage)({ host, path })).toMatchObject({ status: 200, body: 'ok\n' });
  });

  it.each(['nobody.staging.localhost', '', 'staging.localhost', 'x.checkout.staging.localhost'])(
    'is 404 for the host "%s"',
    (other) => {
      const cluster = staging();
      cluster.clock.tick(1000);

      expect(pageHandler(cluster.storage)({ host: other, path: '/' }).status).toBe(404);
    },
  );

  it('is 404 again once the staging is gone', () => {
    const cluster = staging();
    cluster.clock.tick(1000);
    cluster.storage.remove(cluster.storage.resourceOf('v1', 'Namespace')!, undefined, 'shop');
    cluster.clock.tick(2000);

    expect(pageHandler(cluster.storage)({ host, path: '/' }).status).toBe(404);
  });

  it('follows the longest path, and an exact host before a wildcard', () => {
    const cluster = simulatedCluster();
    for (const name of ['web', 'api', 'any']) {
      const template = podTemplate(`acme/${name}:1.0`);
      template.metadata.labels = { app: name };
      cluster.create({ ...deployment({ selector: { matchLabels: { app: name } }, template }), metadata: { name } });
      cluster.create(service(name, { app: name }));
    }
    cluster.create(
      ingress([
        rule('*.staging.localhost', '/', 'any'),
        rule('checkout.staging.localhost'),
        rule('checkout.staging.localhost', '/api', 'api'),
      ]),
    );
    cluster.clock.tick(1000);
    const handle = pageHandler(cluster.storage);
    const imageAt = (at: string, path: string) =>
      JSON.parse(handle({ host: at, path, accept: 'application/json' }).body).image;

    expect(imageAt(host, '/')).toBe('acme/web:1.0');
    expect(imageAt(host, '/api/orders')).toBe('acme/api:1.0');
    expect(imageAt(host, '/apis')).toBe('acme/web:1.0');
    expect(imageAt('other.staging.localhost', '/')).toBe('acme/any:1.0');
  });

  it('escapes what a setting holds', () => {
    const cluster = staging({ env: [{ name: 'GREETING', value: '<script>alert(1)</script>' }] });
    cluster.clock.tick(1000);

    expect(pageHandler(cluster.storage)({ host, path: '/' }).body).not.toContain('<script>');
  });
});
