import * as z from 'zod';
import type { Clock } from '../clock.ts';
import { isJsonObject, type Json, type JsonObject, parseJson } from '../states/json.ts';
import type { BusEvent } from '../states/status-event.ts';

export interface PutEventsRequest {
  /** the X-Amz-Target header */
  target: string | undefined;
  body: string;
}
export interface PutEventsAnswer {
  status: number;
  /** application/x-amz-json-1.1 */
  body: string;
}

export interface PutEventsInput {
  clock: Clock;
  newId: () => string;
  region: string;
  account: string;
  hasBus: (name: string) => boolean;
  /** accepted: the caller doesn't wait for the targets */
  put: (event: BusEvent, bus: string) => void;
}

const Entry = z.object({
  Source: z.string().optional(),
  DetailType: z.string().optional(),
  Detail: z.string().optional(),
  EventBusName: z.string().optional(),
  Resources: z.array(z.string()).optional(),
  Time: z.number().optional(),
});
type Entry = z.infer<typeof Entry>;
const Body = z.object({ Entries: z.array(Entry).min(1).max(10) });

/** Bytes of all entries of a call. */
const callLimit = 262_144;

export function answerPutEvents({ target, body }: PutEventsRequest, input: PutEventsInput): PutEventsAnswer {
  if (target !== 'AWSEvents.PutEvents') {
    return refusal('UnknownOperationException', `"${target ?? ''}" is not served by the local EventBridge`);
  }
  if (Buffer.byteLength(body) > callLimit)
    return refusal('ValidationException', 'Total size of the entries in the request is over the limit.');
  const parsed = Body.safeParse(readBody(body));
  if (!parsed.success) return refusal('ValidationException', z.prettifyError(parsed.error));
  const answers = parsed.data.Entries.map((entry) => accept(entry, input));
  const failures = answers.filter((answer) => 'ErrorCode' in answer).length;
  return { status: 200, body: JSON.stringify({ FailedEntryCount: failures, Entries: answers }) };
}

function accept(entry: Entry, input: PutEventsInput): JsonObject {
  const { Source = '', DetailType = '', Detail = '', EventBusName = 'default' } = entry;
  const detail = readBody(Detail);
  const bus = EventBusName.slice(EventBusName.lastIndexOf('/') + 1);
  if (!Source)
    return failure('InvalidArgument', 'Parameter Source is not valid. Reason: Source is a required argument.');
  if (!DetailType)
    return failure('InvalidArgument', 'Parameter DetailType is not valid. Reason: DetailType is a required argument.');
  if (Source.startsWith('aws.'))
    return failure('NotAuthorizedForSourceException', `Not authorized for the source ${Source}.`);
  if (!isJsonObject(detail)) return failure('MalformedDetail', 'Detail is malformed.');
  if (!input.hasBus(bus)) return failure('InvalidArgument', `there is no event bus "${bus}"`);
  const event = eventOf(entry, detail, { Source, DetailType }, input);
  input.put(event, bus);
  return { EventId: event.id };
}

function eventOf(
  { Time, Resources = [] }: Entry,
  detail: Json,
  { Source, DetailType }: { Source: string; DetailType: string },
  { clock, newId, region, account }: PutEventsInput,
): BusEvent {
  const at = Time === undefined ? clock.now() : Time * 1000;
  const time = new Date(at).toISOString().replace(/\.\d+Z$/u, 'Z');
  const about = { version: '0', id: newId(), 'detail-type': DetailType, source: Source } as const;
  return { ...about, account, time, region, resources: Resources, detail };
}

const failure = (ErrorCode: string, ErrorMessage: string): JsonObject => ({ ErrorCode, ErrorMessage });

const refusal = (type: string, message: string): PutEventsAnswer => ({
  status: 400,
  body: JSON.stringify({ __type: type, message }),
});

function readBody(text: string): Json {
  try {
    return parseJson(text);
  } catch {
    return null;
  }
}
