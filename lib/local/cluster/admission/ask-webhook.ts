import { randomUUID } from 'node:crypto';
import { Agent, request } from 'undici';
import * as z from 'zod';
import { ApiError } from '../api-error.ts';
import type { WebhookAnswer, WebhookAnswers } from '../write-context.ts';
import { WebhookUnanswered } from './mutating-webhooks.ts';
import type { Webhook } from './webhook.ts';

const Review = z.object({
  response: z.object({
    allowed: z.boolean(),
    status: z
      .object({ code: z.number().optional(), reason: z.string().optional(), message: z.string().optional() })
      .optional(),
    patch: z.base64().optional(),
  }),
});
const Patch = z.array(
  z.discriminatedUnion('op', [
    z.object({ op: z.enum(['add', 'replace', 'test']), path: z.string(), value: z.unknown() }),
    z.object({ op: z.literal('remove'), path: z.string() }),
    z.object({ op: z.enum(['move', 'copy']), path: z.string(), from: z.string() }),
  ]),
);

/** A write that meets this many changes of its object, or webhooks, isn't tried again. */
const mostAnswers = 50;

/**
 * Carries out a write that may have to ask webhooks: as often as one has not been asked yet, it is, and all begins again.
 * @throws ApiError
 */
export async function withWebhooks<Result>(write: (answers: WebhookAnswers) => Result): Promise<Result> {
  const answers: WebhookAnswers = new Map();
  for (;;) {
    try {
      return write(answers);
    } catch (error) {
      if (!(error instanceof WebhookUnanswered)) throw error;
      if (answers.size >= mostAnswers) throw failed('the object changes all the time');
      answers.set(error.key, await ask(error.webhook, error.request));
    }
  }
}

const failed = (why: string): ApiError => new ApiError(500, 'InternalError', `Internal error occurred: ${why}`);

async function ask(webhook: Webhook, asked: object): Promise<WebhookAnswer> {
  try {
    return answerOf(webhook.name, await post(webhook, asked));
  } catch (error) {
    if (webhook.failurePolicy === 'Ignore') return [];
    const { url } = webhook.clientConfig;
    const why = error instanceof Error ? error.message : String(error);
    const seconds = `${webhook.timeoutSeconds}s`;
    return failed(
      `failed calling webhook "${webhook.name}": failed to call webhook: Post "${url}?timeout=${seconds}": ${why}`,
    );
  }
}

async function post({ clientConfig, timeoutSeconds }: Webhook, asked: object): Promise<unknown> {
  const review = {
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: { uid: randomUUID(), ...asked },
  };
  const dispatcher = new Agent({ connect: { ca: Buffer.from(clientConfig.caBundle, 'base64').toString() } });
  try {
    const { statusCode, body } = await request(clientConfig.url, {
      dispatcher,
      method: 'POST',
      query: { timeout: `${timeoutSeconds}s` },
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(review),
      signal: AbortSignal.timeout(timeoutSeconds * 1000),
    });
    const text = await body.text();
    if (statusCode !== 200)
      throw new Error(`an error on the server (${JSON.stringify(text)}) has prevented the request from succeeding`);
    return JSON.parse(text);
  } finally {
    await dispatcher.destroy();
  }
}

/** @throws ZodError, SyntaxError for what is no answer */
function answerOf(name: string, answer: unknown): WebhookAnswer {
  const { allowed, status, patch } = Review.parse(answer).response;
  if (allowed) return patch === undefined ? [] : Patch.parse(JSON.parse(Buffer.from(patch, 'base64').toString()));
  const { code = 400, reason = '', message } = status ?? {};
  const why = message ? `: ${message}` : ' without explanation';
  return new ApiError(Math.max(code, 400), reason, `admission webhook "${name}" denied the request${why}`);
}
