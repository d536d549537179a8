import { App } from 'aws-cdk-lib';
import { buildFunctions } from '../lib/build/bundle.ts';
import { readConfig } from '../lib/cloud/config.ts';
import { defaultContext } from '../lib/cloud/default-context.ts';
import { ServiceStack } from '../lib/cloud/service-stack.ts';

const app = new App({ context: defaultContext });
const config = readConfig(app.node);
new ServiceStack(app, config.installation, { config, functions: await buildFunctions() });
app.synth();
