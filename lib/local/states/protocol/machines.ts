import * as z from 'zod';
import type { JsonObject } from '../json.ts';
import type { Machine } from '../machine.ts';
import { seconds } from './executions.ts';
import { pageOf } from './page.ts';

/** A machine under its ARN. */
export interface Registered {
  arn: string;
  name: string;
  roleArn: string;
  machine: Machine;
  /** milliseconds since 1970 */
  registeredAt: number;
}

export const DescribeMachineInput = z.object({ stateMachineArn: z.string().min(1).max(256) });
export const ListMachinesInput = z.object({
  maxResults: z.int().min(0).max(1000).optional(),
  nextToken: z.string().optional(),
});

export const describeMachine = ({ arn, name, roleArn, machine, registeredAt }: Registered): JsonObject => ({
  stateMachineArn: arn,
  name,
  status: 'ACTIVE',
  type: 'STANDARD',
  definition: machine.text,
  roleArn,
  creationDate: seconds(registeredAt),
});

export function listMachines(all: Iterable<Registered>, input: z.infer<typeof ListMachinesInput>): JsonObject {
  const sorted = [...all].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const { items, nextToken } = pageOf(sorted, ({ arn }) => arn, input);
  const stateMachines = items.map(({ arn, name, registeredAt }) => ({
    stateMachineArn: arn,
    name,
    type: 'STANDARD',
    creationDate: seconds(registeredAt),
  }));
  return { stateMachines, ...(nextToken === undefined ? {} : { nextToken }) };
}
