import { describe, expect, it } from 'vitest';
import { clusterApi, deployment, pod } from '../../../../support/cluster-api.ts';

const deployments = '/apis/apps/v1/namespaces/default/deployments';
const pods = '/api/v1/namespaces/default/pods';

describe('checking what is sent', () => {
  it('refuses unknown fields at any depth under strict validation', async () => {
    const { create } = await clusterApi();
    const wrong = { ...deployment('web', 'web:1', { foo: 1 }), extra: true };
    const { status, body } = await create(`${deployments}?fieldValidation=Strict`, wrong);
    expect(status).toBe(400);
    expect(body.message).toBe(
      'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.foo", unknown field "extra"',
    );
  });

  it('drops unknown fields with a warning otherwise', async () => {
    const { request } = await clusterApi();
    const response = await request(deployments, { method: 'POST', body: deployment('web', 'web:1', { foo: 1 }) });
    expect(response.status).toBe(201);
    expect(response.headers['warning']).toBe('299 - "unknown field \\"spec.foo\\""');
    expect(JSON.parse(String(response.body)).spec.foo).toBeUndefined();
  });

  it('refuses unknown fields of an apply in the words and with the code of a real server', async () => {
    const { apply } = await clusterApi();
    const wrong = pod('p', {}, { imag: 'x' });
    const { status, body } = await apply(`${pods}/p`, wrong);
    expect(status).toBe(500);
    expect(body.message).toBe(
      'failed to create typed patch object (default/p; /v1, Kind=Pod): .spec.containers[name="web"].imag: field not declared in schema',
    );
  });

  it('refuses elements of a list twice with the same key', async () => {
    const { apply } = await clusterApi();
    const env = [
      { name: 'A', value: '1' },
      { name: 'A', value: '2' },
    ];
    const { body } = await apply(`${pods}/p`, pod('p', {}, { env }));
    expect(body.message).toContain('.env: duplicate entries for key [name="A"]');
  });

  it('refuses values of another type', async () => {
    const { create } = await clusterApi();
    const { status, body } = await create(deployments, deployment('web', 'web:1', { replicas: 'two' }));
    expect(status).toBe(400);
    expect(body.message).toContain('cannot unmarshal string into Go struct field spec.replicas of type int32');
  });

  it.each([
    ['no selector', deployment('web', 'web:1', { selector: undefined }), 'spec.selector: Required value'],
    [
      'a selector that finds none of its pods',
      deployment('web', 'web:1', { selector: { matchLabels: { app: 'other' } } }),
      '`selector` does not match template `labels`',
    ],
    ['no image', deployment('web', ''), 'spec.template.spec.containers[0].image: Required value'],
    [
      'negative replicas',
      deployment('web', 'web:1', { replicas: -1 }),
      'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    ],
    [
      'a name that is none',
      deployment('Web_1'),
      'metadata.name: Invalid value: "Web_1": a lowercase RFC 1123 subdomain',
    ],
    [
      'a label value with a space',
      { ...deployment('web'), metadata: { name: 'web', labels: { a: 'b c' } } },
      'metadata.labels: Invalid value: "b c": a valid label must be',
    ],
  ])('refuses a deployment with %s', async (_, object, message) => {
    const { create } = await clusterApi();
    const { status, body } = await create(deployments, object);
    expect([status, body.reason]).toEqual([422, 'Invalid']);
    expect(body.message).toContain(message);
  });

  it('refuses to change what is immutable', async () => {
    const { apply } = await clusterApi();
    await apply(`${deployments}/web`, deployment('web'));
    const other = deployment('web', 'web:1', { selector: { matchLabels: { app: 'b' } } });
    other.spec.template.metadata.labels = { app: 'b' };
    const { status, body } = await apply(`${deployments}/web`, other);
    expect(status).toBe(422);
    expect(body.message).toBe(
      'Deployment.apps "web" is invalid: spec.selector: Invalid value: {"matchLabels":{"app":"b"}}: field is immutable',
    );
  });

  it('refuses another template for a job', async () => {
    const { apply } = await clusterApi();
    const job = (image: string) => ({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'j' },
      spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image }] } } },
    });
    const path = '/apis/batch/v1/namespaces/default/jobs/j';
    expect((await apply(path, job('a:1'))).status).toBe(201);
    expect((await apply(path, job('a:1'))).status).toBe(200);
    expect((await apply(path, job('a:2'))).body.message).toMatch(
      /spec\.template: Invalid value: .*: field is immutable$/,
    );
  });
});
