import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { type AttributeValue, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { clientSettings } from '../lambdas/stores/client-settings.ts';
import { buildFunctions } from '../lib/build/bundle.ts';
import { httpEvent } from './http-event.ts';
import { median, milliseconds, quantile, ratio, timed } from './sample.ts';
import { openServices, type ServiceAddresses } from './services.ts';
import type { Section } from './table.ts';

const rounds = 400;
/** V8 has seen enough of both by then: the times of earlier rounds still fall. */
const warmUp = 500;

type Handler = (event: unknown, context: unknown) => Promise<APIGatewayProxyStructuredResultV2>;

/** The api function's real bundle, in this process, with the SDK's clients pointed at the local services. */
async function loadHandler(services: ServiceAddresses): Promise<Handler> {
  const { api } = await buildFunctions();
  Object.assign(process.env, services.environment, { LAMBDA_TASK_ROOT: api.directory });
  const bundle = createRequire(import.meta.url)(join(api.directory, 'index.js')) as { handler: Handler };
  return bundle.handler;
}

async function put(handler: Handler, name: string, body: object): Promise<void> {
  const answer = await handler(httpEvent('PUT', `/v1/stagings/${name}`, { name }, body), {
    awsRequestId: name,
    functionName: 'api',
    getRemainingTimeInMillis: () => 29_000,
  });
  if (answer.statusCode !== 202 && answer.statusCode !== 200) throw new Error(`PUT answered ${JSON.stringify(answer)}`);
}

const keyOf = (name: string) => ({ pk: { S: `STAGING#${name}` }, sk: { S: 'STAGING' } });

/** The same item, written and started by the SDK alone. */
async function bare(
  services: ServiceAddresses,
  clients: { table: DynamoDBClient; states: SFNClient },
  name: string,
  item: Record<string, AttributeValue>,
) {
  await clients.table.send(
    new PutItemCommand({
      TableName: services.tableName,
      Item: { ...item, ...keyOf(name) },
      ConditionExpression: 'attribute_not_exists(pk)',
    }),
  );
  await clients.states.send(
    new StartExecutionCommand({
      stateMachineArn: services.environment.DEPLOY_STATE_MACHINE_ARN,
      name: `${name}-g1-deploy`,
      input: JSON.stringify({ name, generation: 1, operationId: `${name}-g1-deploy` }),
    }),
  );
}

const read = (services: ServiceAddresses, client: DynamoDBClient, name: string) =>
  client.send(new GetItemCommand({ TableName: services.tableName, Key: keyOf(name), ConsistentRead: true }));

const body = { blueprint: 'hello', values: { imageTag: '1.1' } };

/** Turns of the event loop in which connections go back to their pool and timers are cleared. */
const turns = 10;

/** What a call leaves to do is not the next one's time. */
async function settled(call: () => Promise<unknown>): Promise<number> {
  const taken = await timed(call);
  for (let turn = 0; turn < turns; turn += 1) await setImmediate();
  return taken;
}

/** PUT at the handler beside what it can't do without: one conditional write and one StartExecution. */
export async function putLatency(): Promise<Section> {
  await using services = await openServices();
  const handler = await loadHandler(services);
  // Same settings as the handler's clients: each sets timers of its own for every call.
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const settings = { ...clientSettings, region: 'us-east-1', credentials };
  const clients = {
    table: new DynamoDBClient({ ...settings, endpoint: services.tableUrl }),
    states: new SFNClient({ ...settings, endpoint: services.servicesUrl }),
  };
  await put(handler, 'model', body);
  const { Item } = await clients.table.send(new GetItemCommand({ TableName: services.tableName, Key: keyOf('model') }));
  if (!Item) throw new Error('the handler wrote nothing');

  const ours: number[] = [];
  const reads: number[] = [];
  const reference: number[] = [];
  const unchanged: number[] = [];
  for (let round = -warmUp; round < rounds; round += 1) {
    const id = `n${round + warmUp}`;
    const both = [
      await settled(() => put(handler, `put-${id}`, body)),
      await settled(() => bare(services, clients, `sdk-${id}`, Item)),
      await settled(() => put(handler, `put-${id}`, body)),
      await settled(() => read(services, clients.table, `read-${id}`)),
    ] as const;
    if (round < 0) continue;
    ours.push(both[0]);
    reference.push(both[1]);
    unchanged.push(both[2]);
    reads.push(both[3]);
  }
  const row = (what: string, samples: readonly number[]): string[] => [
    what,
    milliseconds(median(samples)),
    milliseconds(quantile(samples, 0.95)),
    ratio(median(samples), median(reference)),
  ];
  return {
    title: 'PUT at the handler',
    method: `${rounds} rounds, interleaved, after ${warmUp} to warm up; dynalite and the local Step Functions on loopback, in a process of their own, for both.`,
    columns: ['call', 'median', '95 %', 'ratio'],
    rows: [
      row('conditional write + StartExecution, by the SDK alone', reference),
      row('the consistent read that a PUT decides on, by the SDK alone', reads),
      row('PUT, accepted (aim: below 1.3)', ours),
      row('PUT that changes nothing (one read)', unchanged),
    ],
  };
}
