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

  it('tells of all blueprints that are wrong at once', async () => {
    await expect(compile({ 'a/readme.md': '', 'b/readme.md': '' })).rejects.toThrow(
      '2 problems in the blueprints:\n  a/blueprint.yaml: is missing; every folder beside it is a blueprint\n  b/blueprint.yaml: is missing',
    );
  });
});

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
    ['an unknown field', `${hello}healht: {}\n`, /^hello\/blueprint\.yaml: .*"healht"/],
    [
      'a folder above',
      hello.replace('./manifests', './../secret'),
      /^hello\/blueprint\.yaml:4: source\.manifests: must not leave/,
    ],
    ['an absolute folder', hello.replace('./manifests', '/etc'), /:4: source\.manifests: must be a folder beside/],
    [
      'no source',
      'name: hello\ndescription: d\nsource: {}\n',
      /:3: source: .*helm.*; or .*kustomize.*; or .*manifests/,
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
    ['a lifetime over its maximum', `${hello}  maxTtl: 1h\n`, /:6: lifetime\.ttl: must not be longer/],
  ])('names file, line and field: %s', async (_, definition, problem) => {
    expect(await problemsOf(definition)).toEqual([expect.stringMatching(problem)]);
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

  it('is a link that leads out of its folder', async () => {
    const source = await folderWith({ ...manifest, 'hello/blueprint.yaml': hello });
    await symlink('/etc', join(source, 'hello', 'manifests', 'more'));
    await expect(compileBlueprints(source, await folderWith({}))).rejects.toThrow(
      'hello/blueprint.yaml: manifests/more is a symbolic link',
    );
  });
});
