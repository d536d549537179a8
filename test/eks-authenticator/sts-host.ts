import { badForm } from './refusal.ts';

/** Domains of STS by partition: the plain one, and the one that answers over IPv6 too. */
const domains = {
  aws: ['amazonaws.com', 'api.aws'],
  'aws-cn': ['amazonaws.com.cn', 'api.amazonwebservices.com.cn'],
  'aws-us-gov': ['amazonaws.com', 'api.aws'],
} as const;

export type Partition = keyof typeof domains;

const partitionOf = (region: string): Partition => {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
};

/** The only region that requests to the global endpoint may be signed for. */
const globalRegion = 'us-east-1';

/**
 * The region whose STS the host is.
 * @throws TokenRefused where it is no host of STS in this partition
 */
export function regionOfHost(host: string, partition: Partition): string {
  if (host === 'sts.amazonaws.com' && partition === 'aws') return globalRegion;
  const [, region = '', domain = ''] = /^sts(?:-fips)?\.([a-z]{2}(?:-[a-z]+)+-\d)\.(.+)$/.exec(host) ?? [];
  const isKnown = domains[partition].some((each) => each === domain);
  if (region === '' || partitionOf(region) !== partition || !isKnown) {
    throw badForm(`${JSON.stringify(host)} is no host of STS in partition ${partition}`);
  }
  return region;
}
