import { request } from 'node:http';
import * as z from 'zod';
import { Operation, OperationStep, Progress } from '../../lambdas/domain/operation.ts';
import { Status } from '../../lambdas/domain/status.ts';
import { Surprise } from './surprise.ts';

const OperationAnswer = Operation.extend({ steps: z.array(OperationStep), progress: Progress.optional() });
export type OperationAnswer = z.infer<typeof OperationAnswer>;

const Accepted = z.object({ operation: Operation });
const StagingAnswer = z.object({
  name: z.string(),
  status: Status,
  url: z.string(),
  expiresAt: z.string().optional(),
  operation: Operation,
});
export type StagingAnswer = z.infer<typeof StagingAnswer>;

/** What answers at a staging's address, as JSON. */
export interface Page {
  status: number;
  text: string;
}

/** The calls of Berth's HTTP API that the demo makes. */
export interface BerthClient {
  put(name: string, body: object): Promise<Operation>;
  operation(id: string, waitSeconds: number): Promise<OperationAnswer>;
  staging(name: string): Promise<StagingAnswer>;
  /** Opens a staging's address; its host is found on this machine whatever its resolver knows of `.localhost`. */
  open(url: string): Promise<Page>;
  /** Moves the host's clock: `3d`. */
  advance(duration: string): Promise<void>;
}

/** A client of the host at `url`; every answer that isn't a success is a Surprise. */
export function createBerthClient(url: string): BerthClient {
  async function call(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(`${url}${path}`, {
      method,
      ...(body ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    if (!response.ok) throw new Surprise(`${method} ${path} was answered with ${response.status}: ${text}`);
    return JSON.parse(text);
  }
  return {
    put: async (name, body) => Accepted.parse(await call('PUT', `/v1/stagings/${name}`, body)).operation,
    operation: async (id, waitSeconds) =>
      z.object({ operation: OperationAnswer }).parse(await call('GET', `/v1/operations/${id}?wait=${waitSeconds}`))
        .operation,
    staging: async (name) =>
      z.object({ staging: StagingAnswer }).parse(await call('GET', `/v1/stagings/${name}`)).staging,
    open,
    advance: async (duration) => {
      await call('POST', '/_local/clock', { advance: duration });
    },
  };
}

function open(address: string): Promise<Page> {
  const { host, port, pathname } = new URL(address);
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: '127.0.0.1', port, path: pathname, headers: { host, accept: 'application/json' } },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      },
    );
    asked.on('error', reject);
    asked.end();
  });
}
