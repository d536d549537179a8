import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestHost, type TestHost } from '../support/test-host.ts';

let host: TestHost;

beforeAll(async () => {
  host = await startTestHost();
});
afterAll(() => host.close());

const json = { 'content-type': 'application/json' };
const send = (method: string, path: string, body: unknown, headers: Record<string, string> = json) =>
  host.berth.raw(path, { method, headers, body: typeof body === 'string' ? body : JSON.stringify(body) });
const hello = (values: object) => ({ blueprint: 'hello', values });

/** Method, path, body, status, and what the answer has to name. */
const requests: ReadonlyArray<
  [what: string, method: string, path: string, body: unknown, status: number, names: RegExp]
> = [
  ['a body that is no JSON', 'PUT', '/v1/stagings/a', '{"blueprint": ', 400, /JSON/],
  ['a body that is no object', 'PUT', '/v1/stagings/a', [], 400, /object|expected/i],
  ['no body', 'PUT', '/v1/stagings/a', '', 400, /body|JSON|object/i],
  ['no blueprint', 'PUT', '/v1/stagings/a', {}, 400, /"blueprint"/],
  ['an unknown field', 'PUT', '/v1/stagings/a', { blueprint: 'hello', value: {} }, 400, /value/],
  ['a name with capitals', 'PUT', '/v1/stagings/Feature', hello({}), 400, /DNS label/],
  ['a name with a dot', 'PUT', '/v1/stagings/a.b', hello({}), 400, /DNS label/],
  ['a name that is too long', 'PUT', `/v1/stagings/${'a'.repeat(60)}`, hello({}), 400, /59/],
  ['a name that ends with a hyphen', 'PUT', '/v1/stagings/a-', hello({}), 400, /DNS label/],
  ['a lifetime that is no duration', 'PUT', '/v1/stagings/a', { blueprint: 'hello', ttl: 'long' }, 400, /"ttl"/],
  ['a negative sequence', 'PUT', '/v1/stagings/a', { blueprint: 'hello', sequence: -1 }, 400, /"sequence"/],
  [
    'a source that is no URL',
    'PUT',
    '/v1/stagings/a',
    { blueprint: 'hello', source: { url: 'x' } },
    400,
    /source\.url/,
  ],
  [
    'two wrong fields',
    'PUT',
    '/v1/stagings/a',
    { ttl: 1, sequence: 'x' },
    400,
    /"blueprint".*"ttl"|"ttl".*"sequence"/s,
  ],
  ['a branch that is missing', 'POST', '/v1/stagings', { blueprint: 'hello' }, 400, /"branch"/],
  ['a page size that is too large', 'GET', '/v1/stagings?limit=1000', '', 400, /"limit"/],
  ['a cursor that is made up', 'GET', '/v1/stagings?cursor=nonsense', '', 400, /cursor/],
  ['a status that is none', 'GET', '/v1/stagings?status=Sleeping', '', 400, /status/],
  ['a wait that is too long', 'GET', '/v1/operations/a-g1-deploy?wait=300', '', 400, /"wait"/],
  ['a blueprint that is not there', 'PUT', '/v1/stagings/a', { blueprint: 'nothing' }, 422, /nothing/],
  ['an input that the blueprint does not have', 'PUT', '/v1/stagings/a', hello({ imageTga: 'x' }), 422, /imageTga/],
  ['an input of the wrong type', 'PUT', '/v1/stagings/a', hello({ replicas: 'two' }), 422, /replicas/],
  ['an input above its limit', 'PUT', '/v1/stagings/a', hello({ replicas: 50 }), 422, /replicas/],
  ['an input against its pattern', 'PUT', '/v1/stagings/a', hello({ imageTag: 'a b' }), 422, /imageTag/],
  ['a lifetime above the blueprint’s', 'PUT', '/v1/stagings/a', { blueprint: 'hello', ttl: '400d' }, 422, /ttl/],
  ['a staging that never was', 'GET', '/v1/stagings/nobody', '', 404, /nobody/],
  ['the end of a staging that never was', 'DELETE', '/v1/stagings/nobody', '', 404, /nobody/],
  ['an operation that never was', 'GET', '/v1/operations/nobody-g1-deploy', '', 404, /nobody/],
  ['an operation id that can’t be one', 'GET', '/v1/operations/what', '', 404, /what/],
  ['a sweep that never was', 'POST', '/v1/sweeps/none/approve', '', 404, /none/],
];

describe('a bad request', () => {
  it.each(requests)('with %s is refused clearly', async (_what, method, path, body, status, names) => {
    const answer = await send(method, path, body, body === '' ? {} : json);
    expect(answer).toMatchObject({ status });
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.body).toMatchObject({
      type: expect.stringMatching(/^https:\/\/berth\.dev\/problems\/[a-z-]+$/),
      status,
      title: expect.any(String),
      detail: expect.any(String),
      requestId: answer.headers['x-request-id'],
    });
    expect(JSON.stringify(answer.body)).toMatch(names);
  });

  it('with a body of another type is refused as 415', async () => {
    expect(
      (await send('PUT', '/v1/stagings/a', 'blueprint: hello', { 'content-type': 'application/yaml' })).status,
    ).toBe(415);
  });

  it.each([100_000, 7_000_000, 11_000_000])('with a body of %i bytes is refused as 413', async (bytes) => {
    expect((await send('PUT', '/v1/stagings/a', hello({ greeting: 'x'.repeat(bytes) }))).status).toBe(413);
  });

  it('leaves nothing behind', async () => {
    const { body } = await host.berth.call('GET', '/v1/stagings');
    expect(body.stagings).toEqual([]);
  });
});
