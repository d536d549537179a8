import { describe, expect, it } from 'vitest';
import { clusterApi, configMap, deployment } from '../../../../support/cluster-api.ts';

const map = '/api/v1/namespaces/default/configmaps/one';
const web = '/apis/apps/v1/namespaces/default/deployments/web';

const container = (more: object) => {
  const object = deployment('web');
  Object.assign(object.spec.template.spec.containers[0]!, more);
  return object;
};

describe('server-side apply', () => {
  it('needs a field manager', async () => {
    const { call } = await clusterApi();
    const { status } = await call(map, {
      method: 'PATCH',
      type: 'application/apply-patch+yaml',
      body: configMap('one'),
    });
    expect(status).toBe(422);
  });

  it('takes YAML as well as JSON', async () => {
    const { call } = await clusterApi();
    const body = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata:\n  a: "1"\n';
    const { body: made } = await call(`${map}?fieldManager=m`, {
      method: 'PATCH',
      type: 'application/apply-patch+yaml',
      body,
    });
    expect(made.data).toEqual({ a: '1' });
  });

  it('removes what its manager no longer names, and leaves the rest', async () => {
    const { apply, call } = await clusterApi();
    await apply(map, configMap('one', { a: '1', b: '2' }));
    await call(`${map}?fieldManager=other`, {
      method: 'PATCH',
      type: 'application/merge-patch+json',
      body: { data: { c: '3' } },
    });
    const { body } = await apply(map, configMap('one', { a: '1' }));
    expect(body.data).toEqual({ a: '1', c: '3' });
  });

  it('keeps what two managers own until the last lets go', async () => {
    const { apply } = await clusterApi();
    await apply(map, configMap('one', { a: '1' }), 'first');
    await apply(map, configMap('one', { a: '1' }), 'second');
    expect((await apply(map, configMap('one', {}), 'first')).body.data).toEqual({ a: '1' });
    expect((await apply(map, configMap('one', {}), 'second')).body.data).toBeUndefined();
  });

  it('removes the last that its manager named in the metadata', async () => {
    const { apply } = await clusterApi();
    const named = { ...configMap('one', { a: '1' }), metadata: { name: 'one', finalizers: ['berth.dev/hold'] } };
    expect((await apply(map, named)).body.metadata.finalizers).toEqual(['berth.dev/hold']);
    const { body } = await apply(map, { ...named, metadata: { name: 'one' } });
    expect(body.metadata).not.toHaveProperty('finalizers');
    expect(body).toMatchObject({ metadata: { name: 'one' }, data: { a: '1' } });
  });

  it('keeps metadata of others when its manager lets go of all of its own', async () => {
    const { apply, call } = await clusterApi();
    await apply(map, configMap('one', {}, { mine: '1' }));
    await call(`${map}?fieldManager=other`, {
      method: 'PATCH',
      type: 'application/merge-patch+json',
      body: { metadata: { labels: { theirs: '2' }, annotations: { note: '3' } } },
    });
    const { body } = await apply(map, configMap('one'));
    expect(body.metadata).toMatchObject({ labels: { theirs: '2' }, annotations: { note: '3' } });
    expect(body.metadata.labels).not.toHaveProperty('mine');
  });

  it('removes a field with the defaults below it, which nobody owns', async () => {
    const { apply } = await clusterApi();
    const probed = await apply(web, container({ readinessProbe: { httpGet: { port: 80 } } }));
    expect(probed.body.spec.template.spec.containers[0].readinessProbe).toMatchObject({
      httpGet: { scheme: 'HTTP' },
      timeoutSeconds: 1,
    });
    const { status, body } = await apply(web, container({}));
    expect(status).toBe(200);
    expect(body.spec.template.spec.containers[0]).not.toHaveProperty('readinessProbe');
  });

  it('keeps a field, defaults and all, while somebody else owns a part of it', async () => {
    const { apply } = await clusterApi();
    await apply(web, container({ readinessProbe: { httpGet: { port: 80 }, periodSeconds: 5 } }), 'first');
    await apply(web, container({ readinessProbe: { httpGet: { port: 80 } } }), 'second');
    const { body } = await apply(web, container({}), 'first');
    expect(body.spec.template.spec.containers[0].readinessProbe).toMatchObject({
      httpGet: { port: 80, scheme: 'HTTP' },
    });
    const last = await apply(web, container({}), 'second');
    expect(last.body.spec.template.spec.containers[0]).not.toHaveProperty('readinessProbe');
  });

  it('removes an element that it brought, even where another manager changed a field of it', async () => {
    const { apply, call } = await clusterApi();
    const env = (...names: string[]) => container({ env: names.map((name) => ({ name, value: name })) });
    await apply(web, env('A', 'B'));
    await call(`${web}?fieldManager=other`, {
      method: 'PATCH',
      type: 'application/strategic-merge-patch+json',
      body: { spec: { template: { spec: { containers: [{ name: 'web', env: [{ name: 'B', value: 'other' }] }] } } } },
    });
    const { body } = await apply(web, env('A'));
    expect(body.spec.template.spec.containers[0].env).toEqual([{ name: 'A', value: 'A' }]);
    const others = body.metadata.managedFields.filter(({ manager }: { manager: string }) => manager === 'other');
    expect(others).toEqual([]);
  });

  it('refuses to change what another manager owns, naming manager and field', async () => {
    const { apply } = await clusterApi();
    await apply(web, container({ image: 'web:1' }), 'first');
    const { status, body } = await apply(web, container({ image: 'web:2' }), 'second');
    expect(status).toBe(409);
    expect(body.message).toBe(
      'Apply failed with 1 conflict: conflict with "first": .spec.template.spec.containers[name="web"].image',
    );
    expect(body.details.causes).toEqual([
      {
        reason: 'FieldManagerConflict',
        message: 'conflict with "first"',
        field: '.spec.template.spec.containers[name="web"].image',
      },
    ]);
  });

  it('takes the field over when forced, so that the former owner conflicts', async () => {
    const { apply } = await clusterApi();
    await apply(web, container({ image: 'web:1' }), 'first');
    const forced = await apply(web, container({ image: 'web:2' }), 'second', '&force=true');
    expect(forced.body.spec.template.spec.containers[0].image).toBe('web:2');
    expect((await apply(web, container({ image: 'web:1' }), 'first')).status).toBe(409);
  });

  it('merges containers, ports, variables and volumes by their keys', async () => {
    const { apply } = await clusterApi();
    const env = (name: string) => [{ name, value: name }];
    await apply(web, container({ env: env('A'), ports: [{ containerPort: 80 }] }), 'first');
    const second = container({ env: env('B'), ports: [{ containerPort: 81 }] });
    const { body } = await apply(web, second, 'second');
    const [merged] = body.spec.template.spec.containers;
    expect(merged.env.map((one: { name: string }) => one.name).toSorted()).toEqual(['A', 'B']);
    expect(merged.ports.map((one: { containerPort: number }) => one.containerPort).toSorted()).toEqual([80, 81]);
    const without = await apply(web, container({ ports: [{ containerPort: 81 }] }), 'second');
    expect(without.body.spec.template.spec.containers[0].env).toEqual(env('A'));
  });

  it('replaces lists without keys as a whole', async () => {
    const { apply } = await clusterApi();
    await apply(web, container({ args: ['a', 'b'] }));
    const { body } = await apply(web, container({ args: ['c'] }));
    expect(body.spec.template.spec.containers[0].args).toEqual(['c']);
  });

  it('keeps the order that is applied', async () => {
    const { apply } = await clusterApi();
    const env = (names: string) => names.split('').map((name) => ({ name, value: name }));
    await apply(web, container({ env: env('ABC') }));
    const { body } = await apply(web, container({ env: env('CAX') }));
    expect(body.spec.template.spec.containers[0].env).toEqual(env('CAX'));
  });

  it('leaves what another manager added in its place', async () => {
    const { apply } = await clusterApi();
    const env = (names: string) => names.split('').map((name) => ({ name, value: name }));
    await apply(web, container({ env: env('ABCD') }), 'first');
    const { body } = await apply(web, container({ env: env('AD') }), 'second');
    expect(body.spec.template.spec.containers[0].env).toEqual(env('ABCD'));
  });

  it('changes not even the version where nothing changes', async () => {
    const { apply } = await clusterApi();
    const first = await apply(map, configMap('one', { a: '1' }));
    const second = await apply(map, configMap('one', { a: '1' }));
    expect(second.body).toEqual(first.body);
  });

  it('leaves replicas to who scales, once it no longer names them', async () => {
    const { apply, call } = await clusterApi();
    await apply(web, deployment('web', 'web:1', { replicas: 2 }));
    const scale = { kind: 'Scale', apiVersion: 'autoscaling/v1', metadata: { name: 'web' }, spec: { replicas: 5 } };
    await call(`${web}/scale`, { method: 'PUT', body: scale });
    expect((await apply(web, deployment('web', 'web:1', { replicas: 2 }))).status).toBe(409);
    const { body } = await apply(web, deployment('web', 'web:1', { replicas: undefined }));
    expect(body.spec.replicas).toBe(5);
  });

  it('does not touch the status', async () => {
    const { apply } = await clusterApi();
    const { body } = await apply(web, { ...deployment('web'), status: { replicas: 7 } });
    expect(body.status.replicas).not.toBe(7);
  });
});
