import withMiddleware from '@middy/core';
import httpRouter from '@middy/http-router';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import * as z from 'zod';
import type { Log } from '../actions/log.ts';
import { HttpRefused, problemOf, toProblem } from './problem.ts';
import { readBody } from './read-body.ts';
import { type Answer, none, type Route } from './route.ts';

type Event = APIGatewayProxyEventV2;
type Result = APIGatewayProxyStructuredResultV2;

/** Who signed the request with IAM credentials; routes without authorization, and hosts without IAM, have nobody. */
const Signed = z.object({ authorizer: z.object({ iam: z.object({ userArn: z.string() }) }) });

const actorOf = (event: Event): string =>
  Signed.safeParse(event.requestContext).data?.authorizer.iam.userArn ?? 'local';

/** What serving needs beside the routes. */
export interface ServeDeps<Deps> {
  /** a logger that has these keys on every line */
  newLog: (keys: Record<string, unknown>) => Log;
  depsFor: (log: Log) => Deps;
}

/**
 * Serves routes as a Lambda function behind an HTTP API (payload format 2.0): matches, parses, calls, and turns what is
 * thrown into a problem. Every line of the log has the request's id and route.
 */
export function serve<Deps>(
  routes: readonly Route<Deps>[],
  deps: ServeDeps<Deps>,
): (event: Event, context: Context) => Promise<Result> {
  const router = httpRouter<Event, Result>({
    routes: routes.map((route) => ({
      method: route.method,
      path: route.path,
      handler: (event: Event, context: Context) => answer(route, event, context, deps),
    })),
    notFoundResponse: ({ method, path }) => refuseRoute(routes, method, path),
  });
  return withMiddleware<Event, Result>()
    .onError((request) => {
      request.response = toErrorResult(request.error, request.event, deps.newLog(keysOf(request.event)));
    })
    .handler(router);
}

async function answer<Deps>(
  route: Route<Deps>,
  event: Event,
  context: Context,
  { newLog, depsFor }: ServeDeps<Deps>,
): Promise<Result> {
  const body = route.body === none ? undefined : await readBody(event, context);
  const log = newLog(keysOf(event));
  const request = {
    params: event.pathParameters ?? {},
    query: event.queryStringParameters ?? {},
    body,
    actor: actorOf(event),
  };
  const result = await route.handle(request, depsFor(log));
  log.info('answered', { status: result.status, actor: request.actor });
  return toResult(result, event);
}

/** Paths name a staging or an operation; either belongs on every line. */
const keysOf = ({ requestContext, routeKey, pathParameters }: Event): Record<string, unknown> => ({
  requestId: requestContext.requestId,
  route: routeKey,
  ...(pathParameters?.['name'] === undefined ? {} : { staging: pathParameters['name'] }),
  ...(pathParameters?.['id'] === undefined ? {} : { operation: pathParameters['id'] }),
});

const toResult = ({ status, body, headers }: Answer, event: Event): Result => ({
  statusCode: status,
  headers: {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-request-id': event.requestContext.requestId,
    ...headers,
  },
  body: JSON.stringify(body),
});

function toErrorResult(error: unknown, event: Event, log: Log): Result {
  const problem = problemOf(error);
  if (problem === undefined || problem.status >= 500) log.error('request failed', { error });
  else log.info('refused', { status: problem.status, problem: problem.slug, detail: problem.detail });
  const body = toProblem(problem, event.requestContext.requestId, event.requestContext.http.path);
  const headers = { ...problem?.headers, 'content-type': 'application/problem+json' };
  return toResult({ status: body.status, body, headers }, event);
}

function refuseRoute<Deps>(routes: readonly Route<Deps>[], method: string, path: string): never {
  const allowed = routes.filter((route) => matches(route.path, path)).map((route) => route.method);
  if (allowed.length === 0) {
    const detail = `there is nothing at ${path}; GET /v1/openapi.json tells what there is`;
    throw new HttpRefused({ status: 404, slug: 'no-such-route', title: 'There is no such route', detail });
  }
  throw new HttpRefused({
    status: 405,
    slug: 'method-not-allowed',
    title: 'The method is not allowed here',
    detail: `${path} knows ${allowed.join(', ')}, and not ${method}`,
    headers: { allow: allowed.join(', ') },
  });
}

function matches(pattern: string, path: string): boolean {
  const parts = path.replace(/\/$/, '').split('/');
  const wanted = pattern.split('/');
  return (
    parts.length === wanted.length &&
    wanted.every((part, index) => (part.startsWith('{') ? parts[index] !== '' : part === parts[index]))
  );
}
