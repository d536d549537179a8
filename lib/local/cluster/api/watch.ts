import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import type { Clock } from '../../clock.ts';
import { ApiError, badRequest } from '../api-error.ts';
import type { Change, ObjectTable } from '../object-table.ts';
import { apiVersionOf } from '../resources.ts';
import type { Present } from './answer.ts';
import { selected, selectionOf } from './list.ts';
import type { ApiResponse, ResourceRequest, StreamSink } from './request.ts';

/** A watch nobody limits ends after this time, as real ones do after half an hour to an hour. */
const longestWatch = 30 * 60;
const bookmarkEvery = 60_000;
/** The last bookmark comes so long before a watch ends by itself, so that whoever goes on from it has missed little. */
const lastBookmark = 2_000;

/** What a watcher hears of a change: something that no longer matches has gone, as far as it can see. */
function eventType(change: Change, matches: (object: KubernetesObject) => boolean): Change['type'] | undefined {
  const isMatch = matches(change.object);
  if (change.type === 'ADDED') return isMatch ? 'ADDED' : undefined;
  const wasMatch = change.before !== undefined && matches(change.before);
  if (change.type === 'DELETED') return wasMatch ? 'DELETED' : undefined;
  if (isMatch) return wasMatch ? 'MODIFIED' : 'ADDED';
  return wasMatch ? 'DELETED' : undefined;
}

function startOf(
  query: URLSearchParams,
  table: ObjectTable,
): { since: number; isReplayed: boolean; isMarked: boolean } {
  const version = query.get('resourceVersion') ?? '';
  if (version !== '' && !/^\d+$/.test(version)) throw badRequest(`resourceVersion: Invalid value: "${version}"`);
  const isMarked = query.get('sendInitialEvents') === 'true';
  const isReplayed = version === '' || version === '0' || isMarked;
  return { since: isReplayed ? table.revision : Number(version), isReplayed, isMarked };
}

function timeoutOf(query: URLSearchParams): number {
  const seconds = Number(query.get('timeoutSeconds') ?? 0);
  return 1000 * (seconds > 0 ? Math.min(seconds, longestWatch) : longestWatch);
}

const bookmark = (request: ResourceRequest, revision: number, isInitialEnd: boolean): object => ({
  type: 'BOOKMARK',
  object: {
    kind: request.resource.kind,
    apiVersion: apiVersionOf(request.resource),
    metadata: {
      resourceVersion: String(revision),
      creationTimestamp: null,
      ...(isInitialEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
    },
  },
});

function changesOrError(table: ObjectTable, request: ResourceRequest, since: number): readonly Change[] | ApiError {
  try {
    return table.changesSince(request.resource, since);
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
}

/** A stream of changes. Where the history doesn't reach back that far, it is one ERROR event. @throws ApiError 400 */
export function watch(table: ObjectTable, clock: Clock, request: ResourceRequest, present: Present): ApiResponse {
  const matches = selectionOf(request);
  const { since, isReplayed, isMarked } = startOf(request.query, table);
  const missed = isReplayed ? [] : changesOrError(table, request, since);
  if (missed instanceof ApiError) {
    const event = `${JSON.stringify({ type: 'ERROR', object: missed.status })}\n`;
    return { status: 200, headers: { 'content-type': 'application/json' }, body: event };
  }
  const initial = isReplayed ? selected(table, request) : [];
  const withBookmarks = request.query.get('allowWatchBookmarks') === 'true' || isMarked;

  const open = (sink: StreamSink): (() => void) => {
    const send = (event: object): void => sink.write(`${JSON.stringify(event)}\n`);
    const tell = (change: Change): void => {
      if (change.resource !== request.resource) return;
      const type = eventType(change, matches);
      if (type !== undefined) send({ type, object: present(change) });
    };
    for (const stored of initial) send({ type: 'ADDED', object: present(stored) });
    if (isMarked) send(bookmark(request, since, true));
    for (const change of missed) tell(change);
    // What happened between the request and now was neither in the list nor is it told again.
    for (const change of table.changesSince(request.resource, opened)) tell(change);
    const ended = table.subscribe(tell);
    const ends = clock.now() + timeoutOf(request.query);
    let stopMark = (): void => {};
    const markLater = (): void => {
      const untilLast = ends - lastBookmark - clock.now();
      if (untilLast <= 0) return;
      stopMark = clock.after(Math.min(bookmarkEvery, untilLast), () => {
        send(bookmark(request, table.revision, false));
        markLater();
      });
    };
    if (withBookmarks) markLater();
    const stop = (): void => {
      ended();
      stopMark();
      stopTimer();
    };
    const stopTimer = clock.after(ends - clock.now(), () => {
      stop();
      sink.end();
    });
    return stop;
  };
  const opened = table.revision;
  return { status: 200, headers: { 'content-type': 'application/json' }, body: open };
}
