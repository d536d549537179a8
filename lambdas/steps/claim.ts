import { type ClaimDeps, claimStaging } from '../actions/claim-staging.ts';
import type { StepInput } from './step-input.ts';

/** Takes the staging for this execution. @throws Superseded, Conflict */
export async function claim(deps: ClaimDeps, { name, generation }: StepInput): Promise<{ claimed: true }> {
  await claimStaging(deps, name, generation);
  return { claimed: true };
}
