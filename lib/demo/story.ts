import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import * as z from 'zod';
import { namespaceOf } from '../../lambdas/domain/names.ts';
import type { BerthClient, StagingAnswer } from './berth-client.ts';
import { followOperation, secondsOf } from './follow-operation.ts';
import { expectThat, Surprise } from './surprise.ts';
import type { Teller } from './teller.ts';

export interface Stage {
  client: BerthClient;
  tell: Teller;
  /** kubectl's path and the arguments that point it at the cluster */
  kubectl: readonly string[];
}

/** Asks for a deploy and follows it to its end. */
async function deploy({ client, tell }: Stage, name: string, body: object) {
  const accepted = await client.put(name, body);
  tell.call(`PUT /v1/stagings/${name} ${JSON.stringify(body)}`, accepted.id);
  return followOperation(client, tell, accepted.id);
}

/** What a staging's page says of itself. */
const Facts = z.object({
  image: z.string(),
  readyPods: z.number(),
  settings: z.array(z.object({ name: z.string(), value: z.string() })),
});
type Facts = z.infer<typeof Facts>;

/** Opens a staging's address and tells what answers there. */
async function visit({ client, tell }: Stage, name: string): Promise<Facts> {
  const { url } = await client.staging(name);
  const page = await client.open(url);
  expectThat(page.status === 200, `${url} answers ${page.status}: ${page.text}`);
  const facts = Facts.parse(JSON.parse(page.text));
  tell.good(`${url} answers 200`);
  tell.note(`  image ${facts.image}, ${facts.readyPods} ready`);
  for (const { name: setting, value } of facts.settings.slice(0, 5)) tell.note(`  ${setting} = ${value}`);
  return facts;
}

/** A blueprint becomes a staging at its own address. */
export async function comeUp(stage: Stage, name: string, blueprint: string): Promise<void> {
  stage.tell.chapter(`Deploy the blueprint "${blueprint}" as staging "${name}"`);
  const ended = await deploy(stage, name, { blueprint });
  expectThat(ended.outcome === 'Succeeded', `the deploy ended as ${ended.outcome}: ${ended.reason?.message}`);
  await visit(stage, name);
}

/** Another image, and the page shows it. */
export async function update(stage: Stage, name: string, blueprint: string, imageTag: string): Promise<void> {
  stage.tell.chapter(`Update it to image ${imageTag}`);
  const values = { imageTag, greeting: 'Hello again' };
  const ended = await deploy(stage, name, { blueprint, values });
  expectThat(ended.outcome === 'Succeeded', `the update ended as ${ended.outcome}: ${ended.reason?.message}`);
  const { image, settings } = await visit(stage, name);
  expectThat(image.endsWith(`:${imageTag}`), `the page shows image ${image}, not ${imageTag}`);
  expectThat(
    settings.some(({ value }) => value === values.greeting),
    'the page does not show the new greeting',
  );
}

/** An image that isn't there, and what is said of it. */
export async function fail(stage: Stage, name: string, blueprint: string): Promise<void> {
  const { tell } = stage;
  tell.chapter('Send a broken image');
  const ended = await deploy(stage, name, { blueprint, values: { imageTag: 'missing' } });
  expectThat(ended.outcome === 'Failed', `an image that is not there ended as ${ended.outcome}`);
  expectThat(ended.reason?.code === 'ImageNotFound', `the named cause is ${ended.reason?.code}, not ImageNotFound`);
  tell.bad(`${ended.reason.code}: ${ended.reason.message}`);
  tell.note(`  named ${secondsOf(ended).toFixed(1)} s after the request`);
  for (const event of ended.diagnosis?.events.slice(0, 3) ?? []) tell.note(`  ${event.object}: ${event.message}`);
}

/** Real seconds that a sweep and a teardown may take here. */
const patience = 15_000;

/** Its time is over, and nothing is left. */
export async function expire(stage: Stage, name: string): Promise<void> {
  const { client, tell } = stage;
  const { expiresAt, url } = await client.staging(name);
  tell.chapter('Let its lifetime end');
  tell.note(`it expires at ${expiresAt}; the clock is put on by four days`);
  await client.advance('4d');
  const gone = await untilDeleted(stage, name);
  tell.good(`${name} is ${gone.status}, by operation ${gone.operation.id}, asked for by ${gone.operation.actor}`);
  const namespace = namespaceOf(name);
  expectThat(await isAbsent(stage, namespace), `namespace ${namespace} is still there`);
  tell.good(`namespace ${namespace} is gone`);
  const page = await client.open(url);
  expectThat(page.status === 404, `${url} still answers ${page.status}`);
  tell.good(`${url} answers 404`);
}

async function untilDeleted({ client }: Stage, name: string): Promise<StagingAnswer> {
  const until = performance.now() + patience;
  for (;;) {
    const staging = await client.staging(name);
    if (staging.status === 'Deleted') return staging;
    if (performance.now() > until) throw new Surprise(`${name} is still ${staging.status}`);
    await sleep(100);
  }
}

async function isAbsent({ kubectl: [program = 'kubectl', ...cluster] }: Stage, namespace: string): Promise<boolean> {
  const args = [...cluster, 'get', 'namespace', namespace, '--ignore-not-found', '--output', 'name'];
  return (await promisify(execFile)(program, args)).stdout.trim() === '';
}
