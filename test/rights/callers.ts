import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EKSClient } from '@aws-sdk/client-eks';
import { request } from 'undici';
import { inject } from 'vitest';
import { createClient, type KubernetesClient } from '../../lambdas/cluster/client.ts';
import { eksClusters } from '../../lambdas/cluster/connect.ts';
import { type Connection, createConnection } from '../../lambdas/cluster/connection.ts';
import { eksTokens } from '../../lambdas/cluster/token.ts';
import { describeCluster } from '../../lib/local/eks/describe-cluster.ts';
import type { Loose } from '../support/simulated-cluster.ts';
import { type Credentials, clusterName } from './eks-side.ts';

export interface CallOptions {
  body?: unknown;
  type?: string;
  headers?: Record<string, string>;
}

export interface Answer {
  status: number;
  /** parsed, where it is JSON */
  body: Loose;
}

/** Somebody who asks the API server, as they are: nothing is tried again. */
export interface Caller {
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  close(): Promise<void>;
}

/** The one whose rights are tried, in two installations, and those around it. */
export interface Callers extends AsyncDisposable {
  /** Berth as it connects to a cluster of EKS, with the credentials of its function */
  berth: Caller & { client: KubernetesClient };
  /** the one of another installation in the same cluster */
  qa: Caller & { client: KubernetesClient };
  /** may do everything */
  operator: Caller & { client: KubernetesClient };
  /** in Berth's group, with what an operator adds to it */
  extended: Caller;
  /** whoever has a token */
  bearer(token: string): Caller;
}

const region = 'eu-central-1';

export async function openCallers(): Promise<Callers> {
  const { endpoint, ca, token, extendedToken, credentials } = inject('rights');
  const eks = await serveDescribeCluster({ endpoint, certificateAuthority: ca, version: '1.35' });
  const opened: { close(): Promise<void> }[] = [];
  const kept = <Opened extends { close(): Promise<void> }>(one: Opened): Opened => {
    opened.push(one);
    return one;
  };
  const locate = async () => ({ endpoint, ca });
  const bearer = (own: string): Caller => kept(callerOver(createConnection(locate, async () => own)));
  const installed = (own: Credentials) => {
    const tokens = eksTokens({ credentials: own, region, now: Date.now });
    const client = eksClusters(eks.client, tokens, [clusterName])(clusterName);
    return { ...kept(callerOver(createConnection(locate, () => tokens(clusterName)))), client };
  };
  const operatorConnection = kept(createConnection(locate, async () => token));
  return {
    berth: installed(credentials.berth),
    qa: installed(credentials.qa),
    operator: { ...callerOver(operatorConnection), client: createClient(operatorConnection) },
    extended: bearer(extendedToken),
    bearer,
    async [Symbol.asyncDispose]() {
      await Promise.all(opened.map((one) => one.close()));
      await eks.close();
    },
  };
}

function callerOver(connection: Connection): Caller {
  return {
    async call(method, path, { body, type = 'application/json', headers = {} } = {}) {
      const [{ endpoint }, dispatcher, authorization = ''] = await Promise.all([
        connection.address(),
        connection.dispatcher(),
        connection.authorization(),
      ]);
      const answer = await request(endpoint + path, {
        dispatcher,
        method,
        headers: { authorization, 'content-type': type, accept: 'application/json', ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.body.text();
      return { status: answer.statusCode, body: /^[{[]/.test(text) ? JSON.parse(text) : text };
    },
    close: () => connection.close(),
  };
}

/** EKS's own API, as far as Berth asks it. */
async function serveDescribeCluster(
  access: Parameters<typeof describeCluster>[0] extends ReadonlyMap<string, infer Access> ? Access : never,
) {
  const server = createServer((asked, response) => {
    const { status, headers, body } = describeCluster(new Map([[clusterName, access]]), asked.method, asked.url);
    response.writeHead(status, Object.fromEntries(headers)).end(body);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const client = new EKSClient({
    endpoint: `http://127.0.0.1:${port}`,
    region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  return {
    client,
    async close() {
      client.destroy();
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
