import { beforeEach, describe, expect, it, vi } from 'vitest';
import { StoreUnavailable } from '../../../lambdas/domain/errors.ts';
import { serve } from '../../../lambdas/http/serve.ts';
import { apiRoutes } from '../../../lambdas/routes/api-routes.ts';
import { changedAnswers } from '../../../lambdas/routes/changed-answer.ts';
import { StagingView } from '../../../lambdas/routes/views.ts';
import { call as send } from '../../support/http.ts';
import { aStagingThatIs, asFirst } from '../../support/stagings.ts';
import { aBlueprint, aWorld, minute, type World } from '../../support/world.ts';

let world: World;
let call: (line: string, request?: Parameters<typeof send>[2]) => ReturnType<typeof send>;
beforeEach(() => {
  world = aWorld({ blueprints: [aBlueprint(), aBlueprint({ name: 'capped', caps: { total: 1 } })] });
  const handler = serve(apiRoutes, { newLog: (keys) => world.logWith(keys), depsFor: () => world });
  call = (line, request) => send(handler, line, request);
});

const hello = { blueprint: 'hello', values: { imageTag: 'v1' } };
const put = (name: string, body: unknown = hello) => call(`PUT /v1/stagings/${name}`, { body });

describe('PUT /v1/stagings/{name}', () => {
  it('accepts a new staging, starts its execution and says where to look', async () => {
    const { status, headers, body } = await put('checkout-42');

    expect(status).toBe(202);
    expect(headers['location']).toBe('/v1/operations/checkout-42-g1-deploy');
    expect(changedAnswers[202].schema.parse(body)).toEqual(body);
    expect(body.staging).toMatchObject({
      name: 'checkout-42',
      status: 'Pending',
      generation: 1,
      owner: 'local',
      url: 'https://checkout-42.staging.example.com/',
      links: [{ title: 'Open', url: 'https://checkout-42.staging.example.com/' }],
      expiresAt: '2026-03-04T12:00:00.000Z',
    });
    expect([...world.executions.started.keys()]).toEqual(['checkout-42-g1-deploy']);
  });

  it('does nothing but one read where nothing would change', async () => {
    await put('checkout-42');
    const reads = vi.spyOn(world.stagings, 'get');
    const writes = vi.spyOn(world.stagings, 'save');

    const { status, body } = await put('checkout-42');

    expect(status).toBe(200);
    expect(changedAnswers[200].schema.parse(body)).toEqual(body);
    expect(reads).toHaveBeenCalledTimes(1);
    expect(writes).not.toHaveBeenCalled();
  });

  it('has the caller as owner where none is named, and leaves the owner to later callers', async () => {
    await call('PUT /v1/stagings/a', { body: hello, userArn: 'arn:aws:iam::1:user/ann' });

    const { body } = await call('PUT /v1/stagings/a', {
      body: { ...hello, values: { imageTag: 'v2' } },
      userArn: 'arn:aws:iam::1:user/bob',
    });

    expect(body.staging.owner).toBe('arn:aws:iam::1:user/ann');
    expect(body.operation.actor).toBe('arn:aws:iam::1:user/bob');
  });

  it('answers though the execution could not be started, since the sweep will', async () => {
    vi.spyOn(world.executions, 'start').mockRejectedValue(new StoreUnavailable('throttled'));

    expect((await put('checkout-42')).status).toBe(202);
    expect(world.logged.map((line) => line.level)).toContain('error');
  });

  it('refuses a sequence that is older than an accepted one', async () => {
    await put('a', { ...hello, sequence: 7 });

    const { status, body } = await put('a', { ...hello, values: { imageTag: 'v0' }, sequence: 6 });

    expect(status).toBe(409);
    expect(body).toMatchObject({ type: 'https://berth.dev/problems/stale-sequence', acceptedSequence: 7 });
  });

  it('remembers a higher sequence of an unchanged request, so that a late one between is stale', async () => {
    await put('a', { ...hello, sequence: 5 });
    expect((await put('a', { ...hello, sequence: 7 })).status).toBe(200);

    expect((await put('a', { ...hello, values: { imageTag: 'v0' }, sequence: 6 })).status).toBe(409);
  });

  it('refuses what the cap of the blueprint does not allow, and says when to ask again', async () => {
    await put('a', { blueprint: 'capped' });

    const { status, body, headers } = await put('b', { blueprint: 'capped' });

    expect(status).toBe(429);
    expect(body.type).toBe('https://berth.dev/problems/cap-reached');
    expect(headers['retry-after']).toMatch(/^\d+$/);
    expect((await put('a', { blueprint: 'capped', values: { imageTag: 'v2' } })).status).toBe(202);
  });

  it('refuses an owner more stagings than the blueprint allows, whoever they come from', async () => {
    world = aWorld({ blueprints: [aBlueprint({ caps: { perOwner: 1 } })] });
    await put('a', { ...hello, owner: 'ann' });
    await put('b', { ...hello, owner: 'bob' });

    const { status, body } = await put('b', { ...hello, owner: 'ann' });

    expect(status).toBe(429);
    expect(body.detail).toBe('blueprint "hello" allows 1 stagings for each owner; delete one first');
    expect((await put('b', { ...hello, values: { imageTag: 'v2' } })).status).toBe(202);
  });

  it('gives a longer lifetime without a deploy, and the blueprint’s to nobody who asks for none', async () => {
    await put('a');

    const longer = await put('a', { ...hello, ttl: '7d' });
    const again = await put('a');

    expect(longer).toMatchObject({ status: 200, body: { staging: { generation: 1 } } });
    expect(Date.parse(longer.body.staging.expiresAt) - world.now().getTime()).toBe(7 * 24 * 60 * 60 * 1000);
    expect(again.body.staging).toEqual(longer.body.staging);
    expect(longer.body.staging).not.toHaveProperty('ttl');
  });

  it('says that the table does not answer, and not what AWS said', async () => {
    vi.spyOn(world.stagings, 'get').mockRejectedValue(new StoreUnavailable('DynamoDB: secret detail'));

    const { status, body, headers } = await put('a');

    expect(status).toBe(503);
    expect(headers['retry-after']).toBe('1');
    expect(JSON.stringify(body)).not.toContain('secret detail');
  });

  it('answers a fault of its own with a fixed sentence, and logs the cause', async () => {
    vi.spyOn(world.stagings, 'get').mockRejectedValue(new TypeError('x is not a function'));

    const { status, body } = await put('a');

    expect(status).toBe(500);
    expect(JSON.stringify(body)).not.toContain('x is not a function');
    expect(world.logged).toContainEqual({
      level: 'error',
      message: 'request failed',
      fields: {
        requestId: 'request-1',
        route: 'PUT /v1/stagings/a',
        staging: 'a',
        error: new TypeError('x is not a function'),
      },
    });
  });
});

