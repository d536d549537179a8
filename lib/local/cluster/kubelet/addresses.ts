import type { Control } from '../controllers/control.ts';
import { nodeAddress } from '../controllers/furnish-cluster.ts';
import { asPod, type Pod } from '../controllers/pod-view.ts';

export interface Addresses {
  next(): string;
  ofNode(pod: Pod): string;
}

/** Pod addresses out of 10.244.0.0/14, each given once. */
export function createAddresses({ storage, kinds }: Control): Addresses {
  const numberOf = (ip: string): number => ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const first = numberOf('10.244.0.0');
  const given = storage.list(kinds.pod).map((pod) => numberOf(asPod(pod).status.podIP ?? '10.244.0.0'));
  let last = Math.max(first, ...given);
  return {
    next() {
      last += 1;
      return [24, 16, 8, 0].map((shift) => (last >>> shift) & 255).join('.');
    },
    ofNode: ({ spec }) => nodeAddress(spec.nodeName === 'node-2' ? 1 : 0),
  };
}
