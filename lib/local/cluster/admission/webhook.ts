import * as z from 'zod';
import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import { Selector } from '../controllers/view.ts';
import { Rule } from './rules.ts';

/**
 * What is known here of a webhook. Whatever else one holds is refused, and so is what could not be kept: the cluster's own
 * controllers don't wait for webhooks, so none may ask to see the pods that they make.
 */
const Webhook = z.strictObject({
  name: z.string(),
  clientConfig: z.strictObject({ url: z.url({ protocol: /^https$/ }), caBundle: z.base64() }),
  rules: z.array(
    Rule.extend({
      operations: z.array(z.enum(['CREATE', 'UPDATE'])),
      resources: z.array(
        z.string().refine((name) => !/^\*|^pods$|^replicasets$/.test(name), { error: 'made by controllers' }),
      ),
    }),
  ),
  failurePolicy: z.enum(['Fail', 'Ignore']).default('Fail'),
  matchPolicy: z.string().default('Equivalent'),
  namespaceSelector: Selector.optional(),
  objectSelector: Selector.optional(),
  sideEffects: z.enum(['None', 'NoneOnDryRun']),
  timeoutSeconds: z.number().default(10),
  admissionReviewVersions: z.array(z.string()).refine((versions) => versions.includes('v1'), { error: 'v1 is spoken' }),
  reinvocationPolicy: z.literal('Never').default('Never'),
});
export type Webhook = z.infer<typeof Webhook>;

const Configuration = z.object({ webhooks: z.array(Webhook).default([]) });

const read = new WeakMap<KubernetesObject, readonly Webhook[]>();

/** The webhooks that a MutatingWebhookConfiguration puts in force. @throws ZodError for more than is simulated */
export function webhooksOf(configuration: KubernetesObject): readonly Webhook[] {
  const webhooks = read.get(configuration) ?? Configuration.parse(configuration).webhooks;
  read.set(configuration, webhooks);
  return webhooks;
}
