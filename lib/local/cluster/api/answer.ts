import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import type { ApiError, Status } from '../api-error.ts';
import type { JsonRecord } from '../json.ts';
import type { Stored } from '../object-table.ts';
import type { ApiRequest, ApiResponse } from './request.ts';

const json = { 'content-type': 'application/json' };

export const answer = (body: object, status = 200, headers: Record<string, string> = {}): ApiResponse => ({
  status,
  headers: { ...json, ...headers },
  body: JSON.stringify(body),
});

export const errorAnswer = (error: ApiError): ApiResponse => {
  const retryAfter = error.status.details?.retryAfterSeconds;
  return answer(error.status, error.code, retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) });
};

export const success = (details: Status['details']): Status => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Success',
  ...(details === undefined ? {} : { details }),
});

/** The object as callers get it: with its managed fields, which are kept beside it. */
export function presented({ object, managers }: Pick<Stored, 'object' | 'managers'>): KubernetesObject {
  if (managers.length === 0) return object;
  const managedFields = managers.map(
    ({ fields, ...entry }): JsonRecord => ({
      ...entry,
      fieldsType: 'FieldsV1',
      fieldsV1: JSON.parse(fields),
    }),
  );
  return { ...object, metadata: { ...object.metadata, managedFields } };
}

export type Present = (stored: Pick<Stored, 'object' | 'managers'>) => object;

/** Nothing of the object but its metadata, under a kind that says so. */
export const presentedMetadata: Present = (stored) => ({
  kind: 'PartialObjectMetadata',
  apiVersion: metadataVersion,
  metadata: presented(stored).metadata,
});

export const metadataVersion = 'meta.k8s.io/v1';

/** Whether the caller asks for nothing of objects but their metadata. */
export const wantsMetadata = ({ headers }: ApiRequest): boolean =>
  /;as=PartialObjectMetadata(List)?(;|$)/.test(headers['accept']?.split(',')[0] ?? '');

/** Objects as this caller wants them. */
export const presentFor = (request: ApiRequest): Present => (wantsMetadata(request) ? presentedMetadata : presented);
