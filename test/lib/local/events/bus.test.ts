import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEventBus, type EventBus } from '../../../../lib/local/events/bus.ts';
import type { RulePart, Target } from '../../../../lib/local/template/parts.ts';
import { createManualClock, type ManualClock, settle } from '../../../support/manual-clock.ts';

const functionArn = 'arn:aws:lambda:eu-central-1:000000000000:function:records';
const rule = (more: Partial<RulePart>): RulePart => ({
  name: 'rule',
  bus: 'default',
  enabled: true,
  pattern: { source: ['berth'] },
  targets: [{ Arn: functionArn }],
  ...more,
});
const event = {
  version: '0',
  id: 'id',
  'detail-type': 'Staging Status Changed',
  source: 'berth',
  account: '000000000000',
  time: '2026-01-01T00:00:00Z',
  region: 'eu-central-1',
  resources: [],
  detail: { name: 'one', list: [{ n: 1 }], text: 'say "hi"' },
} as const;

let clock: ManualClock;
let taken: { arn: string; message: unknown }[];
let dead: unknown[][];
let failures: number;

const busOf = (...rules: RulePart[]): EventBus =>
  createEventBus({
    clock,
    random: () => 1,
    rules,
    buses: [{ name: 'stagings' }],
    newId: () => 'new-id',
    region: 'eu-central-1',
    account: '000000000000',
    deadLetter: (...letter) => void dead.push(letter),
    async deliver(target, message) {
      if (failures-- > 0) throw new Error('not now');
      taken.push({ arn: target.Arn, message: JSON.parse(message) });
    },
  });

beforeEach(() => {
  clock = createManualClock();
  taken = [];
  dead = [];
  failures = 0;
});

describe('the event bus', () => {
  it('brings an event to the targets of the rules that want it, on its own bus', async () => {
    const bus = busOf(
      rule({ targets: [{ Arn: 'arn:a' }, { Arn: 'arn:b' }] }),
      rule({ pattern: { source: ['other'] }, targets: [{ Arn: 'arn:c' }] }),
      rule({ bus: 'stagings', targets: [{ Arn: 'arn:d' }] }),
      rule({ enabled: false, targets: [{ Arn: 'arn:e' }] }),
    );
    await bus.put(event);
    expect(taken).toEqual([
      { arn: 'arn:a', message: event },
      { arn: 'arn:b', message: event },
    ]);
    await bus.put(event, 'stagings');
    expect(taken.at(-1)?.arn).toBe('arn:d');
  });

  it.each<[string, Omit<Target, 'Arn'>, unknown]>([
    ['a constant', { Input: '{"a":1}' }, { a: 1 }],
    ['a part', { InputPath: '$.detail.list[0].n' }, 1],
    ['a part that is not there', { InputPath: '$.detail.absent' }, null],
    [
      'an object made of parts',
      {
        InputTransformer: {
          InputPathsMap: { name: '$.detail.name', list: '$.detail.list', text: '$.detail.text' },
          InputTemplate: '{"a": <name>, "b": "is <name>: <text>", "c": <list>, "rule": "<aws.events.rule-name>"}',
        },
      },
      { a: 'one', b: 'is one: say "hi"', c: [{ n: 1 }], rule: 'rule' },
    ],
    [
      'a text made of parts',
      { InputTransformer: { InputPathsMap: { name: '$.detail.name' }, InputTemplate: '"<name> changed"' } },
      'one changed',
    ],
    [
      'the whole event within another',
      { InputTransformer: { InputPathsMap: {}, InputTemplate: '{"event": <aws.events.event.json>}' } },
      { event },
    ],
  ])('sends %s', async (_, target, message) => {
    await busOf(rule({ targets: [{ Arn: functionArn, ...target }] })).put(event);
    expect(taken[0]?.message).toEqual(message);
  });

  it('tries again, longer apart each time, until the target takes it', async () => {
    failures = 3;
    const put = busOf(rule({})).put(event);
    await clock.advance(1_000 + 2_000 + 3_999);
    expect(taken).toEqual([]);
    await clock.advance(1);
    await put;
    expect(taken).toHaveLength(1);
    expect(dead).toEqual([]);
  });

  it.each([
    ['its attempts are used up', { MaximumRetryAttempts: 2 }],
    ['it is too old', { MaximumEventAgeInSeconds: 4 }],
  ])('lays an event to the dead letters when %s', async (_, RetryPolicy) => {
    failures = 99;
    const target = { Arn: functionArn, RetryPolicy, DeadLetterConfig: { Arn: 'arn:queue' } };
    const put = busOf(rule({ targets: [target] })).put(event);
    await clock.advance(10_000);
    await put;
    expect(failures).toBe(96);
    expect(dead).toEqual([['arn:queue', JSON.stringify(event), 'Error: not now']]);
  });

  it('calls off further attempts when it stops', async () => {
    failures = 99;
    const bus = busOf(rule({}));
    void bus.put(event);
    await settle();
    bus.stop();
    expect(clock.pending).toBe(0);
  });

  it('names the rule whose pattern it does not understand', () => {
    expect(() => busOf(rule({ pattern: { source: [{ cidr: 'x' }] } }))).toThrow('rule "rule"');
  });
});

