import { existsSync } from 'node:fs';
import { readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadBlueprints } from '../../../lambdas/render/blueprints.ts';
import { compileBlueprints } from '../../../lib/build/blueprints.ts';
import { folderWith } from '../../support/render.ts';

const hello = `name: hello
description: A page.
source:
  manifests: ./manifests
lifetime:
  ttl: 1h30m
`;
const manifest = { 'hello/manifests/a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n' };
const compile = async (files: Record<string, string>): Promise<string> => {
  const [source, out] = await Promise.all([folderWith(files), folderWith({ 'index.json': '{}', 'left/over.txt': '' })]);
  await compileBlueprints(source, out);
  return out;
};
const nested = (files: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`blueprints/${name}`, text]));

/** One blueprint "hello" with this definition, and all that is wrong with it. */
const problemsOf = async (definition: string, files: Record<string, string> = manifest): Promise<string[]> =>
  compile({ ...files, 'hello/blueprint.yaml': definition }).then(
    () => [],
    (error: Error & { problems: string[] }) => error.problems,
  );

describe('compileBlueprints', () => {
  it('writes what loadBlueprints reads: definitions with durations, and the folders', async () => {
    const out = await compile({ ...manifest, 'hello/blueprint.yaml': hello, 'blueprint.schema.json': '{}' });
    const blueprints = loadBlueprints(out);
    expect(blueprints.get('hello')).toMatchObject({
      blueprint: { name: 'hello', lifetime: { ttl: 90 * 60_000, maxTtl: 14 * 24 * 60 * 60_000 } },
      directory: join(out, 'hello'),
    });
    expect(blueprints.all().map(({ name }) => name)).toEqual(['hello']);
    expect(blueprints.get('constructor')).toBeUndefined();
    expect(existsSync(join(out, 'hello', 'manifests', 'a.yaml'))).toBe(true);
  });

  it('takes a target of a kind with digits in its name', async () => {
    const bucket = 'apiVersion: example.com/v1\nkind: S3Bucket\nmetadata: {name: files}\nspec: {region: here}\n';
    const target = 'to: [{object: S3Bucket/files, path: /spec/region}]';
    const inputs = `inputs:\n  region: {type: string, description: Where., default: there, ${target}}\n`;
    expect(await problemsOf(hello + inputs, { 'hello/manifests/a.yaml': bucket })).toEqual([]);
  });

  it('writes durations as they were written, since they are parsed again', async () => {
    const out = await compile({ ...manifest, 'hello/blueprint.yaml': hello });
    expect(JSON.parse(await readFile(join(out, 'index.json'), 'utf8')).hello.lifetime).toEqual({ ttl: '1h30m' });
  });

  it('replaces what was there', async () => {
    const out = await compile({ ...manifest, 'hello/blueprint.yaml': hello });
    expect(existsSync(join(out, 'left'))).toBe(false);
  });

  it('leaves what was there where a blueprint is wrong', async () => {
    const [source, out] = await Promise.all([
      folderWith({ 'hello/blueprint.yaml': 'name: x' }),
      folderWith({ 'index.json': '{}', old: '' }),
    ]);
    await expect(compileBlueprints(source, out)).rejects.toThrow('problems in the blueprints');
    expect(existsSync(join(out, 'old'))).toBe(true);
  });

  it('never replaces a folder that holds the blueprints, or lies in them', async () => {
    // A folder around the blueprints that is the test's own: were the guard broken, nothing else would be lost.
    const around = await folderWith({
      ...nested(manifest),
      'blueprints/hello/blueprint.yaml': hello,
      'index.json': '{}',
    });
    const source = join(around, 'blueprints');
    for (const out of [source, join(source, 'out'), around]) {
      await expect(compileBlueprints(source, out)).rejects.toThrow('must not lie in each other');
    }
    expect(existsSync(join(source, 'hello', 'blueprint.yaml'))).toBe(true);
  });

  it('never replaces a folder that it did not write', async () => {
    const source = await folderWith({ ...manifest, 'hello/blueprint.yaml': hello });
    const foreign = await folderWith({ 'work.txt': '' });
    await expect(compileBlueprints(source, foreign)).rejects.toThrow('is not what an earlier build wrote');
    expect(existsSync(join(foreign, 'work.txt'))).toBe(true);
  });

  it('says so where it is given a blueprint, or a folder without any', async () => {
    await expect(compile({ 'blueprint.yaml': hello })).rejects.toThrow('must lie in a folder of its own');
    await expect(compile({ 'readme.md': '' })).rejects.toThrow('holds no folder with a blueprint.yaml');
  });

  it('tells of all blueprints that are wrong at once', async () => {
    await expect(compile({ 'a/readme.md': '', 'b/readme.md': '' })).rejects.toThrow(
      '2 problems in the blueprints:\n  a/blueprint.yaml: is missing; every folder beside it is a blueprint\n  b/blueprint.yaml: is missing',
    );
  });
});

