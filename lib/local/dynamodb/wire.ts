import * as z from 'zod';
import { local } from '../template/physical.ts';

const Failure = z.looseObject({ __type: z.string(), message: z.string().optional() });

/** An error that the table's endpoint answered; `type` is its short name, such as ResourceNotFoundException. */
export class TableCallFailed extends Error {
  override readonly name = 'TableCallFailed';
  readonly type: string;
  constructor(operation: string, type: string, message: string | undefined) {
    super(`${operation}: ${type}${message === undefined ? '' : `: ${message}`}`);
    this.type = type;
  }
}

/**
 * Calls an operation of DynamoDB with its JSON input and gives its JSON output; given up with `signal`, after 10 s where
 * there is none. @throws TableCallFailed, TypeError where the connection fails
 */
export type TableCall = (operation: string, input: object, signal?: AbortSignal) => Promise<unknown>;

/** Making a table takes a database on loopback less than a second, also on a loaded machine. */
const callLimit = 10_000;

/** The local functions' key and region: databases that tell accounts apart by them must find one account. */
const credential = `local/20260101/${local.region}/dynamodb/aws4_request`;

/**
 * DynamoDB's wire protocol without the SDK, whose loading would cost a start 200 ms for five calls. Databases
 * on one machine want a signature to be there and don't look at it.
 */
export const tableCaller =
  (url: string): TableCall =>
  async (operation, input, signal = AbortSignal.timeout(callLimit)) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `DynamoDB_20120810.${operation}`,
        'x-amz-date': '20260101T000000Z',
        authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=local`,
      },
      body: JSON.stringify(input),
      signal,
    });
    const body: unknown = await response.json();
    if (response.ok) return body;
    const { __type, message } = Failure.parse(body);
    throw new TableCallFailed(operation, __type.split('#').at(-1) ?? __type, message);
  };
