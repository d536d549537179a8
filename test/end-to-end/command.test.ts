import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resetData } from '../../lib/local/reset-data.ts';
import { freePort } from '../support/free-ports.ts';
import { startHostProcess } from '../support/host-process.ts';
import { startTestHost, type TestHost } from '../support/test-host.ts';

let host: TestHost;

beforeAll(async () => {
  host = await startTestHost();
});
afterAll(() => host.close());

const deadCluster = (port: number): string => `
apiVersion: v1
kind: Config
clusters: [{ name: dead, cluster: { server: 'http://127.0.0.1:${port}' } }]
contexts: [{ name: dead, context: { cluster: dead, user: nobody } }]
users: [{ name: nobody, user: {} }]
current-context: dead
`;

describe.concurrent('the command', () => {
  it('refuses a second host on the same data and says who has it', async () => {
    await expect(startHostProcess('--data', host.dataDir, '--port', '0')).rejects.toThrow(/is in use by process \d+/);
  });

  it.each([
    [['--prot', '1'], /Unknown option '--prot'/],
    [['--port', 'high'], /--port high is no port/],
    [['--context', 'a'], /--context goes with --kubeconfig/],
    [['--data', ''], /--data \(nothing\) is no folder/],
    [['--blueprints', 'nowhere'], /--blueprints nowhere is no folder/],
    [
      ['--dynamodb', 'https://dynamodb.eu-central-1.amazonaws.com'],
      /--dynamodb https:.* is no endpoint on this machine/,
    ],
    [['--dynamodb', ''], /--dynamodb \(nothing\) is no endpoint/],
  ])('says what is wrong with %j', async (args, message) => {
    await expect(startHostProcess(...args)).rejects.toThrow(message);
  });

  it('forgets with --reset what a host wrote, and nothing else', async () => {
    const other = await mkdtemp(join(tmpdir(), 'berth-reset-'));
    const before = ['thesis.txt', ...(await readdir(host.dataDir)).filter((name) => name !== 'host.lock')].toSorted();
    await Promise.all(before.map((name) => writeFile(join(other, name), '')));

    const args = ['--data', other, '--port', '0', '--reset'];
    await expect(startHostProcess(...args)).rejects.toThrow(/holds thesis.txt, which is not Berth's/);

    expect((await readdir(other)).toSorted()).toEqual(before);
    await rm(join(other, 'thesis.txt'));
    await resetData(other);
    expect(await readdir(other)).toEqual([]);
    await rm(other, { recursive: true });
  });

  it.each([
    ['clock.json', 'torn'],
    ['executions.jsonl', 'torn\n'],
    ['cluster/objects.jsonl', 'torn\n{}\n'],
  ])('says what can be done where %s is damaged', async (file, text) => {
    const data = await mkdtemp(join(tmpdir(), 'berth-damaged-'));
    await mkdir(join(data, 'cluster'));
    await writeFile(join(data, file), text);
    const said = await startHostProcess('--data', data, '--port', '0').catch(String);
    expect(said).toMatch(
      /: .*berth-damaged-.* can't be read \(.+\): start with --reset, .* or choose another --data\n$/,
    );
    await rm(data, { recursive: true });
  });

  it('says what is wrong with the blueprints that it is given, and nothing of the program', async () => {
    const other = await mkdtemp(join(tmpdir(), 'berth-blueprints-'));
    await mkdir(join(other, 'blueprints', 'broken'), { recursive: true });
    const args = ['--data', join(other, 'data'), '--port', '0', '--blueprints', join(other, 'blueprints')];
    const said = await startHostProcess(...args).catch(String);
    expect(said).toMatch(/1 problem in the blueprints:\n {2}broken\/blueprint.yaml: is missing/);
    expect(said).not.toMatch(/^ +at /m);
    await rm(other, { recursive: true });
  });

  it('says what kubectl says where a real cluster cannot be reached', async () => {
    const other = await mkdtemp(join(tmpdir(), 'berth-real-'));
    const args = ['--data', other, '--port', '0', '--kubeconfig', join(other, 'nowhere')];
    await expect(startHostProcess(...args)).rejects.toThrow(/kubectl proxy did not start: .*nowhere/);
    await rm(other, { recursive: true });
  });

  it('says so where a real cluster does not answer', async () => {
    const other = await mkdtemp(join(tmpdir(), 'berth-dead-'));
    const kubeconfig = join(other, 'dead');
    await writeFile(kubeconfig, deadCluster(await freePort()));
    const args = ['--data', join(other, 'data'), '--port', '0', '--kubeconfig', kubeconfig];
    await expect(startHostProcess(...args)).rejects.toThrow(/the cluster of .*dead does not answer: .*50\d/);
    await rm(other, { recursive: true });
  });

  it('refuses a port that is taken where it was asked for', async () => {
    const other = await mkdtemp(join(tmpdir(), 'berth-port-'));
    await expect(startHostProcess('--data', other, '--port', String(host.port))).rejects.toThrow(
      `port ${host.port} is taken`,
    );
    await rm(other, { recursive: true });
  });
});
