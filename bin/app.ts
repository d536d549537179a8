import { App } from 'aws-cdk-lib';
import settings from '../cdk.json' with { type: 'json' };
import { buildFunctions } from '../lib/build/bundle.ts';
import { readConfig } from '../lib/cloud/config.ts';
import { ServiceStack } from '../lib/cloud/service-stack.ts';

// The CDK command passes cdk.json's context on; without it (`node bin/app.ts`) the same defaults hold.
const app = new App({ context: settings.context });
const config = readConfig(app.node);
new ServiceStack(app, config.installation, { config, functions: await buildFunctions() });
app.synth();
