import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, type StackProps } from 'aws-cdk-lib';
import { type ConfigInput, parseConfig } from '../../../lib/cloud/config.ts';
import { defaultContext } from '../../../lib/cloud/default-context.ts';
import { ServiceStack } from '../../../lib/cloud/service-stack.ts';

/** Folders that look like bundles: the template doesn't depend on what is in them. */
function emptyBundles(root: string) {
  const folder = (name: string) => {
    const directory = join(root, name);
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'index.js'), `exports.handler = async () => '${name}';`);
    return { directory };
  };
  return { api: folder('api'), cluster: folder('cluster'), records: folder('records'), sweep: folder('sweep') };
}

/** An app with one installation, not synthesized yet, which writes into a folder. Its stack is called `berth`. */
export function appIn(
  folder: string,
  config: Partial<ConfigInput> = {},
  props: StackProps = {},
): { app: App; stack: ServiceStack } {
  const app = new App({
    context: { ...defaultContext, 'aws:cdk:disable-asset-staging': true },
    outdir: join(folder, 'assembly'),
  });
  const parsed = parseConfig({ clusters: ['staging'], baseDomain: 'staging.example.com', ...config });
  const functions = emptyBundles(join(folder, 'bundles'));
  return { app, stack: new ServiceStack(app, 'berth', { config: parsed, functions, ...props }) };
}
