import { describe, expect, it, vi } from 'vitest';
import type { Clock } from '../../../../lib/local/clock.ts';
import { createGateway } from '../../../../lib/local/gateway/gateway.ts';
import type { GatewayRequest } from '../../../../lib/local/gateway/http.ts';
import { InvocationRefused, type Invoke } from '../../../../lib/local/lambda/invocation.ts';
import type { RoutePart } from '../../../../lib/local/template/parts.ts';

const route = (routeKey: string, authorization = 'AWS_IAM'): RoutePart => {
  const [method, path] = routeKey.split(' ');
  return {
    method: path === undefined ? undefined : method,
    path,
    routeKey,
    functionArn: `arn:${routeKey}`,
    authorization,
    timeoutMilliseconds: 30_000,
  };
};

const request = (method: string, url: string, more: Partial<GatewayRequest> = {}): GatewayRequest => ({
  method,
  url,
  headers: [['Host', 'localhost:4700']],
  body: Buffer.alloc(0),
  sourceIp: '127.0.0.1',
  httpVersion: '1.1',
  ...more,
});

function gatewayOver(routes: string[], invoke: Invoke = async () => ({ payload: '{"statusCode":204}' })) {
  const timers: Array<() => void> = [];
  const clock: Clock = {
    now: () => Date.UTC(2026, 2, 12, 19, 3, 58),
    after: (_milliseconds, callback) => {
      timers.push(callback);
      return () => {};
    },
  };
  const spy = vi.fn<Invoke>(invoke);
  const gateway = createGateway({
    routes: routes.map((key) => route(key)),
    invoke: spy,
    clock,
    limitClock: clock,
    newId: () => 'request-1',
  });
  const event = () => JSON.parse(spy.mock.calls[0]![1]);
  return { gateway, event, spy, timers };
}

describe('gateway routing', () => {
  it.each([
    ['GET', '/v1/stagings', 'GET /v1/stagings'],
    ['GET', '/v1/stagings?status=Running', 'GET /v1/stagings'],
    ['GET', '/v1/stagings/checkout', 'GET /v1/stagings/{name}'],
    ['GET', '/v1/stagings/special', 'GET /v1/stagings/special'],
    ['PATCH', '/v1/files/a/b', 'ANY /v1/files/{proxy+}'],
    ['GET', '/v1/files/a/b', 'GET /v1/files/{proxy+}'],
  ])('sends %s %s to %s', async (method, url, expected) => {
    const { gateway, spy } = gatewayOver([
      'ANY /v1/files/{proxy+}',
      'GET /v1/files/{proxy+}',
      'GET /v1/stagings/{name}',
      'GET /v1/stagings/special',
      'GET /v1/stagings',
    ]);

    await gateway(request(method, url));

    expect(spy.mock.calls[0]?.[0]).toBe(`arn:${expected}`);
  });

  it.each([
    ['GET', '/elsewhere'],
    ['DELETE', '/v1/stagings'],
    ['GET', '/v1/stagings/'],
    ['GET', '/v1/stagings/a/b'],
  ])('answers %s %s as a route that is not there', async (method, url) => {
    const { gateway } = gatewayOver(['GET /v1/stagings', 'GET /v1/stagings/{name}']);

    const response = await gateway(request(method, url));

    expect(response.status).toBe(404);
    expect(response.body.toString()).toBe('{"message":"Not Found"}');
  });

  it('falls back to $default where there is one', async () => {
    const { gateway, event } = gatewayOver(['GET /v1/stagings', '$default']);
    await gateway(request('GET', '/anything'));
    expect(event().routeKey).toBe('$default');
  });
});

