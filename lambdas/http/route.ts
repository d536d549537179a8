import * as z from 'zod';
import { fieldProblems, RequestInvalid } from './request-invalid.ts';

/** What a route answers; the body is sent as JSON. */
export interface Answer {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

/** A request before it is parsed. */
export interface RawRequest {
  params: unknown;
  query: unknown;
  /** parsed JSON; undefined where the route takes no body */
  body: unknown;
  /** who asks: the ARN that signed the request, `local` on one machine */
  actor: string;
}

/** An answer as the OpenAPI document tells it. */
export interface AnswerSpec {
  description: string;
  schema: z.ZodType;
  headers?: Record<string, string>;
}

/** Fields of a part of a request that has none. */
export const none = z.strictObject({});

interface Spec {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** with parameters in braces, as API Gateway writes it */
  path: `/v1/${string}`;
  /** camelCase, for clients that are generated */
  operationId: string;
  summary: string;
  description?: string;
  answers: Readonly<Record<number, AnswerSpec>>;
  /** statuses of the problems that it can come to, besides 400 and 500 */
  problems: readonly number[];
  /** answers callers that signed nothing */
  isOpen?: boolean;
}

interface Parts<Params, Query, Body> {
  params: Params;
  query: Query;
  /** `none` where the route takes no body */
  body: Body;
}

/** What parses a request, calls one action and shapes its answer, beside all that the OpenAPI document has to say. */
export interface Route<Deps> extends Spec, Parts<z.ZodObject, z.ZodObject, z.ZodObject> {
  /** @throws RequestInvalid, and what its action throws */
  handle: (request: RawRequest, deps: Deps) => Promise<Answer>;
}

interface Definition<Params extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodObject, Deps>
  extends Spec,
    Parts<Params, Query, Body> {
  handle: (
    request: Parts<z.output<Params>, z.output<Query>, z.output<Body>> & { actor: string },
    deps: Deps,
  ) => Promise<Answer>;
}

/** A route whose handler gets what its schemas parsed. */
export function defineRoute<Params extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodObject, Deps>(
  definition: Definition<Params, Query, Body, Deps>,
): Route<Deps> {
  return {
    ...definition,
    // async, so that a request that can't be parsed rejects like everything else
    handle: async (request, deps) => {
      const params = definition.params.safeParse(request.params);
      const query = definition.query.safeParse(request.query);
      const body = definition.body.safeParse(request.body ?? {});
      if (!params.success || !query.success || !body.success) {
        throw new RequestInvalid([params, query, body].flatMap((part) => fieldProblems(part.error?.issues ?? [])));
      }
      return definition.handle({ params: params.data, query: query.data, body: body.data, actor: request.actor }, deps);
    },
  };
}
