import { isJsonObject, type Json } from '../json.ts';
import { ProtocolError } from '../protocol/protocol-error.ts';
import { StateError } from '../state-error.ts';
import type { Resource } from './resource.ts';

export interface StartRequest {
  stateMachineArn: string;
  name?: string;
  /** JSON text */
  input?: string;
}
export type StartExecution = (request: StartRequest) => Promise<{ executionArn: string; startDate: number }>;

/** Starts another execution and doesn't wait for it. */
export const startExecutionResource = (start: StartExecution): Resource => ({
  fields: ['StateMachineArn', 'Name', 'Input'],
  async call(given) {
    try {
      const { executionArn, startDate } = await start(readRequest(given));
      return { ExecutionArn: executionArn, StartDate: new Date(startDate).toISOString() };
    } catch (error) {
      if (error instanceof ProtocolError) throw new StateError(`StepFunctions.${error.type}Exception`, error.message);
      throw error;
    }
  },
});

function readRequest(given: Json): StartRequest {
  const { StateMachineArn, Name, Input = {} } = isJsonObject(given) ? given : {};
  if (typeof StateMachineArn !== 'string') throw new StateError('States.Runtime', 'StateMachineArn has to be a string');
  return {
    stateMachineArn: StateMachineArn,
    ...(typeof Name === 'string' ? { name: Name } : {}),
    input: typeof Input === 'string' ? Input : JSON.stringify(Input),
  };
}