describe('gateway event', () => {
  it('is payload format 2.0', async () => {
    const { gateway, event } = gatewayOver(['PUT /v1/stagings/{name}']);

    await gateway(
      request('PUT', '/v1/stagings/a%20b?x=1&x=2&y=%C3%A4', {
        headers: [
          ['Host', 'localhost:4700'],
          ['Content-Type', 'application/json; charset=utf-8'],
          ['X-Twice', 'one'],
          ['x-twice', 'two'],
          ['Cookie', 'a=1; b=2'],
          ['User-Agent', 'curl/8'],
        ],
        body: Buffer.from('{"ä":1}'),
      }),
    );

    expect(event()).toEqual({
      version: '2.0',
      routeKey: 'PUT /v1/stagings/{name}',
      rawPath: '/v1/stagings/a b',
      rawQueryString: 'x=1&x=2&y=%C3%A4',
      cookies: ['a=1', 'b=2'],
      headers: {
        host: 'localhost:4700',
        'content-type': 'application/json; charset=utf-8',
        'x-twice': 'one,two',
        'user-agent': 'curl/8',
      },
      queryStringParameters: { x: '1,2', y: 'ä' },
      pathParameters: { name: 'a b' },
      requestContext: {
        accountId: '000000000000',
        apiId: 'local',
        authorizer: {
          iam: {
            accessKey: 'local',
            accountId: '000000000000',
            callerId: 'local',
            principalOrgId: null,
            userArn: 'local',
            userId: 'local',
          },
        },
        domainName: 'localhost:4700',
        domainPrefix: 'localhost',
        http: {
          method: 'PUT',
          path: '/v1/stagings/a b',
          protocol: 'HTTP/1.1',
          sourceIp: '127.0.0.1',
          userAgent: 'curl/8',
        },
        requestId: 'request-1',
        routeKey: 'PUT /v1/stagings/{name}',
        stage: '$default',
        time: '12/Mar/2026:19:03:58 +0000',
        timeEpoch: Date.UTC(2026, 2, 12, 19, 3, 58),
      },
      body: '{"ä":1}',
      isBase64Encoded: false,
    });
  });

  it.each(['application/x-www-form-urlencoded', 'application/merge-patch+json', 'image/png', undefined])(
    'carries a body of type %s in base64',
    async (type) => {
      const { gateway, event } = gatewayOver(['POST /v1/stagings']);
      const headers = type === undefined ? [] : [['content-type', type] as const];

      await gateway(request('POST', '/v1/stagings', { headers, body: Buffer.from('hello') }));

      expect(event()).toMatchObject({ body: 'aGVsbG8=', isBase64Encoded: true });
    },
  );

  it('leaves out what the request does not have', async () => {
    const { gateway, event } = gatewayOver(['GET /v1/stagings']);
    await gateway(request('GET', '/v1/stagings'));
    for (const absent of ['body', 'cookies', 'pathParameters', 'queryStringParameters']) {
      expect(event()).not.toHaveProperty(absent);
    }
  });
});

describe('gateway response', () => {
  const answering = (answer: unknown) =>
    gatewayOver(['GET /a'], async () => ({ payload: JSON.stringify(answer) })).gateway(request('GET', '/a'));

  it('takes status, headers, cookies and body from a structured answer', async () => {
    const response = await answering({
      statusCode: 201,
      headers: { 'Content-Type': 'application/problem+json', 'Retry-After': 3 },
      cookies: ['a=1', 'b=2'],
      body: 'aGk=',
      isBase64Encoded: true,
    });

    expect(response.status).toBe(201);
    expect(response.body.toString()).toBe('hi');
    expect(response.headers).toEqual([
      ['content-type', 'application/problem+json'],
      ['retry-after', '3'],
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
      ['apigw-requestid', 'request-1'],
    ]);
  });

  it('takes JSON without a status as the body of a 200', async () => {
    const response = await answering({ stagings: [] });
    expect(response).toMatchObject({ status: 200 });
    expect(response.headers[0]).toEqual(['content-type', 'application/json']);
    expect(response.body.toString()).toBe('{"stagings":[]}');
  });

  it.each([{ statusCode: 'soon' }, { statusCode: 200, body: { not: 'text' } }])(
    'answers 500 for the malformed answer %j',
    async (answer) => {
      expect(await answering(answer)).toMatchObject({ status: 500 });
    },
  );
});

describe('gateway limits', () => {
  it('answers 500 where the function failed', async () => {
    const { gateway } = gatewayOver(['GET /a'], async () => ({ error: { errorType: 'E', errorMessage: 'secret' } }));
    const response = await gateway(request('GET', '/a'));
    expect(response.status).toBe(500);
    expect(response.body.toString()).toBe('{"message":"Internal Server Error"}');
  });

  it.each([
    ['TooManyRequestsException', 503],
    ['RequestTooLargeException', 413],
  ] as const)('answers %s of Lambda with %i', async (name, status) => {
    const { gateway } = gatewayOver(['GET /a'], async () => {
      throw new InvocationRefused(name, 'refused');
    });
    expect((await gateway(request('GET', '/a'))).status).toBe(status);
  });

  it('answers 503 when the function takes longer than the integration may', async () => {
    const { gateway, timers } = gatewayOver(['GET /a'], () => new Promise(() => {}));
    const response = gateway(request('GET', '/a'));
    timers[0]?.();
    expect((await response).status).toBe(503);
  });

  it('refuses a body above 10 MB and headers above 10,240 bytes without asking the function', async () => {
    const { gateway, spy } = gatewayOver(['POST /a']);

    const large = await gateway(request('POST', '/a', { body: Buffer.alloc(10_000_001) }));
    const wide = await gateway(request('POST', '/a', { headers: [['x', 'y'.repeat(10_240)]] }));

    expect([large.status, wide.status]).toEqual([413, 431]);
    expect(spy).not.toHaveBeenCalled();
  });
});
