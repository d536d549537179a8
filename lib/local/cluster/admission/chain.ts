import { definitionAdmission, openApiSchema } from '../custom-resources.ts';
import { objectDefaults } from '../defaults/object-defaults.ts';
import type { Random } from '../identifiers.ts';
import type { ObjectTable } from '../object-table.ts';
import type { ServedResources } from '../resources.ts';
import type { Schema } from '../schema/schema.ts';
import type { ResourceType } from '../storage.ts';
import { validation } from '../validation/admission.ts';
import type { Admission } from '../write-context.ts';
import { claimsAreProtected } from './claim-protection.ts';
import { customValues } from './custom-values.ts';
import { limitRanger } from './limit-range.ts';
import { mutatingWebhooks } from './mutating-webhooks.ts';
import { podSecurity } from './pod-security.ts';
import { admissionPolicies } from './policies.ts';
import { priorities } from './priority.ts';
import { quotaAdmission } from './quota.ts';
import { serviceAccounts } from './service-account.ts';

export interface ChainParts {
  table: ObjectTable;
  resources: ServedResources;
  random: Random;
  schemaOf: (resource: ResourceType) => Schema;
}

/** Everything a write passes, in the order of a real API server: defaults, then who may refuse, and quota last. */
export const admissionChain = ({ table, resources, random, schemaOf }: ChainParts): readonly Admission[] => [
  objectDefaults(random),
  customValues((resource) => openApiSchema(table, resources, resource)),
  claimsAreProtected,
  limitRanger(table, resources),
  definitionAdmission,
  validation(schemaOf),
  serviceAccounts(table, resources),
  priorities(table, resources),
  mutatingWebhooks(table, resources, objectDefaults(random)),
  podSecurity(table, resources),
  admissionPolicies(table, resources),
  quotaAdmission(table, resources),
];
