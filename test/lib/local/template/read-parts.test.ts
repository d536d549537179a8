import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readParts } from '../../../../lib/local/template/read-parts.ts';

let assembly: string;
beforeEach(async () => {
  assembly = await mkdtemp(join(tmpdir(), 'berth-assembly-'));
});
afterEach(() => rm(assembly, { recursive: true }));

const assets = {
  files: {
    abc: { source: { path: 'asset.abc' }, destinations: { here: { objectKey: 'abc.zip' } } },
    asl: { source: { path: 'asset.asl.json' }, destinations: { here: { objectKey: 'asl.json' } } },
  },
};

async function read(resources: Record<string, unknown>) {
  await writeFile(join(assembly, 'berth.template.json'), JSON.stringify({ Resources: resources }));
  await writeFile(join(assembly, 'berth.assets.json'), JSON.stringify(assets));
  return readParts(assembly, 'berth');
}

const api = {
  Type: 'AWS::Lambda::Function',
  Properties: {
    FunctionName: 'berth-api',
    Code: { S3Bucket: { 'Fn::Sub': 'assets-${AWS::AccountId}' }, S3Key: 'abc.zip' },
    Handler: 'index.handler',
    Runtime: 'nodejs24.x',
    Environment: { Variables: { TABLE_NAME: { Ref: 'Table' } } },
  },
};
const table = {
  Type: 'AWS::DynamoDB::Table',
  Properties: {
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
  },
};

describe('readParts', () => {
  it('names tables, and all that refers to them, with the suffix that it is given', async () => {
    await read({ Api: api, Table: table });
    const { tables, functions } = await readParts(assembly, 'berth', '-0a1b2c3d');

    expect(tables[0]?.TableName).toBe('Table-0a1b2c3d');
    expect(functions[0]).toMatchObject({ name: 'berth-api', environment: { TABLE_NAME: 'Table-0a1b2c3d' } });
  });

  it('gives a function its code, its settings resolved, and Lambda’s defaults', async () => {
    const { functions } = await read({ Api: api, Table: table });

    expect(functions).toEqual([
      {
        name: 'berth-api',
        arn: 'arn:aws:lambda:us-east-1:000000000000:function:berth-api',
        directory: join(assembly, 'asset.abc'),
        handler: 'index.handler',
        environment: { TABLE_NAME: 'Table' },
        timeoutSeconds: 3,
        memoryMegabytes: 128,
        async: { retries: 2 },
      },
    ]);
  });

  it('joins a route with the function behind its integration', async () => {
    const { routes } = await read({
      Api: api,
      Table: table,
      Integration: {
        Type: 'AWS::ApiGatewayV2::Integration',
        Properties: {
          IntegrationType: 'AWS_PROXY',
          PayloadFormatVersion: '2.0',
          IntegrationUri: { 'Fn::GetAtt': ['Api', 'Arn'] },
        },
      },
      Route: {
        Type: 'AWS::ApiGatewayV2::Route',
        Properties: {
          RouteKey: 'GET /v1/stagings/{name}',
          AuthorizationType: 'AWS_IAM',
          Target: { 'Fn::Join': ['', ['integrations/', { Ref: 'Integration' }]] },
        },
      },
    });

    expect(routes).toEqual([
      {
        method: 'GET',
        path: '/v1/stagings/{name}',
        routeKey: 'GET /v1/stagings/{name}',
        functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:berth-api',
        authorization: 'AWS_IAM',
        timeoutMilliseconds: 30_000,
      },
    ]);
  });

  it('fills a state machine’s definition with its substitutions', async () => {
    await writeFile(join(assembly, 'asset.asl.json'), '{"Resource":"${ApiArn}"}');
    const machine = (substitutions: object) => ({
      Api: api,
      Table: table,
      Machine: {
        Type: 'AWS::StepFunctions::StateMachine',
        Properties: { DefinitionS3Location: { Key: 'asl.json' }, DefinitionSubstitutions: substitutions },
      },
    });

    const { stateMachines } = await read(machine({ ApiArn: { 'Fn::GetAtt': ['Api', 'Arn'] } }));

    expect(stateMachines[0]?.definition).toBe(
      '{"Resource":"arn:aws:lambda:us-east-1:000000000000:function:berth-api"}',
    );
    await expect(read(machine({}))).rejects.toThrow('Machine has no substitution for ApiArn');
  });

  it('refuses a resource that it does not know', async () => {
    await expect(read({ Cache: { Type: 'AWS::ElastiCache::CacheCluster' } })).rejects.toThrow(
      'Cache is of type AWS::ElastiCache::CacheCluster, which the local host does not know',
    );
  });

  it('refuses code that is no asset', async () => {
    const elsewhere = { ...api, Properties: { ...api.Properties, Code: { S3Key: 'other.zip' } } };
    await expect(read({ Api: elsewhere, Table: table })).rejects.toThrow('no asset');
  });
});
