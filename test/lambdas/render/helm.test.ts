import { describe, expect, it } from 'vitest';
import { helmArguments } from '../../../lambdas/render/helm.ts';
import { blueprintWith, renderRequest } from '../../support/render.ts';

const common = ['template', '--namespace=stg-shop-42', '--values=-', '--include-crds'];
const argumentsFor = (helm: { repository: string; chart: string; version: string }, chartVersion?: string) =>
  helmArguments(
    helm,
    renderRequest({
      blueprint: blueprintWith({ source: { helm } }),
      directory: '/blueprints/shop',
      overrides: chartVersion === undefined ? {} : { chartVersion },
    }),
  );

describe('helmArguments', () => {
  it('names a chart in a repository', () => {
    expect(argumentsFor({ repository: 'https://charts.example.com', chart: 'shop', version: '1.2.3' })).toEqual([
      ...common,
      '--version=1.2.3',
      '--repo=https://charts.example.com',
      '--',
      'shop-42',
      'shop',
    ]);
  });

  it('names the release so that Helm takes it, however long the staging’s name is', () => {
    const request = renderRequest({
      blueprint: blueprintWith({}),
      directory: '/blueprints/shop',
      name: 'x'.repeat(59),
    });
    expect(helmArguments({ chart: './chart' }, request).at(-2)).toHaveLength(53);
  });

  it('names a chart in an OCI registry', () => {
    expect(argumentsFor({ repository: 'oci://registry.example.com/charts/', chart: 'shop', version: '1.2.3' })).toEqual(
      [...common, '--version=1.2.3', '--', 'shop-42', 'oci://registry.example.com/charts/shop'],
    );
  });

  it('takes the staging’s version over the blueprint’s, and never as a flag', () => {
    const helm = { repository: 'https://charts.example.com', chart: 'shop', version: '1.2.3' };
    expect(argumentsFor(helm, '2.0.0')).toContain('--version=2.0.0');
    expect(argumentsFor(helm, '--post-renderer=/bin/sh')).toContain('--version=--post-renderer=/bin/sh');
  });

  it('names a chart beside the blueprint by its absolute path', () => {
    const request = renderRequest({ blueprint: blueprintWith({}), directory: '/blueprints/shop', isUpgrade: true });
    expect(helmArguments({ chart: './chart' }, request)).toEqual([
      ...common,
      '--is-upgrade',
      '--',
      'shop-42',
      '/blueprints/shop/chart',
    ]);
  });
});
