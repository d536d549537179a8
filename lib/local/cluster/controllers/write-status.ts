import { isDeepStrictEqual } from 'node:util';
import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import { type JsonRecord, recordAt } from '../json.ts';
import type { Control } from './control.ts';

/** The record without what is undefined. */
const defined = (record: JsonRecord): JsonRecord =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));

/** A count as the API shows it where the field is left out at zero. */
export const nonZero = (value: number): number | undefined => (value === 0 ? undefined : value);

/** Writes an object's status if it differs from what is stored. @returns whether it did */
export function writeStatus({ storage }: Control, object: KubernetesObject, status: JsonRecord): boolean {
  const next = defined(status);
  if (isDeepStrictEqual(recordAt(object, 'status'), next)) return false;
  storage.updateStatus({ ...object, status: next });
  return true;
}
