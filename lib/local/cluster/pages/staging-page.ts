import { escaped, hueOf, layout } from './layout.ts';
import type { ShownSetting, StagingFacts } from './staging-facts.ts';

const row = (term: string, value: string | undefined): string =>
  value === undefined ? '' : `<dt>${escaped(term)}</dt><dd>${escaped(value)}</dd>`;

function settingRow({ name, value, isSecret, from }: ShownSetting): string {
  const shown = isSecret ? `<span class="hidden" title="hidden">${escaped(value)}</span>` : escaped(value);
  const source = from === undefined ? (isSecret ? 'hidden' : undefined) : `from ${from}`;
  return `<dt class="name">${escaped(name)}</dt><dd>${shown}${source === undefined ? '' : `<small>${escaped(source)}</small>`}</dd>`;
}

/** The page of a staging that runs: what it is, which commit, and what it is set to. */
export function stagingPage(facts: StagingFacts): string {
  const pods = `${facts.pod}${facts.readyPods > 1 ? ` · one of ${facts.readyPods}` : ''}`;
  const settings = facts.settings.map(settingRow).join('');
  return layout({
    title: facts.staging,
    hue: hueOf(facts.image),
    header: `<p>Staging</p><h1>${escaped(facts.staging)}</h1><span class="tag">${escaped(facts.image)}</span>`,
    content:
      `<h2>What runs</h2><dl>${row('Image', facts.image)}${row('Commit', facts.commit)}` +
      `${row('Generation', facts.generation)}${row('Pod', pods)}${row('Service', `${facts.namespace}/${facts.service}`)}` +
      `${row('Running since', facts.startedAt)}</dl>` +
      (settings === '' ? '' : `<h2>Settings</h2><dl>${settings}</dl>`),
    footer:
      'Answered by the simulated cluster in place of the product. Ask with “Accept: application/json” for the same as JSON.',
  });
}

/** The page of a staging none of whose pods is ready. It asks again by itself. */
export const waitingPage = (staging: string, problem: string, pods: readonly string[]): string =>
  layout({
    title: `${staging} is not ready`,
    hue: 55,
    header: `<p>Staging</p><h1>${escaped(staging)}</h1><span class="tag">503 · not ready</span>`,
    content: `<h2>What it waits for</h2><dl>${row('Now', problem)}${pods.map((pod) => row('Pod', pod)).join('')}</dl>`,
    footer: 'This page asks again by itself.',
    refresh: 2,
  });

export const nothingHerePage = (host: string): string =>
  layout({
    title: 'No staging answers here',
    hue: 240,
    header: `<p>404</p><h1>No staging answers here</h1><span class="tag">${escaped(host === '' ? 'no host' : host)}</span>`,
    content:
      '<p>Perhaps it has been taken away, perhaps it is not up yet, or its name is spelled differently. ' +
      'The API knows which stagings there are: <code>GET /v1/stagings</code>.</p>',
    footer: 'Answered by the simulated cluster.',
  });