describe('POST /v1/stagings', () => {
  it('makes the name from the branch and keeps the branch as source', async () => {
    const { status, body } = await call('POST /v1/stagings', { body: { ...hello, branch: 'Feature/Check_Out' } });

    expect(status).toBe(202);
    expect(body.staging.name).toMatch(/^feature-check-out-[a-z0-9]{7}$/);
    expect(body.staging.source).toEqual({ branch: 'Feature/Check_Out' });
  });
});

describe('requests that are wrong', () => {
  it.each([
    {
      why: 'broken JSON',
      body: '{"blueprint": }',
      status: 400,
      slug: 'malformed-json',
      detail: /^Unexpected token '}' at line 1, column 15$/,
    },
    { why: 'no body', body: '', status: 400, slug: 'malformed-json', detail: /body/ },
    { why: 'a list', body: [], status: 400, slug: 'invalid-request', fields: ['body'] },
    { why: 'a text', body: '"hello"', status: 400, slug: 'invalid-request', fields: ['body'] },
    { why: 'null', body: 'null', status: 400, slug: 'invalid-request', fields: ['blueprint'] },
    { why: 'no blueprint', body: {}, status: 400, slug: 'invalid-request', fields: ['blueprint'] },
    {
      why: 'unknown fields',
      body: { ...hello, valuez: {}, source: { comit: 'x' } },
      status: 400,
      slug: 'invalid-request',
      fields: ['source.comit', 'valuez'],
    },
    {
      why: 'many wrong fields',
      body: { blueprint: 7, ttl: 'soon', sequence: -1, source: { commit: 'abc', url: 'nowhere' }, owner: '' },
      status: 400,
      slug: 'invalid-request',
      fields: ['blueprint', 'owner', 'sequence', 'source.commit', 'source.url', 'ttl'],
    },
    { why: 'a ttl of nothing', body: { ...hello, ttl: '0s' }, status: 400, slug: 'invalid-request', fields: ['ttl'] },
    {
      why: 'a ttl beyond the most',
      body: { ...hello, ttl: '15d' },
      status: 422,
      slug: 'input-refused',
      fields: ['ttl'],
    },
    {
      why: 'an unknown blueprint',
      body: { blueprint: 'helo' },
      status: 422,
      slug: 'input-refused',
      fields: ['blueprint'],
    },
    {
      why: 'values beside the inputs and of wrong types',
      body: { blueprint: 'hello', values: { colour: 'red', imageTag: 7, replicas: 9 } },
      status: 422,
      slug: 'input-refused',
      fields: ['values.colour', 'values.imageTag', 'values.replicas'],
    },
    {
      why: 'a chart version where there is no remote chart',
      body: { ...hello, overrides: { chartVersion: '1.2.3' } },
      status: 422,
      slug: 'input-refused',
      fields: ['overrides.chartVersion'],
    },
    {
      why: 'deep nesting',
      body: `{"blueprint":"hello","values":{"a":${'['.repeat(5000)}${']'.repeat(5000)}}}`,
      status: 400,
      slug: 'malformed-json',
    },
    {
      why: 'numbers that are none any more',
      body: '{"blueprint":"hello","values":{"most":1e400}}',
      status: 400,
      slug: 'invalid-request',
      fields: ['values.most'],
    },
    {
      why: 'keys that reach into prototypes',
      body: '{"blueprint":"hello","values":{"__proto__":{"admin":true}}}',
      status: 400,
      slug: 'malformed-json',
    },
  ])('are told what is wrong: $why', async ({ body, status, slug, detail = /./, fields = [] }) => {
    const answer = await put('a', body);

    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.headers['x-request-id']).toBe('request-1');
    expect(answer.body).toMatchObject({
      type: `https://berth.dev/problems/${slug}`,
      status,
      requestId: 'request-1',
      instance: '/v1/stagings/a',
    });
    expect(answer.body.detail).toMatch(detail);
    const wrong: { field: string }[] = answer.body.errors ?? [];
    expect(wrong.map((error) => error.field).toSorted()).toEqual(fields);
    expect(world.stagings.written).toEqual([]);
  });

  it.each(['Upper', '-a', 'a_b', 'a.b', 'ä', 'a'.repeat(60)])('refuse the name "%s"', async (name) => {
    const { status, body } = await put(encodeURI(name));

    expect(status).toBe(400);
    expect(body.errors[0].field).toBe('name');
  });

  it('are refused where the body is too large', async () => {
    const { status, body } = await put('a', { ...hello, values: { imageTag: 'x'.repeat(65 * 1024) } });

    expect(status).toBe(413);
    expect(body.type).toBe('https://berth.dev/problems/body-too-large');
  });

  it.each([
    ['half a character', '{"blueprint": "hello", "values": {"imageTag": "a\\ud800b"}}', /half a character/],
    ['half a character in a key', '{"blueprint": "hello", "\\udc00": 1}', /half a character/],
    ['a prototype', '{"blueprint": "hello", "values": {"__proto__": {"imageTag": "v1"}}}', /key "__proto__"/],
    [
      'a constructor’s prototype',
      '{"blueprint": "hello", "values": {"constructor": {"prototype": {"a": 1}}}}',
      /"prototype"/,
    ],
    [
      'more levels than the table holds',
      `{"values": ${'['.repeat(30_000)}${']'.repeat(30_000)}}`,
      /deeper than 20 levels/,
    ],
    ['a tag of YAML', '{"values": !!js/function "x"}', /Unexpected token/],
    ['NaN', '{"values": {"replicas": NaN}}', /Unexpected token/],
  ])('are refused where the body holds %s', async (_, text, detail) => {
    const { status, body } = await put('a', text);

    expect(status).toBe(400);
    expect(body).toMatchObject({
      type: 'https://berth.dev/problems/malformed-json',
      detail: expect.stringMatching(detail),
    });
  });

  it.each([undefined, 'text/plain', 'application/x-www-form-urlencoded'])(
    'are refused where the body is %s',
    async (type) => {
      const { status } = await call('PUT /v1/stagings/a', {
        body: '{}',
        headers: { 'content-type': type as unknown as string },
      });

      expect(status).toBe(415);
    },
  );

  it('are told of as many wrong fields as an answer has room for', async () => {
    const values = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`f${index}`, 1]));
    const { status, body } = await put('a', JSON.stringify({ blueprint: 'hello', values }));

    expect(status).toBe(422);
    expect(body.errors).toHaveLength(500);
    expect(body.detail).toBe('5000 fields are wrong; the first 500 are named');
  });

  it('are refused where the body is compressed', async () => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    const { status, body } = await call('PUT /v1/stagings/a', { body: '\u001f\ufffd', headers });

    expect(status).toBe(415);
    expect(body.detail).toBe('the body must not be compressed, and says it is gzip');
  });

  it('are told that there is no such route, or no such method with those that there are', async () => {
    expect(await call('GET /v1/nothing')).toMatchObject({ status: 404 });
    expect((await call('GET /v1/nothing')).body.type).toBe('https://berth.dev/problems/no-such-route');
    const { status, headers } = await call('PATCH /v1/stagings/a');
    expect(status).toBe(405);
    expect(headers['allow']).toBe('GET, PUT, DELETE');
  });

  it.each([
    'GET /v1/stagings?status=Fine',
    'GET /v1/stagings?limit=0',
    'GET /v1/stagings?limit=1000',
    'GET /v1/stagings?page=2',
    'GET /v1/operations/a-g1-deploy?wait=60',
    'GET /v1/operations/a-g1-deploy?wait=soon',
  ])('are refused: %s', async (line) => {
    const { status, body } = await call(line);

    expect(status).toBe(400);
    expect(body.errors).toHaveLength(1);
  });
});

