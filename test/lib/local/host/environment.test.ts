import { describe, expect, it } from 'vitest';
import { localEnvironment } from '../../../../lib/local/environment.ts';

const surroundings = {
  tableUrl: 'http://127.0.0.1:1',
  servicesUrl: 'http://127.0.0.1:2',
  port: 4700,
  baseDomain: 'staging.localhost',
  binaries: { helmPath: '/cache/helm', kubectlPath: '/cache/kubectl' },
};

describe('localEnvironment', () => {
  it('points the SDK at this machine, with credentials of its own', () => {
    expect(localEnvironment({}, surroundings)).toMatchObject({
      AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1',
      AWS_ENDPOINT_URL_SFN: 'http://127.0.0.1:2',
      AWS_ENDPOINT_URL_EVENTBRIDGE: 'http://127.0.0.1:2',
      AWS_ENDPOINT_URL_EKS: 'http://127.0.0.1:2',
      AWS_ACCESS_KEY_ID: 'local',
      PUBLIC_BASE_URL: 'http://staging.localhost:4700',
    });
  });

  it('maps files of the layer to where they lie here, and leaves other settings alone', () => {
    const template = { HELM_PATH: '/opt/helm/helm', KUBECTL_PATH: '/opt/kubectl/kubectl', TABLE_NAME: 't' };
    const environment = localEnvironment(template, surroundings);
    expect(environment).toMatchObject({ HELM_PATH: '/cache/helm', KUBECTL_PATH: '/cache/kubectl' });
    expect(environment).not.toHaveProperty('TABLE_NAME');
  });

  it('refuses a file of a layer that it does not know', () => {
    expect(() => localEnvironment({ TOOL: '/opt/bin/argo' }, surroundings)).toThrow('/opt/bin/argo');
  });
});
