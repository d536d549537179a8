import type { Operation } from 'fast-json-patch';
import type { KubernetesObject } from '../../../lambdas/domain/kubernetes-object.ts';
import type { ApiError } from './api-error.ts';
import type { ManagerEntry, Stored } from './object-table.ts';
import type { ResourceType } from './storage.ts';

export interface User {
  name: string;
  groups: readonly string[];
}

/** How a webhook changes what is written, or why it refuses it. */
export type WebhookAnswer = readonly Operation[] | ApiError;
/** What webhooks have answered to one write so far, by what they were asked. */
export type WebhookAnswers = Map<string, WebhookAnswer>;

/** Who writes, and how. */
export interface WriteContext {
  user: User;
  subresource?: 'status' | 'finalize';
  /** everything but the write itself */
  isDryRun?: boolean;
  /** Absent where nobody waits for webhooks, as the cluster's own controllers don't: then they are passed by. */
  webhookAnswers?: WebhookAnswers;
  /** Field ownership after the write; it stays as it is where this is absent. */
  managersOf?: (old: Stored | undefined, next: KubernetesObject) => readonly ManagerEntry[];
}

export interface AdmissionRequest {
  operation: 'CREATE' | 'UPDATE' | 'DELETE';
  resource: ResourceType;
  namespace: string | undefined;
  name: string;
  /** absent for DELETE */
  object?: KubernetesObject;
  /** absent for CREATE */
  oldObject?: KubernetesObject;
  /** of a DELETE */
  options?: DeleteOptions;
  context: WriteContext;
}

/** A gate in front of the store: may change what is written, or refuse it by throwing ApiError. */
export interface Admission {
  mutate?(request: AdmissionRequest & { object: KubernetesObject }): KubernetesObject;
  validate?(request: AdmissionRequest): void;
}

export interface DeleteOptions {
  preconditions?: { uid?: string; resourceVersion?: string };
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  /** time a running pod has to end; 0 is at once */
  gracePeriodSeconds?: number;
}

export const controllerUser: User = { name: 'system:kube-controller-manager', groups: ['system:authenticated'] };
