import withMiddleware from '@middy/core';
import httpJsonBodyParser from '@middy/http-json-body-parser';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { describeBrokenJson } from './broken-json.ts';
import { HttpRefused } from './problem.ts';

/**
 * Most bytes of a body. An item of the table holds 400 KB, with the request's values in it beside up to 16 operations and
 * a diagnosis; real requests are a few hundred bytes.
 */
const mostBytes = 64 * 1024;

/** DynamoDB holds 32 levels; the record puts seven of them around a value. */
const mostLevels = 20;

/** Refuses other media types, broken JSON, and keys that would reach into prototypes. */
const parseJson = withMiddleware((event: { body?: unknown }): Promise<unknown> => Promise.resolve(event.body)).use(
  httpJsonBodyParser(),
);

/**
 * The JSON of a request's body.
 * @throws HttpRefused 413, 415, or 400 with the place where the JSON is broken
 */
export async function readBody(event: APIGatewayProxyEventV2, context: Context): Promise<unknown> {
  const { headers, body = '', isBase64Encoded } = event;
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') throw unsupported(`the body must not be compressed, and says it is ${encoding}`);
  const bytes = Buffer.byteLength(body, isBase64Encoded ? 'base64' : 'utf8');
  if (bytes > mostBytes) {
    const detail = `the body has ${bytes} bytes; ${mostBytes} are the most`;
    throw new HttpRefused({ status: 413, slug: 'body-too-large', title: 'The body is too large', detail });
  }
  if (bytes === 0) throw malformed('the request needs a JSON object as its body');
  const parsed = await parseJson(event, context).catch((error: unknown) => {
    throw refusalOf(error, event);
  });
  if (isDeeper(parsed, mostLevels)) throw malformed(tooDeep);
  if (!isWellFormed(parsed)) throw malformed('the JSON holds half a character, a lone surrogate such as "\\ud800"');
  return parsed;
}

const unsupported = (detail: string): HttpRefused =>
  new HttpRefused({ status: 415, slug: 'unsupported-media-type', title: 'The body must be JSON', detail });

const malformed = (detail: string): HttpRefused =>
  new HttpRefused({ status: 400, slug: 'malformed-json', title: 'The body is no JSON that can be read', detail });

function refusalOf(error: unknown, { headers, body = '', isBase64Encoded }: APIGatewayProxyEventV2): unknown {
  if (!(error instanceof Error) || !('statusCode' in error)) return error;
  if (error.statusCode === 415) {
    return unsupported(`the body must be application/json, and says it is ${headers['content-type'] || 'nothing'}`);
  }
  const text = isBase64Encoded ? Buffer.from(body, 'base64').toString() : body;
  return malformed(describeBrokenJson(text) || (error.message.startsWith('Forbidden') ? intoPrototypes : tooDeep));
}

const tooDeep = `the JSON is nested deeper than ${mostLevels} levels`;
const intoPrototypes = 'the JSON has a key "__proto__", or "constructor" with a "prototype" in it; neither is taken';

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((below) => isDeeper(below, levels - 1));
}

/** DynamoDB refuses half a character, and Kubernetes makes another of it. */
function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, below]) => key.isWellFormed() && isWellFormed(below));
}
