import { isTraced } from './settings.ts';

/** What a trace can be searched by, such as `annotation.staging = "checkout-42"`. */
export type Annotations = Readonly<Record<string, string | number>>;

/**
 * Loading the X-Ray SDK takes 60 ms: it waits for a container's first step, and is never loaded where nobody traces. Calls are
 * not captured: a deploy of 200 objects would have 200 subsegments, and each watch one as long as the deploy.
 */
async function loadTracer() {
  const { Tracer } = await import('@aws-lambda-powertools/tracer');
  return new Tracer({ captureHTTPsRequests: false });
}

let loading: ReturnType<typeof loadTracer> | undefined;

/** Runs a step as a subsegment of the invocation's trace, which says what it threw. */
export async function traceStep<Answer>(step: string, about: Annotations, run: () => Promise<Answer>): Promise<Answer> {
  if (!isTraced()) return run();
  loading ??= loadTracer();
  const subsegment = (await loading).getSegment()?.addNewSubsegment(step);
  for (const [key, value] of Object.entries(about)) subsegment?.addAnnotation(key, value);
  try {
    return await run();
  } catch (error) {
    subsegment?.addError(error instanceof Error ? error : String(error));
    throw error;
  } finally {
    subsegment?.close();
  }
}