describe('DELETE /v1/stagings/{name}', () => {
  it('wins over a deploy that runs', async () => {
    await world.stagings.save(asFirst(aStagingThatIs('Deploying', { name: 'a' })));

    const { status, body } = await call('DELETE /v1/stagings/a');

    expect(status).toBe(202);
    expect(body.staging.status).toBe('Deleting');
    expect(body.operation).toMatchObject({ kind: 'teardown', generation: 2 });
  });

  it('is fine again and again, also when all is gone', async () => {
    await world.stagings.save(asFirst(aStagingThatIs('Deleting', { name: 'a' })));
    await world.stagings.save(asFirst(aStagingThatIs('Deleted', { name: 'b' })));

    expect((await call('DELETE /v1/stagings/a')).status).toBe(200);
    expect((await call('DELETE /v1/stagings/b')).status).toBe(200);
  });

  it('finds nothing where there never was anything', async () => {
    expect((await call('DELETE /v1/stagings/a')).status).toBe(404);
  });
});

describe('POST /v1/stagings/{name}/redeploy', () => {
  it('names the status that does not allow it', async () => {
    await world.stagings.save(asFirst(aStagingThatIs('Deleting', { name: 'a' })));

    const { status, body } = await call('POST /v1/stagings/a/redeploy');

    expect(status).toBe(409);
    expect(body).toMatchObject({
      type: 'https://berth.dev/problems/illegal-transition',
      stagingStatus: 'Deleting',
      requested: 'redeploy',
    });
  });

  it('deploys the same again', async () => {
    await world.stagings.save(asFirst(aStagingThatIs('Failed', { name: 'a' })));

    const { status, body } = await call('POST /v1/stagings/a/redeploy');

    expect(status).toBe(202);
    expect(body.staging.status).toBe('Pending');
  });
});

