import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { OperationView, StagingView } from '../../lambdas/routes/views.ts';
import { type HttpCall, httpCall } from './http-call.ts';

export interface ApiAnswer {
  status: number;
  headers: NodeJS.Dict<string | string[]>;
  // oxlint-disable-next-line typescript/no-explicit-any -- what it holds is what the tests are about
  body: any;
}

/** Calls of a running Berth as its users make them. */
export interface BerthApi {
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<ApiAnswer>;
  raw(path: string, call: HttpCall): Promise<ApiAnswer>;
  put(name: string, body: object): Promise<{ staging: StagingView; operation: OperationView }>;
  staging(name: string): Promise<StagingView>;
  operation(id: string): Promise<OperationView>;
  /** The operation once it has ended. */
  ended(id: string): Promise<OperationView>;
  /** The operation once it is in a step. */
  inStep(id: string, step: string): Promise<void>;
  /** What answers at a staging's address, as JSON. */
  page(name: string): Promise<ApiAnswer>;
  advance(duration: string): Promise<void>;
}

export function berthApi(port: number): BerthApi {
  const raw: BerthApi['raw'] = async (path, call) => {
    const { text, ...answer } = await httpCall(port, path, call);
    return { ...answer, body: parsed(text) };
  };
  const call: BerthApi['call'] = (method, path, body, headers) =>
    raw(path, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const ok = async (answer: Promise<ApiAnswer>): Promise<ApiAnswer['body']> => {
    const { status, body } = await answer;
    if (status >= 300) throw new Error(`${status}: ${JSON.stringify(body)}`);
    return body;
  };
  const operation = async (id: string, wait = 0) =>
    (await ok(call('GET', `/v1/operations/${id}?wait=${wait}`))).operation;
  return {
    raw,
    call,
    put: (name, body) => ok(call('PUT', `/v1/stagings/${name}`, body)),
    staging: async (name) => (await ok(call('GET', `/v1/stagings/${name}`))).staging,
    operation,
    async ended(id) {
      for (;;) {
        const found = await operation(id, 20);
        if (found.outcome !== undefined) return found;
      }
    },
    async inStep(id, step) {
      await until(async () => (await operation(id)).steps.some(({ name }: { name: string }) => name === step));
    },
    page: (name) => raw('/', { headers: { host: `${name}.staging.localhost:${port}`, accept: 'application/json' } }),
    advance: (duration) => ok(call('POST', '/_local/clock', { advance: duration })),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Asks again until it holds; the test's own time limit ends it. */
export async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await holds())) await sleep(10);
}

/** What kubectl prints. @throws Error with what it printed where it fails */
export async function kubectlPrints([program = 'kubectl', ...cluster]: readonly string[], ...args: string[]) {
  return (await promisify(execFile)(program, [...cluster, ...args])).stdout;
}

/** Names of what `kubectl get` finds. */
export async function kubectlGet(kubectl: readonly string[], ...args: string[]) {
  const printed = await kubectlPrints(kubectl, 'get', ...args, '--ignore-not-found', '--output', 'name');
  return printed.split('\n').filter((line) => line !== '');
}
