import type * as z from 'zod';
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiOverride,
  type ZodOpenApiResponseObject,
} from 'zod-openapi';
import { Problem } from './problem.ts';
import { type AnswerSpec, none, type Route } from './route.ts';

type Documented = Omit<Route<never>, 'handle'>;

const problemTitles: Readonly<Record<number, string>> = {
  400: 'the request is not valid',
  404: 'there is no such thing',
  409: 'not possible in this status, or older than what was accepted',
  413: 'the body is too large',
  415: 'the body is not JSON',
  422: 'the blueprint does not allow this',
  429: 'the cap on stagings is reached',
  500: 'something went wrong here',
  503: 'not available for a moment',
};

/** Statuses after which a caller may try again. */
const isRetryable = (status: number): boolean => status === 429 || status === 503;

const problemAnswer = (status: number): ZodOpenApiResponseObject => ({
  description: problemTitles[status] ?? 'an error',
  content: { 'application/problem+json': { schema: Problem } },
  ...(isRetryable(status)
    ? { headers: { 'Retry-After': { description: 'seconds to wait', schema: { type: 'integer' } } } }
    : {}),
});

const goodAnswer = ({ description, schema, headers }: AnswerSpec): ZodOpenApiResponseObject => ({
  description,
  content: { 'application/json': { schema } },
  headers: Object.fromEntries(
    Object.entries({ 'X-Request-Id': 'also on the log lines', ...headers }).map(([name, text]) => [
      name,
      { description: text, schema: { type: 'string' } },
    ]),
  ),
});

function toOperation(route: Documented): ZodOpenApiOperationObject {
  const { operationId, summary, description, params, query, body, answers, problems } = route;
  const requestParams = { ...(params === none ? {} : { path: params }), ...(query === none ? {} : { query }) };
  return {
    operationId,
    summary,
    ...(description === undefined ? {} : { description }),
    ...(route.isOpen ? { security: [] } : {}),
    ...(Object.keys(requestParams).length === 0 ? {} : { requestParams }),
    ...(body === none ? {} : { requestBody: { required: true, content: { 'application/json': { schema: body } } } }),
    responses: Object.fromEntries([
      ...Object.entries(answers).map(([status, answer]) => [status, goodAnswer(answer)] as const),
      ...[400, ...problems, 500].map((status) => [String(status), problemAnswer(status)] as const),
    ]),
  };
}

/**
 * An answer may get further fields, so only what is strict when it is parsed says that there are no others. It also makes
 * a schema the same in requests and in answers, and so one component. What refers to itself, which is JSON alone, is
 * anything: generators make types of it that don't compile.
 */
const override: ZodOpenApiOverride = ({ zodSchema, jsonSchema }) => {
  const { def } = zodSchema._zod;
  if (def.type === 'lazy') {
    delete jsonSchema.anyOf;
    jsonSchema.description = 'any JSON value';
  }
  if (def.type === 'object' && !('catchall' in def && def.catchall)) delete jsonSchema.additionalProperties;
};

/** The OpenAPI 3.1 document of routes, from the schemas that parse their requests; `named` become its components. */
export function openApiDocument(routes: readonly Documented[], named: Readonly<Record<string, z.ZodType>>): unknown {
  const paths = Map.groupBy(routes, (route) => route.path);
  return createDocument(
    {
      openapi: '3.1.0',
      info: {
        title: 'Berth',
        version: '1',
        description: 'A running copy of the product for every feature branch. Errors are problem details, RFC 9457.',
      },
      paths: Object.fromEntries(
        [...paths].map(([path, those]) => [
          path,
          Object.fromEntries(those.map((route) => [route.method.toLowerCase(), toOperation(route)])),
        ]),
      ),
      components: {
        schemas: named,
        securitySchemes: {
          iam: {
            type: 'apiKey',
            in: 'header',
            name: 'Authorization',
            description: 'AWS Signature Version 4, service execute-api',
          },
        },
      },
      security: [{ iam: [] }],
    },
    { override },
  );
}
