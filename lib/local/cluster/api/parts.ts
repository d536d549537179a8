import type { Clock } from '../../clock.ts';
import type { ObjectStore } from '../object-store.ts';
import type { ServedResources } from '../resources.ts';
import type { StructSchema } from '../schema/schema.ts';
import type { ResourceType } from '../storage.ts';
import type { User, WebhookAnswers } from '../write-context.ts';
import type { Pages } from './list.ts';

/** How the last lines of a container are asked for. */
export interface LogQuery {
  previous: boolean;
  tailLines?: number;
}

/** What the verbs of the API work with. */
export interface ApiParts {
  clock: Clock;
  store: ObjectStore;
  pages: Pages;
  resources: ServedResources;
  schemaOf(resource: ResourceType): StructSchema;
  /** undefined while the container has no log */
  logsOf(namespace: string, pod: string, container: string, query: LogQuery): string | undefined;
  /** who a bearer token stands for; undefined is nobody */
  userOf(token: string): User | undefined;
  /** of one request */
  webhookAnswers: WebhookAnswers;
}
