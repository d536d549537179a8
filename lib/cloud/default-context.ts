import { CURRENTLY_RECOMMENDED_FLAGS } from 'aws-cdk-lib/cx-api';
import settings from '../../cdk.json' with { type: 'json' };

/**
 * Context of our own app: the feature flags that the pinned CDK recommends, template validation as errors, and what
 * cdk.json says, so that `node bin/app.ts` without the CDK command gives the same template. `--context` overrides each.
 */
export const defaultContext: Record<string, unknown> = {
  ...CURRENTLY_RECOMMENDED_FLAGS,
  '@aws-cdk/core:validateAgainstDefaultRules': true,
  ...settings.context,
};
