import type { Json } from '../json.ts';

interface Call {
  /** of the execution that calls */
  executionArn: string;
  region: string;
}

/** One kind of task, such as `arn:aws:states:::lambda:invoke`. */
export interface Resource {
  /** the fields its Arguments may have; another one is refused when a machine is registered */
  fields: readonly string[];
  /** @throws StateError as Retry and Catch are to see it */
  call(given: Json, call: Call): Promise<unknown>;
}

/** by the Resource's ARN in the definition */
export type Resources = Readonly<Record<string, Resource>>;
