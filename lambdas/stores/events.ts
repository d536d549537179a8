import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { StoreUnavailable } from '../domain/errors.ts';
import { eventSource, type StagingEvent } from '../domain/event.ts';
import { callAws } from './sdk-errors.ts';

/** The bus that tells others what became of a staging. */
export interface EventBus {
  /** @throws StoreUnavailable, StoreRefused where the bus did not take it */
  put(event: StagingEvent, at: Date): Promise<void>;
}

export const eventBus = (client: EventBridgeClient, busName: string): EventBus => ({
  async put(event, at) {
    const answer = await callAws('EventBridge', () =>
      client.send(
        new PutEventsCommand({
          Entries: [
            {
              EventBusName: busName,
              Source: eventSource,
              DetailType: event.detailType,
              Detail: JSON.stringify(event.detail),
              Time: at,
            },
          ],
        }),
      ),
    );
    // EventBridge answers 200 to a call whose entries it refused.
    if ((answer.FailedEntryCount ?? 0) > 0) {
      const { ErrorCode, ErrorMessage } = answer.Entries?.[0] ?? {};
      throw new StoreUnavailable(`EventBridge refused the event: ${ErrorCode ?? '?'}: ${ErrorMessage ?? '?'}`);
    }
  },
});
