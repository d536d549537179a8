import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { afterAll } from 'vitest';
import { type ConfigInput, parseConfig } from '../../../lib/cloud/config.ts';
import { defaultContext } from '../../../lib/cloud/default-context.ts';
import { ServiceStack } from '../../../lib/cloud/service-stack.ts';

const made: string[] = [];
afterAll(() => made.forEach((path) => rmSync(path, { recursive: true, force: true })));

function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'berth-cdk-'));
  made.push(path);
  return path;
}

/** Folders that look like bundles: the template doesn't depend on what is in them. */
function emptyBundles() {
  const root = temporaryFolder();
  const folder = (name: string) => {
    const directory = join(root, name);
    mkdirSync(directory);
    writeFileSync(join(directory, 'index.js'), `exports.handler = async () => '${name}';`);
    return { directory };
  };
  return { api: folder('api'), cluster: folder('cluster'), records: folder('records'), sweep: folder('sweep') };
}

/** An app with one installation, not synthesized yet. */
export function makeApp(config: Partial<ConfigInput> = {}): { app: App; stack: ServiceStack } {
  const app = new App({
    context: { ...defaultContext, 'aws:cdk:disable-asset-staging': true },
    outdir: temporaryFolder(),
  });
  const parsed = parseConfig({ clusters: ['staging'], baseDomain: 'staging.example.com', ...config });
  return { app, stack: new ServiceStack(app, 'berth', { config: parsed, functions: emptyBundles() }) };
}
