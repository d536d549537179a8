import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { describeObject } from '../../../lambdas/domain/kubernetes-object.ts';
import type { Render } from '../../../lambdas/render/render.ts';
import { renderWorkload } from '../../../lambdas/render/render-workload.ts';
import { findBinaries } from '../../../lib/local/binaries.ts';
import { blueprintWith, chart, folderWith, renderRequest } from '../../support/render.ts';

let render: Render;
beforeAll(async () => {
  render = renderWorkload(await findBinaries());
});

const configMap = (name: string, data: string) => `apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}
data:
  ${data}
`;
const shown = (data: string) => ({ 'shown.yaml': configMap('shown', data) });

describe('a chart', () => {
  const source = { helm: { chart: './chart' } };
  const renderChart = async (
    templates: Record<string, string>,
    { values = '{}', request = {}, fields = {} }: { values?: string; request?: object; fields?: object } = {},
  ) =>
    render(
      renderRequest({
        blueprint: blueprintWith({ source, values: 'any', ...fields }),
        directory: await folderWith(chart(templates, values)),
        ...request,
      }),
    );

  it('is rendered with the staging’s name as release, and its namespace', async () => {
    const { objects } = await renderChart(shown('is: {{ .Release.Name }}/{{ .Release.Namespace }}'));
    expect(objects).toMatchObject([{ data: { is: 'shop-42/stg-shop-42' } }]);
  });

  it('learns whether it is installed or upgraded, and what the cluster can do', async () => {
    const template = shown(
      'is: {{ .Release.IsUpgrade }} {{ .Release.IsInstall }} {{ .Capabilities.KubeVersion }} {{ .Capabilities.APIVersions.Has "a.io/v1" }}',
    );
    const capabilities = { kubeVersion: 'v1.34.2', apiVersions: ['a.io/v1'] };
    expect(await renderChart(template, { request: { isUpgrade: true, ...capabilities } })).toMatchObject({
      objects: [{ data: { is: 'true false v1.34.2 true' } }],
    });
    expect(await renderChart(template, { request: { kubeVersion: '1.33.0' } })).toMatchObject({
      objects: [{ data: { is: 'false true v1.33.0 false' } }],
    });
  });

  it('gets the request over the blueprint over its own defaults, and the host', async () => {
    const { objects } = await renderChart(
      shown('is: {{ printf "%v %v %v %v" .Values.a .Values.b .Values.c .Values.host }}'),
      {
        values: '{a: chart, b: chart, c: chart}',
        fields: { defaults: { b: 'blueprint', c: 'blueprint' }, host: [{ values: 'host' }] },
        request: { values: { c: 'request' } },
      },
    );
    expect(objects).toMatchObject([{ data: { is: 'chart blueprint request shop-42.staging.example.com' } }]);
  });

  it('loses a default for null, at any depth', async () => {
    const { objects } = await renderChart(shown('is: {{ .Values | toJson | quote }}'), {
      values: '{keep: 1, drop: 1, web: {keep: 1, drop: {deep: 1}}}',
      request: { values: { drop: null, 'web.drop': null } },
    });
    expect(JSON.parse(String(dataOf(objects[0]).is))).toEqual({ keep: 1, web: { keep: 1 } });
  });

  it('keeps values that look like templates, YAML or flags as they are', async () => {
    const hostile = '{{ .Release.Name }}\n---\nkind: Pod\n# &a *a --set x=y "\'';
    const { objects } = await renderChart(shown('is: {{ .Values.text | toJson }}'), {
      request: { values: { text: hostile } },
    });
    expect(objects).toMatchObject([{ data: { is: hostile } }]);
  });

  it('has its custom resource definitions and hooks, and no tests', async () => {
    const folder = await folderWith({
      ...chart({
        'hook.yaml': configMap('hook', 'a: b').replace(
          'name: hook',
          'name: hook\n  annotations: {helm.sh/hook: pre-install}',
        ),
        'tests/t.yaml': configMap('test', 'a: b').replace(
          'name: test',
          'name: test\n  annotations: {helm.sh/hook: test}',
        ),
      }),
      'chart/crds/crd.yaml':
        'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: a.b.c}\n',
    });
    const workload = await render(renderRequest({ blueprint: blueprintWith({ source }), directory: folder }));
    expect(workload).toMatchObject({
      objects: [{ kind: 'CustomResourceDefinition' }],
      hooks: [{ object: { metadata: { name: 'hook' } }, phases: ['pre-install'] }],
    });
  });

  it('has what a chart defines once, however many aliases an umbrella has for the chart', async () => {
    const operator = (alias: string) => `{name: operator, version: 1.0.0, alias: ${alias}}`;
    const head = 'apiVersion: v2\nversion: 1.0.0\n';
    const definition =
      'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: widgets}\n';
    const directory = await folderWith({
      'chart/Chart.yaml': `${head}name: umbrella\ndependencies: [${operator('one')}, ${operator('two')}]\n`,
      'chart/charts/operator/Chart.yaml': `${head}name: operator\n`,
      'chart/charts/operator/crds/widgets.yaml': definition,
      'chart/charts/operator/templates/settings.yaml': configMap('{{ .Chart.Name }}', 'a: b'),
    });
    const blueprint = blueprintWith({ source: { helm: { chart: './chart' } } });
    const { objects } = await render(renderRequest({ blueprint, directory }));
    expect(objects.map(describeObject)).toEqual(['CustomResourceDefinition/widgets', 'ConfigMap/one', 'ConfigMap/two']);
  });

  it('fails with Helm’s own words and the template’s place', async () => {
    await expect(renderChart(shown('is: {{ required "set a name" .Values.missing }}'))).rejects.toThrow(
      expect.objectContaining({
        name: 'RenderFailed',
        message: expect.stringMatching(/^helm: .*shown\.yaml:6.*set a name/),
      }),
    );
  });

  it('does not take another version than its own', async () => {
    await expect(renderChart(shown('a: b'), { request: { overrides: { chartVersion: '2.0.0' } } })).rejects.toThrow(
      'overrides.chartVersion',
    );
  });
});

