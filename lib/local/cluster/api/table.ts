import type { Stored } from '../object-table.ts';
import type { ResourceType } from '../storage.ts';
import { presented, presentedMetadata } from './answer.ts';
import type { ApiRequest } from './request.ts';
import { type Column, columnsByKind } from './table-columns.ts';

/** Whether the caller would rather have a table for people than the objects. */
export const wantsTable = ({ headers }: ApiRequest): boolean =>
  /as=Table;v=v1;g=meta\.k8s\.io/.test(headers['accept']?.split(',')[0] ?? '');

const name: Column = { name: 'Name', type: 'string', value: ({ metadata }) => metadata.name };

function age(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours}h` : `${Math.floor(hours / 24)}d`;
}

const ageColumn = (now: number): Column => ({
  name: 'Age',
  type: 'string',
  value: ({ metadata }) => age(now - Date.parse(metadata.creationTimestamp ?? '')),
});

const rowObject = (stored: Pick<Stored, 'object' | 'managers'>, include: string): object | undefined => {
  if (include === 'None') return undefined;
  if (include === 'Object') return presented(stored);
  return presentedMetadata(stored);
};

/** Objects as the table `kubectl get` prints. */
export function tableOf(
  resource: ResourceType,
  items: readonly Pick<Stored, 'object' | 'managers'>[],
  metadata: object,
  options: { now: number; include: string },
): object {
  const columns = [name, ...(columnsByKind[resource.kind] ?? []), ageColumn(options.now)];
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: columns.map((column) => ({
      name: column.name,
      type: column.type,
      format: column === name ? 'name' : '',
      description: '',
      priority: 0,
    })),
    rows: items.map((stored) => ({
      cells: columns.map((column) => column.value(stored.object)),
      object: rowObject(stored, options.include),
    })),
  };
}
