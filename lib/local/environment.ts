import type { Binaries } from './binaries.ts';
import { local } from './template/physical.ts';

/** Where things are on this machine. */
export interface Surroundings {
  /** endpoint of the table */
  tableUrl: string;
  /** endpoint of every other service */
  servicesUrl: string;
  /** port of the gateway and the stagings' pages */
  port: number;
  baseDomain: string;
  binaries: Binaries;
}

/** A layer's files lie under /opt in Lambda. */
const layerFile = /^\/opt\//;

/**
 * The settings of a function that have to differ here: addresses, and paths into the layer. The rest stays as the template
 * has it. The SDK gets credentials that mean nothing, and none of this machine's own.
 */
export function localEnvironment(
  template: Readonly<Record<string, string>>,
  { tableUrl, servicesUrl, port, baseDomain, binaries }: Surroundings,
): Record<string, string> {
  const fromLayer = Object.entries(template)
    .filter(([, value]) => layerFile.test(value))
    .map(([name, value]) => [name, unpacked(value, binaries)] as const);
  const serviceName = template['POWERTOOLS_SERVICE_NAME'];
  return {
    ...Object.fromEntries(fromLayer),
    PUBLIC_BASE_URL: `http://${baseDomain}:${port}`,
    PROBE_BASE_URL: `http://127.0.0.1:${port}`,
    AWS_REGION: local.region,
    AWS_DEFAULT_REGION: local.region,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
    // All functions share these credentials: who calls is told by the user agent.
    ...(serviceName === undefined ? {} : { AWS_SDK_UA_APP_ID: serviceName }),
    AWS_ENDPOINT_URL_DYNAMODB: tableUrl,
    AWS_ENDPOINT_URL_SFN: servicesUrl,
    AWS_ENDPOINT_URL_EVENTBRIDGE: servicesUrl,
    AWS_ENDPOINT_URL_EKS: servicesUrl,
    PATH: process.env.PATH ?? '',
    HOME: process.env.HOME ?? '/tmp',
  };
}

/** The layer's file as it lies on this machine, by its name. */
function unpacked(path: string, { helmPath, kubectlPath }: Binaries): string {
  const name = path.split('/').at(-1);
  if (name === 'helm') return helmPath;
  if (name === 'kubectl') return kubectlPath;
  throw new Error(`${path} is in no layer that this host knows`);
}
