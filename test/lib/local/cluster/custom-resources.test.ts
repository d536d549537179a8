import { describe, expect, it } from 'vitest';
import { clusterApi } from '../../../support/cluster-api.ts';

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const widgets = '/apis/example.com/v1/namespaces/default/widgets';

const definition = (schema: object = {}) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', kind: 'Widget' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                required: ['size'],
                properties: {
                  size: { type: 'integer', minimum: 1 },
                  colour: { type: 'string', default: 'red' },
                  parts: {
                    type: 'array',
                    'x-kubernetes-list-type': 'map',
                    'x-kubernetes-list-map-keys': ['name'],
                    items: { type: 'object', properties: { name: { type: 'string' }, count: { type: 'integer' } } },
                  },
                },
                ...schema,
              },
              status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            },
          },
        },
      },
    ],
  },
});

const widget = (spec: object) => ({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' }, spec });

/** Until discovery has heard of a kind that is established, in milliseconds. */
const served = 50;

async function withWidgets() {
  const api = await clusterApi();
  expect((await api.create(definitions, definition())).status).toBe(201);
  api.clock.tick(served);
  return api;
}

describe('custom resources', () => {
  it('are served once their definition is established', async () => {
    const { call, create } = await withWidgets();
    const { body } = await call(`${definitions}/widgets.example.com`);
    expect(body.status.conditions).toMatchObject([{ type: 'NamesAccepted' }, { type: 'Established', status: 'True' }]);
    expect((await call('/apis/example.com/v1')).body.resources[0].name).toBe('widgets');
    const { status, body: made } = await create(widgets, widget({ size: 1 }));
    expect([status, made.spec.colour, made.metadata.generation]).toEqual([201, 'red', 1]);
  });

  it('are not served before discovery has heard of them', async () => {
    const { call, create } = await clusterApi();
    await create(definitions, definition());
    const { body } = await call(`${definitions}/widgets.example.com`);
    expect(body.status.conditions).toMatchObject([{}, { type: 'Established', status: 'True' }]);
    expect((await call('/apis/example.com/v1')).status).toBe(404);
  });

  it('are held against their schema', async () => {
    const { create } = await withWidgets();
    expect((await create(widgets, widget({ size: 0 }))).body.message).toContain('spec.size: Invalid value');
    expect((await create(widgets, widget({}))).body.message).toContain('spec.size: Required value');
    const { status, body } = await create(`${widgets}?fieldValidation=Strict`, widget({ size: 1, foo: 2 }));
    expect([status, body.message]).toEqual([400, expect.stringContaining('unknown field "spec.foo"')]);
  });

  it('merge their lists by the keys of the schema', async () => {
    const { apply } = await withWidgets();
    await apply(`${widgets}/w`, widget({ size: 1, parts: [{ name: 'a' }] }), 'first');
    const { body } = await apply(`${widgets}/w`, widget({ size: 1, parts: [{ name: 'b', count: 2 }] }), 'second');
    expect(body.spec.parts.map(({ name }: { name: string }) => name).toSorted()).toEqual(['a', 'b']);
  });

  it('go with their definition', async () => {
    const { call, clock, create } = await withWidgets();
    await create(widgets, widget({ size: 1 }));
    await call(`${definitions}/widgets.example.com`, { method: 'DELETE' });
    expect((await call(`${widgets}/w`)).status).toBe(404);
    await create(definitions, definition());
    clock.tick(served);
    expect((await call(widgets)).body.items).toEqual([]);
  });

  it('are refused where their definition needs more than is simulated', async () => {
    const { create } = await clusterApi();
    const { status, body } = await create(definitions, definition({ 'x-kubernetes-validations': [{ rule: 'true' }] }));
    expect(status).toBe(422);
    expect(body.message).toContain('does not have x-kubernetes-validations');
  });
});
