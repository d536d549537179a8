import { type Random } from '../identifiers.ts';
import { type JsonRecord, listAt, withoutKey } from '../json.ts';
import { changeEach, fill } from './fill.ts';

const randomBelow = (random: Random, limit: number): number => Math.floor(random() * limit);

const address = (random: Random): string => `10.96.${randomBelow(random, 256)}.${1 + randomBelow(random, 254)}`;

const isOpen = (type: unknown): boolean => type === 'NodePort' || type === 'LoadBalancer';

const ofOpenTypes = ['externalTrafficPolicy', 'allocateLoadBalancerNodePorts'];
const ofAddresses = ['clusterIP', 'clusterIPs', 'internalTrafficPolicy', 'ipFamilies', 'ipFamilyPolicy'];

/** What a Service had for its former type only goes with that type. */
function withoutFormerType(spec: JsonRecord, old: JsonRecord): JsonRecord {
  const hasClosed = isOpen(old['type']) && !isOpen(spec['type']);
  const hasLeft = old['type'] !== 'ExternalName' && spec['type'] === 'ExternalName';
  const gone = [...(hasClosed ? ofOpenTypes : []), ...(hasLeft ? ofAddresses : [])];
  const left = gone.reduce((kept, key) => withoutKey(kept, key), spec);
  return hasClosed ? changeEach(left, 'ports', (port) => withoutKey(port, 'nodePort')) : left;
}

/** Addresses and node ports are given once and kept over updates that leave them out. */
export function serviceDefaults(spec: JsonRecord, old: JsonRecord | undefined, random: Random): JsonRecord {
  const whole = fill(spec, { type: 'ClusterIP', sessionAffinity: 'None' });
  const typed = old === undefined ? whole : withoutFormerType(whole, old);
  const hasNodePorts = isOpen(typed['type']);
  const oldPorts = listAt(old, 'ports');
  const ports = changeEach(typed, 'ports', (port) => {
    const before = oldPorts.find((one) => Object(one).port === port['port']);
    const nodePort = hasNodePorts ? (Object(before).nodePort ?? 30_000 + randomBelow(random, 2768)) : undefined;
    return fill(port, { protocol: 'TCP', targetPort: port['port'], nodePort });
  });
  if (typed['type'] === 'ExternalName') return ports;
  const clusterIP = spec['clusterIP'] ?? old?.['clusterIP'] ?? address(random);
  const external = hasNodePorts ? { externalTrafficPolicy: 'Cluster' } : {};
  const balancer = typed['type'] === 'LoadBalancer' ? { allocateLoadBalancerNodePorts: true } : {};
  return fill(ports, {
    clusterIP,
    clusterIPs: [clusterIP],
    internalTrafficPolicy: 'Cluster',
    ipFamilies: ['IPv4'],
    ipFamilyPolicy: 'SingleStack',
    ...external,
    ...balancer,
  });
}

export const claimDefaults = (spec: JsonRecord): JsonRecord => fill(spec, { volumeMode: 'Filesystem' });

export function networkPolicyDefaults(spec: JsonRecord): JsonRecord {
  const policyTypes = spec['egress'] === undefined ? ['Ingress'] : ['Ingress', 'Egress'];
  const withPorts = ['ingress', 'egress'].reduce(
    (changed, key) =>
      changeEach(changed, key, (rule) => changeEach(rule, 'ports', (port) => fill(port, { protocol: 'TCP' }))),
    spec,
  );
  return fill(withPorts, { policyTypes });
}
