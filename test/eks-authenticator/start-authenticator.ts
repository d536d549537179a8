import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { stringify } from 'yaml';
import * as z from 'zod';
import { makeCertificate } from '../../lib/local/cluster/certificates.ts';
import { type AccessEntry, type KubernetesUser, userOf } from './access-entries.ts';
import { type Jury, judgeToken } from './judge-token.ts';
import { TokenRefused } from './refusal.ts';

/** EKS's side of authentication for one cluster, as its API server sees it. */
export interface Authenticator extends AsyncDisposable {
  /** where TokenReviews are posted to */
  url: string;
  /** PEM: what the API server must trust */
  authority: string;
  /** Writes the file for the API server's `--authentication-token-webhook-config-file`; the version is `v1`. */
  writeWebhookConfig(file: string): Promise<void>;
  close(): Promise<void>;
}

const TokenReview = z.looseObject({
  apiVersion: z.literal('authentication.k8s.io/v1'),
  kind: z.literal('TokenReview'),
  spec: z.looseObject({ token: z.string() }),
});

type Status = { authenticated: true; user: KubernetesUser } | { authenticated: false; error: string };

const path = '/authenticate';

/**
 * Listens on a free port of the loopback interface. It keeps no answer: how long the API server keeps one is its
 * `--authentication-token-webhook-cache-ttl`.
 */
export async function startAuthenticator(jury: Jury, entries: readonly AccessEntry[]): Promise<Authenticator> {
  // By the real clock, since the API server looks at the certificate with its own.
  const { key, certificate, authority } = await makeCertificate(Date.now());
  const review = reviewer(jury, entries);
  const server = createServer({ key, cert: certificate }, (request, response) => {
    const isOurs = request.method === 'POST' && request.url?.split('?')[0] === path;
    if (!isOurs) response.writeHead(404).end();
    else
      answer(request, review).then(
        (body) => response.writeHead(200, { 'content-type': 'application/json' }).end(body),
        (error: unknown) => response.writeHead(400).end(String(error)),
      );
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  const close = async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  return {
    url,
    authority,
    writeWebhookConfig: (file) => writeFile(file, webhookConfig(url, authority)),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function answer(request: IncomingMessage, review: (token: string) => Status): Promise<string> {
  const { apiVersion, kind, spec } = TokenReview.parse(JSON.parse(await text(request)));
  return JSON.stringify({ apiVersion, kind, metadata: {}, status: review(spec.token) });
}

/** Says of each token who it is, or why it is nobody. */
const reviewer =
  (jury: Jury, entries: readonly AccessEntry[]) =>
  (token: string): Status => {
    try {
      return { authenticated: true, user: userOf(judgeToken(token, jury), jury.cluster, entries) };
    } catch (error) {
      if (!(error instanceof TokenRefused)) throw error;
      return { authenticated: false, error: error.message };
    }
  };

/** In the format of a kubeconfig, as the API server reads it. */
function webhookConfig(url: string, authority: string): string {
  const name = 'eks-authenticator';
  const data = Buffer.from(authority).toString('base64');
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: url, 'certificate-authority-data': data } }],
    users: [{ name, user: {} }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  });
}
