import { symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Values } from '../../../lambdas/domain/staging.ts';
import type { Render } from '../../../lambdas/render/render.ts';
import { renderWorkload } from '../../../lambdas/render/render-workload.ts';
import { runTool } from '../../../lambdas/render/run-tool.ts';
import { type Binaries, findBinaries } from '../../../lib/local/binaries.ts';
import { blueprintWith, chart, folderWith, renderRequest } from '../../support/render.ts';

let binaries: Binaries;
let render: Render;
beforeAll(async () => {
  binaries = await findBinaries();
  render = renderWorkload(binaries);
});

const configMap = (data: string, name = 'shown') =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "${name}"}\ndata:\n  is: ${data}\n`;
const shown = (data: string) => ({ 'shown.yaml': configMap(data) });
const renderFailed = (message: RegExp) =>
  expect.objectContaining({ name: 'RenderFailed', message: expect.stringMatching(message) });
const isOf = (objects: readonly unknown[]) => (objects as { data: { is: string } }[])[0]!.data.is;

/** MiB: twice what the tools need for small things. With all that a deploy may take, the same end comes seconds later. */
const little = 128;

/** Nine levels of ten aliases each: a billion strings. */
const bomb = Array.from({ length: 9 }, (_, level) =>
  level === 0
    ? 'l0: &l0 [x]'
    : `l${level}: &l${level} [${Array.from({ length: 10 }, () => `*l${level - 1}`).join(', ')}]`,
).join('\n');

describe('a chart', () => {
  const blueprint = blueprintWith({ source: { helm: { chart: './chart' } }, values: 'any' });
  const renderChart = async (templates: Record<string, string>, values: Values = {}, chartValues?: string) =>
    render(renderRequest({ blueprint, values, directory: await folderWith(chart(templates, chartValues)) }));

  it.each([
    ['a list of a billion', '{{ until 1000000000 }}', /^helm needed more than 512 MiB of memory$/],
    ['a text of 32 GB', '{{ repeat 2000000000 "xxxxxxxxxxxxxxxx" }}', /^helm needed more than 512 MiB of memory$/],
    ['more than it may print', '{{ repeat 9000000 "x" }}', /^helm printed more than 8388608 bytes$/],
    [
      'an object larger than the cluster takes',
      '{{ repeat 2000000 "x" }}',
      /shown\.yaml: is larger than 1572864 bytes$/,
    ],
    ['an error of 9 MB', '{{ fail (repeat 9000000 "x") }}', /^helm: execution error at .*x…x+$/],
  ])('ends with a sentence where it makes %s', async (_, template, message) => {
    await expect(renderChart(shown(template))).rejects.toThrow(renderFailed(message));
  });

  it('ends where a value from the request makes it call itself without end', async () => {
    const directory = await folderWith(chart(shown('{{ tpl .Values.text . }}')));
    await expect(
      runTool({
        path: binaries.helmPath,
        args: ['template', '--values=-', 'a', join(directory, 'chart')],
        stdin: JSON.stringify({ text: '{{ tpl .Values.text . }}' }),
        memoryLimit: little,
      }),
    ).rejects.toThrow(renderFailed(/^helm needed more than 128 MiB of memory$/));
  });

  it.each([
    ['include', '{{ include "a" . }}', /^helm: .*has a nested reference name: a: unable to execute template$/],
    ['template', '{{ template "a" . }}', /^helm: .*exceeded maximum template depth/],
  ])('ends where a template holds itself by %s, and says which', async (_, call, message) => {
    const templates = { '_a.tpl': `{{ define "a" }}${call}{{ end }}`, ...shown(call) };
    await expect(renderChart(templates)).rejects.toThrow(renderFailed(message));
  });

  it('ends where it takes too long', async () => {
    const directory = await folderWith(
      chart(shown('"{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}"')),
    );
    const args = ['template', 'a', join(directory, 'chart')];
    await expect(runTool({ path: binaries.helmPath, args, timeLimit: 500 })).rejects.toThrow(
      renderFailed(/^helm did not end within 0\.5 seconds$/),
    );
  });

  it.each([
    ['in its values', shown('x'), `${bomb}\n`, /excessive aliasing$/],
    [
      'in its values, deep',
      shown('x'),
      `a: ${'['.repeat(20_000)}${']'.repeat(20_000)}`,
      /exceeded max depth of 10000$/,
    ],
    [
      'in what it renders',
      { 'shown.yaml': `${bomb}\n${configMap('x')}` },
      undefined,
      /shown\.yaml: .*excessive aliasing$/,
    ],
    ['in a thousand objects and one', { 'many.yaml': many(1001) }, undefined, /^there are more than 1000 objects$/],
  ])('ends with a sentence where a bomb lies %s', async (_, templates, values, message) => {
    await expect(renderChart(templates, {}, values)).rejects.toThrow(renderFailed(message));
  });

  function many(count: number): string {
    return `{{ range until ${count} }}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: "c{{ . }}"}\n{{ end }}`;
  }

  it.each(['env "HOME"', 'expandenv "$HOME"'])('has no function that reads the environment: %s', async (call) => {
    const message = /function "(env|expandenv)" not defined/;
    await expect(renderChart(shown(`{{ ${call} }}`))).rejects.toThrow(renderFailed(message));
    await expect(renderChart(shown('{{ tpl .Values.text . }}'), { text: `{{ ${call} }}` })).rejects.toThrow(
      renderFailed(message),
    );
  });

  it('reaches no file outside of it, no cluster and no network, by a value that it takes as a template neither', async () => {
    const text = [
      '{{ .Files.Get "/etc/passwd" }}',
      '{{ .Files.Get "../outside" }}',
      '{{ .Files.Get "templates/../../outside" }}',
      '{{ range $path, $_ := .Files.Glob "../**" }}{{ $path }}{{ end }}',
      '{{ range $path, $_ := .Files.Glob "/etc/*" }}{{ $path }}{{ end }}',
      '{{ getHostByName "localhost" }}',
      '{{ lookup "v1" "Secret" "kube-system" "" | len }}',
    ].join('|');
    const directory = await folderWith({ ...chart(shown('{{ tpl .Values.text . | quote }}')), outside: 'secret' });
    const { objects } = await render(renderRequest({ blueprint, values: { text }, directory }));
    expect(isOf(objects)).toBe('||||||0');
  });

  it('sees nothing of the function’s environment, not even through a link that the build would refuse', async () => {
    const directory = await folderWith(chart(shown('{{ .Files.Get "environ" | quote }}')));
    await symlink('/proc/self/environ', join(directory, 'chart', 'environ'));
    const { objects } = await render(renderRequest({ blueprint, directory }));
    const names = isOf(objects)
      .split('\0')
      .map((line) => line.replace(/=.*/, ''));
    expect(names).toContain('HOME');
    expect(names.filter((name) => /AWS|PATH|TOKEN|SECRET|NODE|LAMBDA/.test(name))).toEqual([]);
  });

  it('fetches no chart that it depends on from beside it', async () => {
    const directory = await folderWith({
      ...chart(shown('x')),
      'chart/Chart.yaml':
        'apiVersion: v2\nname: a\nversion: 1.0.0\ndependencies: [{name: other, version: 1.0.0, repository: "file://../other"}]\n',
      'other/Chart.yaml': 'apiVersion: v2\nname: other\nversion: 1.0.0\n',
    });
    await expect(render(renderRequest({ blueprint, directory }))).rejects.toThrow(
      renderFailed(/missing in charts\/ directory: other$/),
    );
  });

  it('gets a request’s values to the letter, whatever they look like', async () => {
    const values = {
      texts: [
        '{{ .Release.Name }}',
        '${HOME} $(HOME) $HOME `id`',
        '!!js/function "x"',
        '!!binary aGk=',
        '*a &a <<: *a',
        '2026-01-02',
        '22:30',
        'yes',
        'no',
        'on',
        'null',
        '~',
        '0644',
        '1e3',
        '12345678901234567890',
        '.inf',
        ' - a\n  b: c\n---\n...\n# d',
        '\t\r\n\0\u0007\u2028\uFEFF',
        '😀',
        '',
        'x'.repeat(50_000),
        '--set a=b',
        '-',
        '@/etc/passwd',
      ],
      keys: { '<<': '*a', 'a.b/c': 1, yes: 1, '1': 1, '{{ a }}': 1, 'a b\n': 1, '!!str': 1, '~': 1 },
    };
    const { objects } = await renderChart(shown('{{ .Values | toJson | quote }}'), {
      ...values,
      '__proto__.polluted': true,
      'constructor.prototype.polluted': true,
      'annotations.a\\.b/c': 1,
    });
    const { constructor, annotations, ...seen } = JSON.parse(isOf(objects));
    expect(seen).toEqual({ ...values, ...JSON.parse('{"__proto__": {"polluted": true}}') });
    expect(constructor).toEqual({ prototype: { polluted: true } });
    expect(annotations).toEqual({ 'a.b/c': 1 });
    expect({}).not.toHaveProperty('polluted');
  });

  it.each([
    ['a'.repeat(300), `^ConfigMap/a{253}: its name has 300 characters, and 253 are the most$`],
    ['..', String.raw`^ConfigMap/\.\.: "\.\." can't be a name`],
    ['a/../b', String.raw`^ConfigMap/a/\.\./b: "a/\.\./b" can't be a name`],
    ['%2e%2e', `^ConfigMap/%2e%2e: "%2e%2e" can't be a name`],
  ])('may not name an object %s', async (name, message) => {
    await expect(renderChart({ 'a.yaml': configMap('x', name) })).rejects.toThrow(renderFailed(new RegExp(message)));
    const hook = configMap('x', name).replace('"}', '", annotations: {helm.sh/hook: pre-install}}');
    await expect(renderChart({ 'a.yaml': hook })).rejects.toThrow(renderFailed(new RegExp(message)));
  });

  it.each([
    [
      'apiVersion: v1',
      'apiVersion: v1/../../api/v1/namespaces/kube-system',
      /^ConfigMap\/shown: apiVersion "v1\/\.\..*" can't be one$/,
    ],
    ['apiVersion: v1', 'apiVersion: ../v1', /apiVersion "\.\.\/v1" can't be one$/],
    ['apiVersion: v1', 'apiVersion: "v1?watch=true"', /apiVersion "v1\?watch=true" can't be one$/],
    ['kind: ConfigMap', 'kind: "../x"', /^\.\.\/x\/shown: kind "\.\.\/x" can't be one$/],
    ['kind: ConfigMap', `kind: ${'K'.repeat(300)}`, /^K{63}\/shown: kind "K{63}…" can't be one$/],
  ])('may not make %s a path: %s', async (written, hostile, message) => {
    await expect(renderChart({ 'a.yaml': configMap('x').replace(written, hostile) })).rejects.toThrow(
      renderFailed(message),
    );
  });
});

describe('a Kustomize folder', () => {
  const blueprint = blueprintWith({ source: { kustomize: './k' } });
  const renderFolder = async (kustomization: string, files: Record<string, string> = {}) =>
    render(
      renderRequest({
        blueprint,
        directory: await folderWith({
          'k/kustomization.yaml': kustomization,
          'k/a.yaml': configMap('x'),
          'secret/plain.txt': 'a=b',
          ...files,
        }),
      }),
    );

  it.each([
    ['in its file', `${bomb}\nresources: [a.yaml]\n`, {}, /^kubectl: invalid Kustomization: .*excessive aliasing$/],
    ['in depth', 'resources: [a.yaml]', { 'k/a.yaml': configMap('['.repeat(20_000)) }, /exceeded max depth of 10000/],
    ['in itself', 'resources: [a.yaml, .]', {}, /cycle detected/],
  ])('ends with a sentence where a bomb lies %s', async (_, kustomization, files, message) => {
    await expect(renderFolder(kustomization, files)).rejects.toThrow(renderFailed(message));
  });

  it('ends where a bomb lies in an object', async () => {
    const directory = await folderWith({
      'kustomization.yaml': 'resources: [a.yaml]',
      'a.yaml': `${bomb}\n${configMap('*l8')}`,
    });
    await expect(
      runTool({ path: binaries.kubectlPath, args: ['kustomize', directory], memoryLimit: little }),
    ).rejects.toThrow(renderFailed(/^kubectl needed more than 128 MiB of memory$/));
  });

  it.each([
    [
      'its parameters from a file outside',
      'configMapGenerator: [{name: a, envs: [../secret/plain.txt]}]',
      /security; file/,
    ],
    ['its files from outside', 'configMapGenerator: [{name: a, files: [x=/proc/self/environ]}]', /security; file/],
    ['its patch from outside', 'resources: [a.yaml]\npatches: [{path: ../secret/plain.txt}]', /security; file/],
    ['an absolute folder', `resources: [${dirname(process.execPath)}]`, /cannot be absolute/],
    ['a repository over SSH', 'resources: ["git@github.com:example/none.git"]', /no 'git' program/],
    ['a container', 'transformers: [a.yaml]', /external plugins disabled|unable to find plugin/],
  ])('does not take %s', async (_, kustomization, message) => {
    await expect(renderFolder(kustomization)).rejects.toThrow(renderFailed(message));
  });

  it('does not follow a link out of it', async () => {
    const directory = await folderWith({
      'k/kustomization.yaml': 'resources: [b.yaml]',
      'secret.yaml': configMap('x'),
    });
    await symlink(join(directory, 'secret.yaml'), join(directory, 'k', 'b.yaml'));
    await expect(render(renderRequest({ blueprint, directory }))).rejects.toThrow(renderFailed(/security; file/));
  });

  it('leaves variables and templates as they are', async () => {
    const text = "'$(HOME) ${HOME} {{ .Release.Name }} !!str *a'";
    const { objects } = await renderFolder('resources: [a.yaml]', { 'k/a.yaml': configMap(text) });
    expect(isOf(objects)).toBe('$(HOME) ${HOME} {{ .Release.Name }} !!str *a');
  });

  it('takes nothing of the function’s environment into an object', async () => {
    const { objects } = await renderFolder('configMapGenerator: [{name: a, envs: [names]}]', {
      'k/names': 'AWS_SECRET_ACCESS_KEY\nNODE_OPTIONS\nUSER\n',
    });
    expect(objects).toMatchObject([{ data: { AWS_SECRET_ACCESS_KEY: '', NODE_OPTIONS: '', USER: '' } }]);
  });
});

describe('a folder of manifests', () => {
  const blueprint = blueprintWith({});
  const renderFiles = async (files: Record<string, string>) =>
    render(renderRequest({ blueprint, directory: await folderWith(files) }));

  it('is not read where it is larger than a staging is', async () => {
    const files = { 'manifests/a.yaml': '#'.repeat(5_000_000), 'manifests/b.json': ' '.repeat(5_000_000) };
    await expect(renderFiles(files)).rejects.toThrow(
      renderFailed(/^\.\/manifests: 10000000 bytes of objects are more than 8388608$/),
    );
  });

  it('names the file in which a bomb lies', async () => {
    await expect(renderFiles({ 'manifests/a/b.yaml': `${bomb}\n${configMap('*l8')}` })).rejects.toThrow(
      renderFailed(
        /^manifests\/a\/b\.yaml: holds more than 500000 values, with what its aliases stand for at line \d+$/,
      ),
    );
  });

  it('leaves variables and templates as they are', async () => {
    const text = "'$(HOME) ${HOME} {{ .Release.Name }} !!str *a'";
    const { objects } = await renderFiles({ 'manifests/a.yaml': configMap(text) });
    expect(isOf(objects)).toBe('$(HOME) ${HOME} {{ .Release.Name }} !!str *a');
  });

  it.each([
    ['/metadata/name', 'a'.repeat(300), /^ConfigMap\/a{253}: its name has 300 characters/],
    ['/metadata/name', '../../x', /can't be a name/],
    ['/kind', '../x', /can't be one/],
    ['/apiVersion', '../v1', /can't be one/],
    ['/metadata', 'gone', /it is no Kubernetes object any more$/],
  ])('is not led elsewhere by an input that sets %s', async (path, value, message) => {
    const set = { type: 'string' as const, description: 'd', to: [{ object: 'ConfigMap/shown', path }] };
    const directory = await folderWith({ 'manifests/a.yaml': configMap('x') });
    const request = renderRequest({
      blueprint: blueprintWith({ inputs: { set } }),
      directory,
      values: { set: value },
    });
    await expect(render(request)).rejects.toThrow(renderFailed(message));
  });
});
