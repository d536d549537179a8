import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';

type Handler = (event: APIGatewayProxyEventV2, context: Context) => unknown;

export interface HttpAnswer {
  status: number;
  headers: Record<string, string>;
  // oxlint-disable-next-line typescript/no-explicit-any -- bodies are whatever the API says, and tests look into them
  body: any;
}

export interface HttpRequest {
  headers?: Record<string, string>;
  /** sent as it is where it is text, as JSON otherwise */
  body?: unknown;
  userArn?: string;
}

/** Calls a handler as an HTTP API does, payload format 2.0. */
export async function call(handler: Handler, line: string, request: HttpRequest = {}): Promise<HttpAnswer> {
  const [method = 'GET', target = '/'] = line.split(' ');
  const [path = '/', query = ''] = target.split('?');
  const { body } = request;
  const parameters = Object.fromEntries(new URLSearchParams(query));
  const event = {
    version: '2.0',
    routeKey: `${method} ${path}`,
    rawPath: path,
    rawQueryString: query,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...request.headers },
    ...(query === '' ? {} : { queryStringParameters: parameters }),
    requestContext: {
      requestId: 'request-1',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' },
      ...(request.userArn === undefined ? {} : { authorizer: { iam: { userArn: request.userArn } } }),
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    isBase64Encoded: false,
  } as unknown as APIGatewayProxyEventV2;
  const result = (await handler(event, {} as Context)) as APIGatewayProxyStructuredResultV2;
  return {
    status: result.statusCode ?? 0,
    headers: result.headers as Record<string, string>,
    body: JSON.parse(result.body ?? 'null'),
  };
}