/** Nine levels of ten aliases each: a billion strings. */
const levels = Array.from({ length: 9 }, (_, level) =>
  level === 0 ? '&l0 [x]' : `&l${level} [${Array.from({ length: 10 }, () => `*l${level - 1}`).join(', ')}]`,
);
const flowBomb = `[${levels.join(', ')}]`;
const bomb = `a: ${flowBomb}\n`;

describe('what is wrong with a blueprint', () => {
  const input = (fields: string) =>
    `${hello}inputs:\n  size:\n    type: integer\n    description: d\n    to: [{object: ConfigMap/a, path: /x}]\n${fields}`;
  const helm = 'name: hello\ndescription: d\nsource: {helm: {chart: ./chart}}\n';
  const chartFile = (text: string) => ({
    'hello/chart/Chart.yaml': `apiVersion: v2\nname: c\nversion: 1.0.0\n${text}`,
  });

  it.each([
    ['broken YAML', 'name: [', /^hello\/blueprint\.yaml: line 1: /],
    ['a duration', hello.replace('1h30m', 'soon'), /^hello\/blueprint\.yaml:6: lifetime\.ttl: must be a duration/],
    ['an unknown field', `${hello}healht: {}\n`, /^hello\/blueprint\.yaml:7: healht: is no field/],
    ['a field that is missing', hello.replace('description: A page.', ''), /: description: is required$/],
    [
      'a folder above',
      hello.replace('./manifests', './../secret'),
      /^hello\/blueprint\.yaml:4: source\.manifests: must not leave/,
    ],
    ['an absolute folder', hello.replace('./manifests', '/etc'), /:4: source\.manifests: must be a folder beside/],
    [
      'no source',
      'name: hello\ndescription: d\nsource: {}\n',
      /:3: source: must have exactly one of helm, kustomize and manifests$/,
    ],
    [
      'a misspelt source',
      hello.replace('manifests: ', 'manifest: '),
      /:4: source: must have exactly one of helm, kustomize and manifests$/,
    ],
    ['another name', hello.replace('name: hello', 'name: hallo'), /:1: name: must be "hello", as the folder/],
    ['a missing folder', hello.replace('./manifests', './files'), /:4: source\.manifests: there is no such folder/],
    ['chart values without a chart', `${hello}defaults: {a: 1}\n`, /:7: defaults: are chart values/],
    ['free values without a chart', `${hello}values: any\n`, /:7: values: "any" needs a Helm chart/],
    [
      'a values target without a chart',
      `${hello}host:\n  - values: host\n`,
      /:8: host\.0: only a Helm chart has values/,
    ],
    ['a host as image tag', `${hello}host:\n  - imageTag: a\n`, /:8: host\.0: is no image tag/],
    ['a default of another type', input('    default: "1"\n'), /:12: inputs\.size\.default: must be an integer/],
    [
      'a default out of range',
      input('    default: 9\n    maximum: 5\n'),
      /:12: inputs\.size\.default: must be at most 5/,
    ],
    [
      'a default that is never used',
      input('    default: 9\n    required: true\n'),
      /:12: inputs\.size\.default: a required/,
    ],
    ['a pattern', input('    pattern: "["\n'), /:12: inputs\.size\.pattern: is no regular expression/],
    ['a pattern without an end', input('    pattern: ^(a+)+$\n'), /:12: inputs\.size\.pattern: may take very long/],
    ['aliases that multiply', `${hello}inputs: {a: ${flowBomb}}\n`, /^hello\/blueprint\.yaml: .*alias/],
    ['an alias of what it is part of', `${hello}caps: &a {total: *a}\n`, /^hello\/blueprint\.yaml:7: caps\.total: /],
    [
      'endless nesting',
      `${hello}defaults: {a: ${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
      /^hello\/blueprint\.yaml: line \d+: is nested too deep/,
    ],
    ['a whole book', `${hello}${'#'.repeat(200_000)}`, /^hello\/blueprint\.yaml: is larger than 128 KiB/],
    ['a tag of JavaScript', hello.replace('A page.', '!!js/function "x"'), /^hello\/blueprint\.yaml: line 2: .*tag/],
    [
      'a number that would be rounded',
      input('    default: 9007199254740993\n'),
      /default: holds a number beyond 2\^53/,
    ],
    ['a deploy longer than its execution', `${hello}health:\n  timeout: 51m\n`, /health\.timeout: must be at most 50m/],
    ['a lifetime over its maximum', `${hello}  maxTtl: 1h\n`, /:6: lifetime\.ttl: must not be longer/],
  ])('names file, line and field: %s', async (_, definition, problem) => {
    expect(await problemsOf(definition)).toEqual([expect.stringMatching(problem)]);
  });

  it('is told in few lines where a broken file has a thousand errors', async () => {
    const unclosed = await problemsOf(`${hello}defaults: ${'['.repeat(500)}`);
    const misplaced = await problemsOf(`${hello}${'a: ]\n'.repeat(1000)}`);
    expect([unclosed.length, misplaced.length].every((count) => count >= 1 && count <= 5)).toBe(true);
  });

  it('is a chart without its file', async () => {
    expect(await problemsOf(helm)).toEqual([expect.stringContaining('source.helm.chart: has no Chart.yaml')]);
    expect(await problemsOf(helm, chartFile(''))).toEqual([]);
  });

  it('is a chart whose dependencies lie elsewhere', async () => {
    const dependency = 'dependencies: [{name: redis, version: 1.0.0, repository: "https://charts.example.com"}]\n';
    expect(await problemsOf(helm, chartFile(dependency))).toEqual([
      expect.stringContaining('dependency "redis" is not'),
    ]);
    const vendored = { ...chartFile(dependency), 'hello/chart/charts/redis-1.0.0.tgz': '' };
    expect(await problemsOf(helm, vendored)).toEqual([]);
  });

  it.each([
    ['in another repository', 'oci://charts.example.com', './chart'],
    ['an absolute path', 'https://charts.example.com', '/etc/chart'],
    ['a path upwards', 'https://charts.example.com', '../chart'],
    ['a path upwards, later', 'https://charts.example.com', 'a/../../chart'],
    ['a flag', 'https://charts.example.com', '--post-renderer=sh'],
  ])('is a chart of a repository whose name is a path or a flag: %s', async (_, repository, chart) => {
    const remote = `name: hello\ndescription: d\nsource: {helm: {repository: "${repository}", chart: "${chart}", version: "1"}}\n`;
    expect(await problemsOf(remote)).toEqual([
      expect.stringContaining('must be the name of a chart in the repository'),
    ]);
  });

  it.each([
    ['broken', 'a: [', /Chart\.yaml: Flow sequence/],
    ['a bomb', bomb, /Chart\.yaml: .*alias/],
    ['nested', `a: ${'['.repeat(20_000)}`, /Chart\.yaml: is nested too deep/],
    ['large', '#'.repeat(200_000), /Chart\.yaml: is larger than 128 KiB/],
    ['something else', '[]', /Chart\.yaml: .*must be an object/],
  ])('is a chart whose file is %s', async (_, text, problem) => {
    expect(await problemsOf(helm, { 'hello/chart/Chart.yaml': text })).toEqual([expect.stringMatching(problem)]);
  });

  it('is a chart that depends on a folder beside it', async () => {
    const dependency = 'dependencies: [{name: secret, version: 1.0.0, repository: "file://../../../secret"}]\n';
    expect(await problemsOf(helm, chartFile(dependency))).toEqual([
      expect.stringContaining('dependency "secret" is not in its charts folder'),
    ]);
  });

  it('is a list index in a path into chart values', async () => {
    const target = `${helm}host: [{values: "hosts[0].name"}]\n`;
    expect(await problemsOf(target, chartFile(''))).toEqual([
      expect.stringContaining('host.0.values: must be a dotted key'),
    ]);
  });

  it('is a Kustomize folder without its file', async () => {
    const kustomize = 'name: hello\ndescription: d\nsource: {kustomize: ./k}\n';
    expect(await problemsOf(kustomize, { 'hello/k/a.yaml': '' })).toEqual([
      expect.stringContaining('source.kustomize: has no kustomization.yaml'),
    ]);
    expect(await problemsOf(kustomize, { 'hello/k/kustomization.yaml': '' })).toEqual([]);
  });

  describe('in what a Kustomize folder is built on', () => {
    const kustomize = 'name: hello\ndescription: d\nsource: {kustomize: ./k}\n';
    const base = { 'hello/base/kustomization.yaml': 'resources: [a.yaml]', 'hello/base/a.yaml': '' };
    const problemsWith = (text: string, files: Record<string, string> = {}) =>
      problemsOf(kustomize, { ...base, 'hello/k/kustomization.yaml': text, ...files });

    it('is nothing where all lies in the blueprint', async () => {
      const inPlace = 'transformers:\n  - |\n    apiVersion: builtin\n    kind: LabelTransformer\n';
      expect(await problemsWith(`resources: [../base, ./a.yaml]\n${inPlace}`, { 'hello/k/a.yaml': '' })).toEqual([]);
    });

    it.each([
      'https://example.com/pod.yaml',
      'https://github.com/example/repository?ref=v1',
      'git@github.com:example/repository.git',
      'github.com/example/repository//base',
      '/etc',
      '../../other/k',
      '../..',
      '../../hello-too',
      'missing.yaml',
    ])('is %s', async (entry) => {
      const files = { 'other/k/kustomization.yaml': '', 'hello-too/kustomization.yaml': '' };
      const source = await folderWith({
        ...base,
        ...files,
        'hello/blueprint.yaml': kustomize,
        'hello/k/kustomization.yaml': `resources: [../base, "${entry}"]`,
      });
      await expect(compileBlueprints(source, await folderWith({}))).rejects.toThrow(
        `hello/blueprint.yaml:3: source.kustomize: k/kustomization.yaml: resources: ${JSON.stringify(entry)} is not in the blueprint's folder`,
      );
    });

    it.each(['bases', 'components', 'crds', 'configurations', 'generators', 'transformers', 'validators'])(
      'is an entry of %s in a base',
      async (field) => {
        const files = { 'hello/base/kustomization.yaml': `${field}: [/etc/passwd]` };
        expect(await problemsWith('resources: [../base]', files)).toEqual([
          expect.stringContaining(`base/kustomization.yaml: ${field}: "/etc/passwd" is not in the blueprint's folder`),
        ]);
      },
    );

    it('is a circle no longer than once around', async () => {
      expect(
        await problemsWith('resources: [../base, .]', { 'hello/base/kustomization.yaml': 'resources: [../k]' }),
      ).toEqual([]);
    });

    it.each([
      ['a chart', 'helmCharts: [{name: a}]', /helmCharts are not rendered; use source\.helm/],
      ['a bomb', bomb, /k\/kustomization\.yaml: .*alias/],
      ['broken', 'resources: [', /k\/kustomization\.yaml: Flow sequence/],
      ['another shape', 'resources: {a: b}', /k\/kustomization\.yaml: .*resources/],
    ])('is %s', async (_, text, problem) => {
      expect(await problemsWith(text)).toEqual([expect.stringMatching(problem)]);
    });
  });

  it('is a folder that is a link', async () => {
    const source = await folderWith({ ...manifest, 'hello/blueprint.yaml': hello, 'README.md': '' });
    await symlink(join(source, 'hello'), join(source, 'again'));
    await symlink(join(source, 'README.md'), join(source, 'READ.ME'));
    await symlink(join(source, 'nowhere'), join(source, 'broken'));
    await expect(compileBlueprints(source, await folderWith({}))).rejects.toThrow(
      '1 problem in the blueprints:\n  again: is a symbolic link; only folders are shipped',
    );
  });

  it('is a link that leads out of its folder', async () => {
    const source = await folderWith({ ...manifest, 'hello/blueprint.yaml': hello });
    await symlink('/etc', join(source, 'hello', 'manifests', 'more'));
    await expect(compileBlueprints(source, await folderWith({}))).rejects.toThrow(
      'hello/blueprint.yaml: manifests/more is a symbolic link',
    );
  });
});
