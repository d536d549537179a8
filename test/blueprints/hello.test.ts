import { describe, expect, it } from 'vitest';
import { podSpecOf } from '../support/pods.ts';
import { renderShipped } from '../support/shipped-blueprints.ts';

const rendered = async (values = {}) => {
  const { objects } = await renderShipped('hello', { values });
  const [deployment, service, ingress] = objects;
  return {
    deployment: deployment!,
    service: service!,
    ingress: ingress!,
    container: podSpecOf(deployment!)!.containers[0]!,
  };
};

describe('blueprint hello', () => {
  it('is a Deployment, a Service and an Ingress at the staging’s host', async () => {
    const { deployment, service, ingress, container } = await rendered();
    expect([deployment.kind, service.kind, ingress.kind]).toEqual(['Deployment', 'Service', 'Ingress']);
    expect(ingress).toMatchObject({ spec: { rules: [{ host: 'shop-42.staging.example.com' }] } });
    expect(container).toMatchObject({
      image: 'public.ecr.aws/berth/hello:1.0',
      env: [{ name: 'GREETING', value: 'Hello from Berth' }],
    });
  });

  it('takes tag, replicas and greeting', async () => {
    const greeting = 'Hi: {{ .Values }} "#';
    const { deployment, container } = await rendered({ imageTag: 'pr-7', replicas: 3, greeting });
    expect(deployment).toMatchObject({ spec: { replicas: 3 } });
    expect(container).toMatchObject({ image: 'public.ecr.aws/berth/hello:pr-7', env: [{ value: greeting }] });
  });

  it.each([{ replicas: 0 }, { replicas: 6 }, { imageTag: 'a b' }, { greeting: 'x'.repeat(201) }, { color: 'red' }])(
    'refuses %j',
    async (values) => {
      await expect(rendered(values)).rejects.toThrow(expect.objectContaining({ name: 'RenderFailed' }));
    },
  );
});