describe('PutEvents, spoken by the SDK', () => {
  let server: Server;
  let client: EventBridgeClient;
  let bus: EventBus;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = String(request.headers['x-amz-target']);
    const { status, body } = await bus.handle({ target, body: await text(request) });
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(body);
  }

  beforeEach(async () => {
    bus = busOf(rule({}), rule({ bus: 'stagings', targets: [{ Arn: 'arn:d' }] }));
    server = createServer((request, response) => void answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    client = new EventBridgeClient({
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
  });
  afterEach(async () => {
    client.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  const entry = { Source: 'berth', DetailType: 'Staging Status Changed', Detail: '{"name":"one"}' };

  it('takes events', async () => {
    const Time = new Date('2026-02-03T04:05:06Z');
    const named = { ...entry, Time, EventBusName: 'arn:aws:events:eu-central-1:000000000000:event-bus/stagings' };
    const answered = await client.send(new PutEventsCommand({ Entries: [entry, named] }));
    expect(answered).toMatchObject({ FailedEntryCount: 0, Entries: [{ EventId: 'new-id' }, { EventId: 'new-id' }] });
    await settle();
    expect(taken).toMatchObject([
      { arn: functionArn, message: { ...event, id: 'new-id', detail: { name: 'one' } } },
      { arn: 'arn:d', message: { time: '2026-02-03T04:05:06Z' } },
    ]);
  });

  it.each([
    ['a detail that is no object', { Detail: '[1]' }, 'MalformedDetail'],
    ['no source', { Source: '' }, 'InvalidArgument'],
    ['no detail type', { DetailType: undefined }, 'InvalidArgument'],
    ['the source of AWS', { Source: 'aws.states' }, 'NotAuthorizedForSourceException'],
    ['a bus that is not there', { EventBusName: 'other' }, 'InvalidArgument'],
  ])('refuses an entry with %s, and takes the one beside it', async (_, wrong, code) => {
    const answered = await client.send(new PutEventsCommand({ Entries: [{ ...entry, ...wrong }, entry] }));
    expect(answered).toMatchObject({ FailedEntryCount: 1, Entries: [{ ErrorCode: code }, { EventId: 'new-id' }] });
    await settle();
    expect(taken).toHaveLength(1);
  });

  it('refuses too many, too much, and other calls', async () => {
    const eleven = client.send(new PutEventsCommand({ Entries: Array.from({ length: 11 }, () => entry) }));
    await expect(eleven).rejects.toMatchObject({ name: 'ValidationException' });
    const big = client.send(
      new PutEventsCommand({ Entries: [{ ...entry, Detail: `{"a":"${'x'.repeat(262_144)}"}` }] }),
    );
    await expect(big).rejects.toMatchObject({ name: 'ValidationException' });
    expect(JSON.parse((await bus.handle({ target: 'AWSEvents.PutRule', body: '{}' })).body)).toMatchObject({
      __type: 'UnknownOperationException',
    });
  });
});
