import { describe, expect, it } from 'vitest';
import { applyEdits, editsOf } from '../../../lambdas/domain/edits.ts';
import type { KubernetesObject } from '../../../lambdas/domain/kubernetes-object.ts';
import { blueprintWith } from '../../support/render.ts';

const deployment: KubernetesObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: { replicas: 1, template: { spec: { containers: [{ name: 'web', image: 'shop/web:1' }] } } },
};
const ingress: KubernetesObject = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'web' },
  spec: { rules: [{ host: 'x' }] },
};
const blueprint = blueprintWith({
  inputs: {
    imageTag: { type: 'string', description: 'd', default: '1.0', to: [{ imageTag: 'shop/web' }] },
    replicas: { type: 'integer', description: 'd', to: [{ object: 'Deployment/web', path: '/spec/replicas' }] },
  },
  host: [{ object: 'Ingress/web', path: '/spec/rules/0/host' }],
});

describe('editsOf', () => {
  it('takes defaults where the request sets nothing, and the host always', () => {
    expect(editsOf(blueprint, {}, 'a.example.com')).toEqual([
      { from: 'input "imageTag"', image: 'shop/web', tag: '1.0' },
      { from: 'the host', object: 'Ingress/web', path: '/spec/rules/0/host', value: 'a.example.com' },
    ]);
  });

  it('takes the request’s value over the default', () => {
    expect(editsOf(blueprint, { imageTag: '2.0', replicas: 3 }, 'h')).toMatchObject([
      { image: 'shop/web', tag: '2.0' },
      { path: '/spec/replicas', value: 3 },
      { value: 'h' },
    ]);
  });

  it('leaves an image as it is, and takes a field away, for null', () => {
    expect(editsOf(blueprint, { imageTag: null, replicas: null }, 'h')).toMatchObject([
      { path: '/spec/replicas', value: null },
      { value: 'h' },
    ]);
  });

  it.each(['', 'a b', 'x@sha256:12', '../x', 'a:b', '-x', 'x'.repeat(129)])('refuses %j as a tag', (imageTag) => {
    expect(() => editsOf(blueprint, { imageTag }, 'h')).toThrow('input "imageTag": is no tag of an image');
  });
});

describe('applyEdits', () => {
  it('makes all edits and leaves the objects handed in as they were', () => {
    const before = structuredClone([deployment, ingress]);
    const edited = applyEdits(
      [deployment, ingress],
      editsOf(blueprint, { imageTag: '2', replicas: 3 }, 'a.example.com'),
    );
    expect(edited).toMatchObject([
      { spec: { replicas: 3, template: { spec: { containers: [{ image: 'shop/web:2' }] } } } },
      { spec: { rules: [{ host: 'a.example.com' }] } },
    ]);
    expect([deployment, ingress]).toEqual(before);
  });

  it('names the object, the input and what there is where an edit finds no object', () => {
    const edit = { from: 'input "x"', object: 'Deployment/api', path: '/spec/replicas', value: 1 };
    expect(() => applyEdits([deployment], [edit])).toThrow(
      'Deployment/api: there is no such object for input "x"; there are Deployment/web',
    );
  });

  it('names the step that is missing', () => {
    const edit = { from: 'input "x"', object: 'Deployment/web', path: '/spec/strategy/type', value: 'Recreate' };
    expect(() => applyEdits([deployment], [edit])).toThrow(
      'Deployment/web: there is no /spec/strategy for input "x", which sets /spec/strategy/type',
    );
  });

  it('refuses an image that no container uses', () => {
    expect(() => applyEdits([deployment], [{ from: 'input "t"', image: 'shop/api', tag: '1' }])).toThrow(
      'no container uses image "shop/api", whose tag input "t" sets',
    );
  });

  it('refuses an edit that leaves no Kubernetes object', () => {
    const edit = { from: 'input "x"', object: 'Deployment/web', path: '/metadata', value: 'x' };
    expect(() => applyEdits([deployment], [edit])).toThrow(
      expect.objectContaining({ name: 'RenderFailed', message: expect.stringMatching(/^Deployment\/web: /) }),
    );
  });
});
