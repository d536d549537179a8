import * as z from 'zod';
import { type GatewayResponse, gatewayMessage } from './http.ts';

const HeaderValue = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const Structured = z.object({
  statusCode: z.coerce.number().int().min(100).max(599),
  headers: z.record(z.string(), HeaderValue).nullish(),
  cookies: z.array(z.string()).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

/**
 * Turns a function's answer into a response, as format 2.0 has it: an object with `statusCode` says all; any other JSON is
 * itself the body of a 200.
 */
export function toResponse(payload: string): GatewayResponse {
  const answer: unknown = JSON.parse(payload);
  if (typeof answer !== 'object' || answer === null || !('statusCode' in answer)) {
    return { status: 200, headers: [['content-type', 'application/json']], body: Buffer.from(textOf(answer)) };
  }
  const parsed = Structured.safeParse(answer);
  if (!parsed.success) return gatewayMessage(500, 'Internal Server Error');
  const { statusCode, headers, cookies, body, isBase64Encoded } = parsed.data;
  const given = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const);
  const typed = given.some(([name]) => name === 'content-type');
  return {
    status: statusCode,
    headers: [
      ...(typed || !body ? [] : [['content-type', 'text/plain; charset=utf-8'] as const]),
      ...given,
      ...(cookies ?? []).map((cookie) => ['set-cookie', cookie] as const),
    ],
    body: Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8'),
  };
}

const textOf = (answer: unknown): string => (typeof answer === 'string' ? answer : JSON.stringify(answer));
