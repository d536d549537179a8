import type { Stored } from '../object-table.ts';
import type { ResourceType } from '../storage.ts';
import { presented, presentedMetadata } from './answer.ts';
import type { ApiRequest } from './request.ts';
import { age } from './table-cells.ts';
import { type Column, columnsByKind } from './table-columns.ts';

/** Whether the caller would rather have a table for people than the objects. */
export const wantsTable = ({ headers }: ApiRequest): boolean =>
  /as=Table;v=v1;g=meta\.k8s\.io/.test(headers['accept']?.split(',')[0] ?? '');

const name: Column = { name: 'Name', type: 'string', value: ({ metadata }) => metadata.name };

const ageColumn = (now: number): Column => ({
  name: 'Age',
  type: 'string',
  value: ({ metadata, lastTimestamp }) =>
    age(now - Date.parse(typeof lastTimestamp === 'string' ? lastTimestamp : (metadata.creationTimestamp ?? ''))),
});

const rowObject = (stored: Pick<Stored, 'object' | 'managers'>, include: string): object | undefined => {
  if (include === 'None') return undefined;
  if (include === 'Object') return presented(stored);
  return presentedMetadata(stored);
};

/** Of an event people want to know when it was, and hardly its name. */
function columnsOf({ kind }: ResourceType, now: number): readonly Column[] {
  const own = columnsByKind[kind] ?? [];
  if (kind === 'Event') return [{ ...ageColumn(now), name: 'Last Seen' }, ...own, { ...name, priority: 1 }];
  const near = own.filter(({ priority }) => priority === undefined);
  const far = own.filter(({ priority }) => priority !== undefined);
  return [name, ...near, ageColumn(now), ...far];
}

/** Objects as the table `kubectl get` prints. */
export function tableOf(
  resource: ResourceType,
  items: readonly Pick<Stored, 'object' | 'managers'>[],
  metadata: object,
  options: { now: number; include: string },
): object {
  const columns = columnsOf(resource, options.now);
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: columns.map((column) => ({
      name: column.name,
      type: column.type,
      format: column.name === 'Name' ? 'name' : '',
      description: '',
      priority: column.priority ?? 0,
    })),
    rows: items.map((stored) => ({
      cells: columns.map((column) => column.value(stored.object)),
      object: rowObject(stored, options.include),
    })),
  };
}
