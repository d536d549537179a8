/** An event as API Gateway sends it (payload version 2.0), for a caller known by IAM. */
export const httpEvent = (
  method: string,
  path: string,
  pathParameters: Readonly<Record<string, string>>,
  body: object,
): object => ({
  version: '2.0',
  routeKey: `${method} ${path}`,
  rawPath: path,
  rawQueryString: '',
  headers: { 'content-type': 'application/json', host: 'localhost' },
  pathParameters,
  requestContext: {
    accountId: '000000000000',
    apiId: 'bench',
    domainName: 'localhost',
    domainPrefix: 'localhost',
    http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'bench' },
    requestId: 'bench',
    routeKey: `${method} ${path}`,
    stage: '$default',
    time: '01/Jan/2026:00:00:00 +0000',
    timeEpoch: 0,
    authorizer: { iam: { userArn: 'local' } },
  },
  body: JSON.stringify(body),
  isBase64Encoded: false,
});
