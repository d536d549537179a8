import jsonPatch from 'fast-json-patch';
import * as z from 'zod';
import { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import { ApiError, invalid } from '../api-error.ts';
import { selects } from '../controllers/selector.ts';
import type { Selector } from '../controllers/view.ts';
import type { ObjectTable } from '../object-table.ts';
import { apiVersionOf, type ServedResources } from '../resources.ts';
import type { Admission, AdmissionRequest, WebhookAnswer } from '../write-context.ts';
import { concerns, requestValue } from './rules.ts';
import { type Webhook, webhooksOf } from './webhook.ts';

const group = 'admissionregistration.k8s.io';
const kind = 'MutatingWebhookConfiguration';

/** A write can't go on before a webhook has been asked. Whoever can wait asks it, and begins the write again. */
export class WebhookUnanswered extends Error {
  readonly key: string;
  readonly webhook: Webhook;
  readonly request: object;
  constructor(key: string, webhook: Webhook, request: object) {
    super(`webhook "${webhook.name}" has not been asked`);
    this.key = key;
    this.webhook = webhook;
    this.request = request;
  }
}

type Request = AdmissionRequest & { object: KubernetesObject };

/** As one version of an object is written by one request, nothing that a webhook is asked differs from one try to the next. */
const keyOf = (configuration: KubernetesObject, { name }: Webhook, { operation, oldObject }: Request): string =>
  `${configuration.metadata.name} ${name} ${operation} ${oldObject?.metadata.resourceVersion ?? ''}`;

const picks = (selector: Selector | undefined, object: KubernetesObject | undefined): boolean =>
  selector === undefined || object === undefined || selects(selector, object.metadata.labels ?? {});

function patched(object: KubernetesObject, { name }: Webhook, answer: WebhookAnswer): KubernetesObject {
  if (answer instanceof ApiError) throw answer;
  try {
    return KubernetesObject.parse(jsonPatch.applyPatch(object, [...answer], true, false).newDocument);
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : '';
    throw new ApiError(500, 'InternalError', `Internal error occurred: the patch of webhook "${name}" fails: ${why}`);
  }
}

function check({ resource, object, name }: AdmissionRequest): void {
  if (object === undefined || resource.kind !== kind) return;
  try {
    webhooksOf(object);
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    const message = `Unsupported value: the simulated cluster does not know all of this: ${z.prettifyError(error)}`;
    throw invalid(resource, name, [{ reason: 'FieldValueNotSupported', message, field: 'webhooks' }]);
  }
}

/**
 * Webhooks that change what is written over the API, each asked once per write, in order of their configurations' names.
 * @param defaults what a webhook leaves out is filled in after it
 * @throws WebhookUnanswered, ApiError
 */
export function mutatingWebhooks(table: ObjectTable, resources: ServedResources, defaults: Admission): Admission {
  const configurations = resources.builtIn(`${group}/v1`, kind);
  const namespaces = resources.builtIn('v1', 'Namespace');
  const isAsked = (webhook: Webhook, request: Request): boolean =>
    webhook.rules.some((rule) => concerns(rule, request)) &&
    picks(webhook.objectSelector, request.object) &&
    picks(
      webhook.namespaceSelector,
      request.resource === namespaces
        ? request.object
        : table.get(namespaces, undefined, request.namespace ?? '')?.object,
    );
  return {
    mutate(request) {
      const answers = request.context.webhookAnswers;
      if (answers === undefined || apiVersionOf(request.resource) === `${group}/v1`) return request.object;
      let { object } = request;
      const stored = table.list(configurations).map((one) => one.object);
      for (const configuration of stored.toSorted((a, b) =>
        (a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1,
      )) {
        for (const webhook of webhooksOf(configuration)) {
          const asked = { ...request, object };
          if (!isAsked(webhook, asked)) continue;
          const key = keyOf(configuration, webhook, asked);
          const answer = answers.get(key);
          if (answer === undefined) throw new WebhookUnanswered(key, webhook, reviewed(asked));
          const changed = patched(object, webhook, answer);
          object = defaults.mutate?.({ ...request, object: changed }) ?? changed;
        }
      }
      return object;
    },
    validate: check,
  };
}

const reviewed = (request: Request): object => ({
  ...requestValue(request),
  object: request.object,
  oldObject: request.oldObject ?? null,
});
