import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { startTableServer, type TableServer } from '../../lib/local/dynamodb/table-server.ts';
import { startHost } from '../../lib/local/host.ts';
import { makeApp } from '../lib/cloud/synthesize.ts';
import { berthApi, until } from '../support/berth-api.ts';
import { startTableRecorder, type TableCall } from '../support/table-calls.ts';

const Strings = z.union([z.string().transform((one) => [one]), z.array(z.string())]);
const Statement = z.looseObject({
  Action: Strings,
  Resource: z.unknown(),
  Condition: z
    .object({ 'ForAllValues:StringLike': z.object({ 'dynamodb:LeadingKeys': z.array(z.string()) }) })
    .optional()
    .catch(undefined),
});
const Policy = z.object({
  Properties: z.object({
    Roles: z.array(z.object({ Ref: z.string() })),
    PolicyDocument: z.object({ Statement: z.array(Statement) }),
  }),
});
const LambdaFunction = z.object({
  Properties: z.object({ FunctionName: z.string(), Role: z.object({ 'Fn::GetAtt': z.array(z.string()) }) }),
});

/** Whether the template lets a function make a call. */
function judge(): (call: TableCall) => boolean {
  const template = Template.fromStack(makeApp().stack);
  const policies = Object.values(template.findResources('AWS::IAM::Policy')).map((one) => Policy.parse(one).Properties);
  const functions = Object.values(template.findResources('AWS::Lambda::Function')).map(
    (one) => LambdaFunction.parse(one).Properties,
  );
  const statementsOf = (name: string) => {
    const role = functions.find(({ FunctionName }) => FunctionName === name)?.Role['Fn::GetAtt'][0];
    const own = policies.filter(({ Roles }) => Roles.some(({ Ref }) => Ref === role));
    return own.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
  };
  return ({ by, action, index, partition = '' }) =>
    statementsOf(by).some(({ Action, Resource, Condition }) => {
      const places = [Resource].flat().map((arn) => /\/index\/([a-z-]+)/.exec(JSON.stringify(arn))?.[1]);
      const keys = Condition?.['ForAllValues:StringLike']['dynamodb:LeadingKeys'];
      const isOfKey = keys === undefined || keys.some((key) => partition.startsWith(key.replace(/\*$/, '')));
      return Action.includes(action) && places.includes(index) && isOfKey;
    });
}

// Made before the test's own time begins.
let isAllowed: (call: TableCall) => boolean;
let dataDir: string;
let database: TableServer;
let recorder: Awaited<ReturnType<typeof startTableRecorder>>;
let host: Awaited<ReturnType<typeof startHost>>;
beforeAll(async () => {
  isAllowed = judge();
  dataDir = await mkdtemp(join(tmpdir(), 'berth-rights-'));
  database = await startTableServer();
  recorder = await startTableRecorder(database.url);
  host = await startHost({ dataDir, port: 0, dynamodb: new URL(recorder.url) });
});
afterAll(async () => {
  await host.close();
  await recorder.close();
  await database.close();
  await rm(dataDir, { recursive: true });
});

it('lets each function do with the table what it does, over the life of a staging', async () => {
  const berth = berthApi(host.port);
  await berth.ended((await berth.put('one', { blueprint: 'hello', owner: 'ann' })).operation.id);
  for (const query of ['', '?status=Running', '?blueprint=hello', '?owner=ann']) {
    expect((await berth.call('GET', `/v1/stagings${query}`)).body.stagings).toHaveLength(1);
  }
  expect((await berth.call('GET', '/v1/stagings/one/operations')).body.operations).toHaveLength(1);
  expect((await berth.call('GET', '/v1/stagings/one/workloads')).status).toBe(200);
  await berth.ended((await berth.put('broken', { blueprint: 'hello', values: { imageTag: 'missing' } })).operation.id);
  await berth.advance('5d');
  for (const name of ['one', 'broken']) await until(async () => (await berth.staging(name)).status === 'Deleted');

  const calls = [...new Map(recorder.calls.map((call) => [JSON.stringify(call), call])).values()];
  expect(calls.filter((call) => !isAllowed(call))).toEqual([]);
  const callers = new Set(calls.map(({ by }) => by));
  expect([...callers].toSorted()).toEqual(['berth-api', 'berth-cluster', 'berth-records', 'berth-sweep']);
  const lists = new Set(calls.filter(({ action }) => action === 'dynamodb:Query').map(({ index }) => index));
  expect(lists).toEqual(new Set([undefined, 'all', 'by-status', 'by-blueprint', 'by-owner', 'due']));
});
