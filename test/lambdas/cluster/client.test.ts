import { describe, expect, it, onTestFinished } from 'vitest';
import { createClient } from '../../../lambdas/cluster/client.ts';
import { createConnection } from '../../../lambdas/cluster/connection.ts';
import { aFakeApi, aStatus, type FakeAnswer } from '../../support/fake-api.ts';
import { noPauses } from '../../support/no-pauses.ts';

const resources = { resources: [{ name: 'pods', kind: 'Pod', namespaced: true }] };
const widgets = { resources: [{ name: 'widgets', kind: 'Widget', namespaced: true }] };
const aPage = (name: string, next?: string) => ({
  body: {
    metadata: { resourceVersion: '9', ...(next === undefined ? {} : { continue: next }) },
    items: [{ metadata: { name } }],
  },
});

/** A client of an API server that answers lists of pods in turn, the last answer for ever. */
async function listing(...answers: FakeAnswer[]) {
  let index = 0;
  const api = await aFakeApi(({ path }) =>
    path === '/api/v1' ? { body: resources } : (answers[Math.min(index++, answers.length - 1)] ?? {}),
  );
  return clientOf(api);
}

function clientOf(api: Awaited<ReturnType<typeof aFakeApi>>) {
  const connection = createConnection(
    async () => ({ endpoint: api.endpoint, ca: api.ca }),
    async () => 'secret',
  );
  onTestFinished(() => connection.close());
  return { client: createClient(connection, noPauses), api };
}
const namesOf = ({ objects }: { objects: { metadata: { name?: string | undefined } }[] }) =>
  objects.map(({ metadata }) => metadata.name);

describe('a list', () => {
  it('has every page', async () => {
    const { client } = await listing(aPage('a', 'next'), aPage('b'));
    expect(namesOf(await client.list('v1', 'Pod'))).toEqual(['a', 'b']);
  });

  it('begins anew where the API server has forgotten its first page, and is never half of one', async () => {
    const expired = { status: 410, body: aStatus('Expired', 'the continue token is too old') };
    const { client } = await listing(aPage('a', 'next'), expired, aPage('c', 'next'), aPage('d'));
    expect(namesOf(await client.list('v1', 'Pod'))).toEqual(['c', 'd']);
    const hopeless = await listing(expired);
    await expect(hopeless.client.list('v1', 'Pod')).rejects.toMatchObject({ status: 410 });
  });

  it('of a kind whose definition is gone is empty, and the kind is looked for again', async () => {
    let isServed = true;
    const api = await aFakeApi(({ path }) => {
      if (!isServed) return { status: 404, body: '404 page not found' };
      return path === '/apis/shop.example.com/v1' ? { body: widgets } : aPage('one');
    });
    const { client } = clientOf(api);
    const list = () => client.list('shop.example.com/v1', 'Widget');
    expect(namesOf(await list())).toEqual(['one']);
    isServed = false;
    expect(namesOf(await list())).toEqual([]);
    isServed = true;
    expect(namesOf(await list())).toEqual(['one']);
  });

  it('that is not found though its kind is served is no empty list', async () => {
    const { client } = await listing({ status: 404, body: aStatus('NotFound', 'no such path') });
    await expect(client.list('v1', 'Pod')).rejects.toMatchObject({ status: 404 });
  });

  it('that is something else is no empty list', async () => {
    const { client } = await listing({ body: { message: 'please sign in' } });
    await expect(client.list('v1', 'Pod')).rejects.toMatchObject({ name: 'ClusterBusy' });
  });
});

describe('an apply', () => {
  it('is strict, and owns what it sends', async () => {
    const { client, api } = await listing({ body: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } } });
    await client.apply({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'stg-a' } });
    const patches = api.requests.filter(({ method }) => method === 'PATCH');
    expect(patches.map(({ path }) => path)).toEqual(['/api/v1/namespaces/stg-a/pods/a']);
    const asked = patches.map(({ query }) => Object.fromEntries(query));
    expect(asked).toEqual([{ fieldManager: 'berth', fieldValidation: 'Strict', force: 'true' }]);
  });
});
