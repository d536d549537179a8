import type { Admission } from '../write-context.ts';

/** Keeps a volume claim that is deleted for as long as a pod uses it. */
export const claimProtection = 'kubernetes.io/pvc-protection';

/** Every claim is born with it. */
export const claimsAreProtected: Admission = {
  mutate({ operation, resource, object }) {
    if (operation !== 'CREATE' || resource.group !== '' || resource.kind !== 'PersistentVolumeClaim') return object;
    const { finalizers = [] } = object.metadata;
    if (finalizers.includes(claimProtection)) return object;
    return { ...object, metadata: { ...object.metadata, finalizers: [...finalizers, claimProtection] } };
  },
};
