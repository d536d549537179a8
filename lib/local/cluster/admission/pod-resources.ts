import { quantity } from '../controllers/quantity.ts';
import { isRecord, type JsonRecord, listAt, recordAt, stringAt } from '../json.ts';

export type Amounts = Record<string, number>;

/** Containers of a pod that run for as long as it does, and those that run before. */
export const containersOf = (spec: unknown): JsonRecord[] => listAt(spec, 'containers').filter(isRecord);
export const initContainersOf = (spec: unknown): JsonRecord[] => listAt(spec, 'initContainers').filter(isRecord);

const amountsOf = (container: JsonRecord, part: 'requests' | 'limits'): Amounts =>
  Object.fromEntries(
    Object.entries(recordAt(container, 'resources', part)).map(([name, value]) => [name, quantity(value)]),
  );

export function addAmounts(one: Amounts, other: Amounts): Amounts {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Object.fromEntries([...names].map((name) => [name, (one[name] ?? 0) + (other[name] ?? 0)]));
}

function largest(one: Amounts, other: Amounts): Amounts {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Object.fromEntries([...names].map((name) => [name, Math.max(one[name] ?? 0, other[name] ?? 0)]));
}

/** What a pod takes: the sum of what runs together (sidecars too), or what one of its init containers needs, if that is more. */
export function podAmounts(spec: unknown, part: 'requests' | 'limits'): Amounts {
  let together = containersOf(spec).reduce<Amounts>((sum, one) => addAmounts(sum, amountsOf(one, part)), {});
  let sidecars: Amounts = {};
  let before: Amounts = {};
  for (const container of initContainersOf(spec)) {
    const amounts = amountsOf(container, part);
    const needed = addAmounts(sidecars, amounts);
    before = largest(before, needed);
    if (stringAt(container, 'restartPolicy') === 'Always') sidecars = needed;
  }
  together = addAmounts(together, sidecars);
  return largest(together, before);
}

const binary: [string, number][] = [
  ['Ti', 2 ** 40],
  ['Gi', 2 ** 30],
  ['Mi', 2 ** 20],
  ['Ki', 2 ** 10],
];

/** An amount as a person would write it: `500m` of a processor, `1Gi` of memory, or a plain count. */
export function amountText(resource: string, amount: number): string {
  const rounded = Math.round(amount * 1000) / 1000;
  if (resource.endsWith('cpu')) return Number.isInteger(rounded) ? String(rounded) : `${Math.round(rounded * 1000)}m`;
  if (!/(memory|storage)$/.test(resource) || rounded === 0) return String(rounded);
  const [suffix = '', factor = 1] = binary.find(([, size]) => Number.isInteger(rounded / size)) ?? [];
  return `${rounded / factor}${suffix}`;
}
