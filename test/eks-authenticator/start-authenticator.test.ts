import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { eksTokens } from '../../lambdas/cluster/token.ts';
import { readTemplateFile } from '../../lib/local/template/template-file.ts';
import { makeApp } from '../lib/cloud/synthesize.ts';
import { folderWith } from '../support/render.ts';
import { accessEntriesOf, principalOf, userOf } from './access-entries.ts';
import { startAuthenticator } from './start-authenticator.ts';

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'session' };
const now = () => Date.parse('2026-03-01T12:00:00Z');
const token = (cluster: string) => eksTokens({ credentials, region: 'eu-central-1', now })(cluster);

const assembly = makeApp({ clusters: ['staging', 'second'] }).app.synth().directory;
const template = await readTemplateFile(assembly, 'berth');

/** The authenticator of one of the template's clusters, which knows the role of one of its functions. */
async function authenticatorFor({ cluster = 'staging', runsAs = 'cluster' } = {}) {
  const principals = [principalOf(template, runsAs, credentials)];
  return startAuthenticator({ cluster, partition: 'aws', principals, now }, accessEntriesOf(template));
}

async function review(url: string, authority: string, body: unknown) {
  await using dispatcher = closing(new Agent({ connect: { ca: authority } }));
  const answer = await request(url, { method: 'POST', body: JSON.stringify(body), dispatcher: dispatcher.agent });
  return { status: answer.statusCode, text: await answer.body.text() };
}
const closing = (agent: Agent) => ({ agent, [Symbol.asyncDispose]: () => agent.destroy() });

const reviewOf = (given: string) => ({
  apiVersion: 'authentication.k8s.io/v1',
  kind: 'TokenReview',
  metadata: { creationTimestamp: null },
  spec: { token: given, audiences: ['https://kubernetes.default.svc'] },
  status: { user: {} },
});

const statusOf = ({ text }: { text: string }): unknown => JSON.parse(text).status;

it('says that Berth’s token is the user and the group of the access entry of the function’s role', async () => {
  await using authenticator = await authenticatorFor();
  const { status, text } = await review(authenticator.url, authenticator.authority, reviewOf(await token('staging')));
  expect(status).toBe(200);
  expect(JSON.parse(text)).toEqual({
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenReview',
    metadata: {},
    status: {
      authenticated: true,
      user: {
        username: expect.stringMatching(/^arn:aws:sts::\d{12}:assumed-role\/BerthClusterRole\w*\/berth-cluster$/),
        uid: expect.stringMatching(/^aws-iam-authenticator:\d{12}:AROA/),
        groups: ['berth'],
        extra: expect.objectContaining({ sessionName: ['berth-cluster'], accessKeyId: ['AKIDEXAMPLE'] }),
      },
    },
  });
});

it('knows the role in every cluster of the installation, each by tokens of its own', async () => {
  await using second = await authenticatorFor({ cluster: 'second' });
  const answers = await Promise.all(
    ['second', 'staging'].map(async (name) => review(second.url, second.authority, reviewOf(await token(name)))),
  );
  expect(answers.map(statusOf)).toEqual([
    expect.objectContaining({ authenticated: true }),
    { authenticated: false, error: 'the signature does not match' },
  ]);
});

it.each(['api', 'records', 'sweep'])('knows nobody in the role of the %s function', async (runsAs) => {
  await using authenticator = await authenticatorFor({ runsAs });
  const { url, authority } = authenticator;
  expect(statusOf(await review(url, authority, reviewOf(await token('staging'))))).toEqual({
    authenticated: false,
    error: expect.stringContaining('has no access entry in cluster staging'),
  });
});

it('refuses what is no TokenReview', async () => {
  await using authenticator = await authenticatorFor();
  const { url, authority } = authenticator;
  expect(await review(url, authority, { kind: 'Pod' })).toMatchObject({ status: 400 });
  expect(await review(url.replace('authenticate', 'other'), authority, {})).toMatchObject({ status: 404 });
});

it('writes the file that leads an API server to it', async () => {
  await using authenticator = await authenticatorFor();
  const file = join(await folderWith({}), 'webhook.yaml');
  await authenticator.writeWebhookConfig(file);
  const { clusters, contexts, 'current-context': current } = parse(await readFile(file, 'utf8'));
  const { context } = contexts.find(({ name }: { name: string }) => name === current);
  const { cluster } = clusters.find(({ name }: { name: string }) => name === context.cluster);
  const authority = Buffer.from(cluster['certificate-authority-data'], 'base64').toString();
  const answer = await review(cluster.server, authority, reviewOf(await token('staging')));
  expect(statusOf(answer)).toMatchObject({ authenticated: true });
});

it('fills in the username that an access entry has of its own, as EKS does', () => {
  const roleArn = 'arn:aws:iam::123456789012:role/team/berth';
  const principal = { ...credentials, roleArn, sessionName: 'me@example.com' };
  const entry = { ClusterName: 'staging', PrincipalArn: roleArn, Type: 'STANDARD', KubernetesGroups: [] };
  const named = (Username: string) => userOf(principal, 'staging', [{ ...entry, Username }]).username;
  expect(named('{{AccountID}}:{{SessionName}}')).toBe('123456789012:me-example.com');
  expect(named('{{SessionNameRaw}}')).toBe('me@example.com');
  expect(userOf(principal, 'staging', [entry]).username).toBe(
    'arn:aws:sts::123456789012:assumed-role/berth/me-example.com',
  );
});