const dataOf = (object: unknown): Record<string, unknown> => (object as { data: Record<string, unknown> }).data;

describe('a Kustomize folder', () => {
  const blueprint = blueprintWith({
    source: { kustomize: './overlays/staging' },
    inputs: { tag: { type: 'string', description: 'd', to: [{ imageTag: 'shop/web' }] } },
  });
  const pod =
    'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: "shop/web:1"}]}\n';
  const files = (overlay: string) => ({
    'base/kustomization.yaml': 'resources: [pod.yaml]',
    'base/pod.yaml': pod,
    'overlays/staging/kustomization.yaml': overlay,
  });

  it('is built, with the bases beside it, and edited', async () => {
    const directory = await folderWith(files('resources: [../../base]\nnamePrefix: my-\n'));
    expect(await render(renderRequest({ blueprint, directory, values: { tag: '2' } }))).toMatchObject({
      objects: [{ kind: 'Pod', metadata: { name: 'my-web' }, spec: { containers: [{ image: 'shop/web:2' }] } }],
    });
  });

  it.each([
    ['a file outside', 'resources: [../../../../../../../../../../../etc/passwd]', /security; file/],
    ['a file of another folder', 'resources: [../../base/pod.yaml]', /security; file/],
    ['a URL', 'resources: ["https://berth.invalid/pod.yaml"]', /127\.0\.0\.1:9: connect: connection refused/],
    ['a git repository', 'resources: ["https://github.com/berth/none?ref=v1"]', /no 'git' program/],
    ['a plugin', 'generators: [plugin.yaml]', /external plugins disabled/],
    [
      'a Helm chart',
      'helmCharts: [{name: a, repo: "https://berth.invalid", version: "1"}]',
      /must specify --enable-helm/,
    ],
  ])('does not reach for %s', async (_, overlay, message) => {
    const plugin =
      'apiVersion: a/v1\nkind: Exec\nmetadata: {name: x, annotations: {config.kubernetes.io/function: "exec: {path: /bin/true}"}}\n';
    const directory = await folderWith({ ...files(overlay), 'overlays/staging/plugin.yaml': plugin });
    await expect(render(renderRequest({ blueprint, directory }))).rejects.toThrow(
      expect.objectContaining({ name: 'RenderFailed', message: expect.stringMatching(message) }),
    );
  });
});

describe('a folder of manifests', () => {
  const renderFiles = async (files: Record<string, string>, fields: object = {}, request: object = {}) =>
    render(renderRequest({ blueprint: blueprintWith(fields), directory: await folderWith(files), ...request }));

  it('comes to the objects of all its files, by path', async () => {
    const { objects } = await renderFiles({
      'manifests/b.yml': configMap('b', 'x: y'),
      'manifests/a.yaml': `${configMap('a1', 'x: y')}---\n${configMap('a2', 'x: y')}`,
      'manifests/more/c.json': JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } }),
      'manifests/README.md': 'not: {a: manifest',
      'other/d.yaml': configMap('d', 'x: y'),
    });
    expect(objects.map(({ metadata }) => metadata.name)).toEqual(['a1', 'a2', 'b', 'c']);
  });

  it('does not follow links out of the folder', async () => {
    const directory = await folderWith({
      'manifests/a.yaml': configMap('a', 'x: y'),
      'secret/b.yaml': configMap('b', 'x: y'),
    });
    await symlink(join(directory, 'secret', 'b.yaml'), join(directory, 'manifests', 'b.yaml'));
    await symlink(join(directory, 'secret'), join(directory, 'manifests', 'more'));
    const { objects } = await render(renderRequest({ blueprint: blueprintWith({}), directory }));
    expect(objects.map(({ metadata }) => metadata.name)).toEqual(['a']);
  });

  it('refuses an object that is there twice, in another namespace too, since all lie in one', async () => {
    const twice = configMap('a', 'x: y').replace('name: a', 'name: a\n  namespace: other');
    await expect(renderFiles({ 'manifests/a.yaml': `${configMap('a', 'x: y')}---\n${twice}` })).rejects.toThrow(
      'ConfigMap/a: is there more than once',
    );
  });

  it('lets one hook come in two phases as two objects', async () => {
    const hook = (phase: string) =>
      configMap('a', 'x: y').replace('name: a', `name: a\n  annotations: {helm.sh/hook: ${phase}}`);
    const files = (second: string) => ({ 'manifests/a.yaml': `${hook('pre-install')}---\n${hook(second)}` });
    expect((await renderFiles(files('pre-upgrade'))).hooks).toHaveLength(2);
    await expect(renderFiles(files('pre-install'))).rejects.toThrow('ConfigMap/a: is there more than once');
  });

  it('refuses values that the blueprint does not take any more', async () => {
    const files = { 'manifests/a.yaml': configMap('a', 'x: y') };
    await expect(renderFiles(files, {}, { values: { gone: 1 } })).rejects.toThrow(
      expect.objectContaining({ name: 'RenderFailed', message: expect.stringMatching(/^values\.gone: /) }),
    );
  });

  it('says that the folder is not there', async () => {
    await expect(renderFiles({})).rejects.toThrow('./manifests: there is no such folder');
  });
});
