import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type * as z from 'zod';
import { Blueprint } from '../../lambdas/domain/blueprint.ts';
import type { RenderRequest } from '../../lambdas/render/render.ts';

/** A folder that holds these files until the test has ended. */
export async function folderWith(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'berth-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

export const blueprintWith = (fields: Partial<z.input<typeof Blueprint>>): Blueprint =>
  Blueprint.parse({ name: 'sample', description: 'A sample.', source: { manifests: './manifests' }, ...fields });

/** A request for staging "shop-42", with that blueprint and whatever else differs. */
export const renderRequest = (
  fields: Pick<RenderRequest, 'blueprint' | 'directory'> & Partial<RenderRequest>,
): RenderRequest => ({
  name: 'shop-42',
  namespace: 'stg-shop-42',
  host: 'shop-42.staging.example.com',
  values: {},
  overrides: {},
  isUpgrade: false,
  ...fields,
});

/** A chart with these templates and values. */
export const chart = (templates: Record<string, string>, values = '{}'): Record<string, string> => ({
  'chart/Chart.yaml': 'apiVersion: v2\nname: sample\nversion: 1.2.3\n',
  'chart/values.yaml': values,
  ...Object.fromEntries(Object.entries(templates).map(([name, text]) => [`chart/templates/${name}`, text])),
});
