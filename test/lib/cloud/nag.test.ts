import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { expect, it } from 'vitest';
import { makeApp } from './synthesize.ts';

function check(app: App): void {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  app.synth();
}

it.each([
  ['public', {}],
  [
    'private',
    { subnetIds: ['subnet-0a1b2c3d4e5f60718', 'subnet-1a1b2c3d4e5f60718'], securityGroupIds: ['sg-0a1b2c3d4e5f60718'] },
  ],
])('passes AwsSolutions, with a %s cluster endpoint', (_, config) => {
  const { app } = makeApp(config);
  expect(() => check(app)).not.toThrow();
});

it('passes AwsSolutions in a stack that knows its account and region, as those of other apps often do', () => {
  const { app } = makeApp({}, { env: { account: '123456789012', region: 'eu-central-1' } });
  expect(() => check(app)).not.toThrow();
});

it('fails where a right is wider than it says', () => {
  const { app, stack } = makeApp();
  stack.berth.table.grantFullAccess(stack.berth.functions.api);
  expect(() => check(app)).toThrow('AwsSolutions-IAM5[Action::dynamodb:*]');
});
