import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BerthApi, berthApi, kubectlGet } from '../support/berth-api.ts';
import { forgetTables } from '../support/dynamodb-endpoint.ts';
import { freePort } from '../support/free-ports.ts';
import { appended, type HostProcess, startHostProcess } from '../support/host-process.ts';

let dataDir: string;
let port: number;
let host: HostProcess;
let berth: BerthApi;

const start = async (): Promise<void> => {
  host = await startHostProcess('--data', dataDir, '--port', String(port));
};

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'berth-crash-'));
  port = await freePort();
  berth = berthApi(port);
  await start();
});
afterAll(async () => {
  await host.kill();
  await forgetTables(dataDir);
  await rm(dataDir, { recursive: true });
});

/** Makes a request, kills the host the moment an execution enters the state, and starts it again. */
async function killedIn(state: string, begin: () => Promise<unknown>): Promise<void> {
  await appended(join(dataDir, 'executions.jsonl'), `"state":"${state}"`, begin);
  await host.kill();
  await start();
}

const deploy = (name: string, imageTag: string) => berth.put(name, { blueprint: 'hello', values: { imageTag } });

describe('kill -9 of the host', () => {
  it.each(['Claim', 'Apply', 'AwaitHealthy', 'RecordRunning'])(
    'in %s of a deploy does not keep it from running in the end',
    async (state) => {
      const name = `killed-in-${state.toLowerCase()}`;
      await killedIn(state, () => deploy(name, '1.0'));

      expect(await berth.ended(`${name}-g1-deploy`)).toMatchObject({ outcome: 'Succeeded' });
      expect(await berth.staging(name)).toMatchObject({ status: 'Running' });
      expect((await berth.page(name)).status).toBe(200);
    },
  );

  it.each(['Diagnose', 'RecordFailed'])('in %s does not keep a failure from being recorded', async (state) => {
    const name = `killed-in-${state.toLowerCase()}`;
    await killedIn(state, () => deploy(name, 'missing'));

    expect(await berth.ended(`${name}-g1-deploy`)).toMatchObject({
      outcome: 'Failed',
      reason: { code: 'ImageNotFound' },
    });
  });

  it('in RecordSuperseded does not lose the newer request', async () => {
    const { operation } = await deploy('killed-handing-over', 'never-ready');
    await berth.inStep(operation.id, 'AwaitHealthy');
    await killedIn('RecordSuperseded', () => deploy('killed-handing-over', '2.0'));

    expect(await berth.ended('killed-handing-over-g2-deploy')).toMatchObject({ outcome: 'Succeeded' });
    expect(await berth.ended(operation.id)).toMatchObject({ outcome: 'Superseded' });
  });

  it.each(['DeleteWorkload', 'RecordDeleted'])('in %s leaves nothing of a staging', async (state) => {
    const name = `killed-in-${state.toLowerCase()}`;
    await berth.ended((await deploy(name, '1.0')).operation.id);
    await killedIn(state, () => berth.call('DELETE', `/v1/stagings/${name}`));

    expect(await berth.ended(`${name}-g2-teardown`)).toMatchObject({ outcome: 'Succeeded' });
    const kubectl = (await berth.call('GET', '/_local/status')).body.kubectl;
    expect(await kubectlGet(kubectl, 'namespace', `stg-${name}`)).toEqual([]);
  });
});