describe('reading', () => {
  it('shows a staging without what is only for Berth', async () => {
    await world.stagings.save(asFirst(aStagingThatIs('Failed', { name: 'a' })));

    const { status, body } = await call('GET /v1/stagings/a');

    expect(status).toBe(200);
    expect(StagingView.strict().parse(body.staging)).toEqual(body.staging);
    expect(body.staging.reason.code).toBe('ImageNotFound');
    expect((await call('GET /v1/stagings/b')).status).toBe(404);
  });

  it('lists stagings and refuses cursors that it never gave out', async () => {
    await world.stagings.save(asFirst(aStagingThatIs('Running', { name: 'a' })));

    const { body } = await call('GET /v1/stagings?status=Running&owner=ann');

    expect(body.stagings.map((staging: { name: string }) => staging.name)).toEqual(['a']);
  });

  it('shows an operation that no execution has claimed yet', async () => {
    await put('a');

    const { status, body } = await call('GET /v1/operations/a-g1-deploy');

    expect(status).toBe(200);
    expect(body.operation).toMatchObject({ id: 'a-g1-deploy', steps: [] });
  });

  it('waits for the end of an operation, and no longer than it was asked to', async () => {
    await put('a');
    const before = world.clock.at;

    const { body } = await call('GET /v1/operations/a-g1-deploy?wait=25');

    expect(body.operation.outcome).toBeUndefined();
    expect(world.clock.at - before).toBe(25_000);
  });

  it.each(['a-g1-deploy', 'a-g2-deploy', 'nonsense', 'a-g1-teardown'])('knows no operation "%s"', async (id) => {
    if (id !== 'a-g1-deploy') await put('a');

    expect((await call(`GET /v1/operations/${id}`)).status).toBe(404);
  });

  it('has the history of a staging', async () => {
    await put('a');
    await put('a', { ...hello, values: { imageTag: 'v2' } });

    const { body } = await call('GET /v1/stagings/a/operations');

    expect(body.operations.map((operation: { id: string }) => operation.id)).toEqual(['a-g2-deploy', 'a-g1-deploy']);
    expect(body.operations[1].outcome).toBe('Superseded');
    expect((await call('GET /v1/stagings/b/operations')).status).toBe(404);
  });

  it('shows blueprints and what may be set', async () => {
    const list = await call('GET /v1/blueprints');
    const one = await call('GET /v1/blueprints/hello');

    expect(list.body.blueprints.map((blueprint: { name: string }) => blueprint.name)).toEqual(['hello', 'capped']);
    expect(one.body.blueprint.inputs.imageTag).toEqual({
      type: 'string',
      description: 'tag',
      default: 'v1',
      required: false,
    });
    expect(one.body.blueprint.lifetime).toEqual({ ttl: '3d', maxTtl: '14d', onExpiry: 'delete' });
    expect((await call('GET /v1/blueprints/none')).status).toBe(404);
  });

  it('is well', async () => {
    expect(await call('GET /v1/health')).toMatchObject({ status: 200, body: { status: 'ok' } });
  });
});

describe('POST /v1/sweeps/{id}/approve', () => {
  it('starts the sweep and says who let it', async () => {
    await world.sweeps.brake({ id: 's1', brakedAt: world.now().toISOString(), names: ['a'] }, undefined);
    world.pass(minute);

    const { status, body } = await call('POST /v1/sweeps/s1/approve', { userArn: 'arn:aws:iam::1:user/op' });

    expect(status).toBe(202);
    expect(body.sweep).toMatchObject({ id: 's1', approvedBy: 'arn:aws:iam::1:user/op' });
    expect(world.executions.approvedSweeps).toEqual(['s1']);
    expect((await call('POST /v1/sweeps/s2/approve')).status).toBe(404);
  });
});
