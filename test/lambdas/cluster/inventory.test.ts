import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  emptyInventory,
  expectedRefs,
  type Inventory,
  inventoryRef,
  isUpgrade,
  obsolete,
  packInventory,
  united,
  unpackInventory,
} from '../../../lambdas/cluster/inventory.ts';
import { type ObjectRef, refKey } from '../../../lambdas/domain/object-ref.ts';

const namespace = 'stg-a';
const ref = (name: string, apiVersion = 'apps/v1', kind = 'Deployment'): ObjectRef => ({
  apiVersion,
  kind,
  namespace,
  name,
});
const role: ObjectRef = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', name: 'all' };
const inventory = (over: Partial<Inventory> = {}): Inventory => ({ ...emptyInventory, generation: 2, ...over });
const stored = (kept: Inventory) => {
  const { apiVersion, kind, name } = inventoryRef(namespace);
  return { apiVersion, kind, metadata: { name, namespace }, data: packInventory(kept) };
};

describe('an inventory', () => {
  it('comes back from its ConfigMap as it went in', () => {
    const kept = inventory({
      installed: 1,
      refs: [ref('web'), ref('settings', 'v1', 'ConfigMap'), role],
      transient: ['batch/Job:stg-a:seed'],
      hookRefs: [{ ...role, name: 'hook' }],
      ranHooks: ['pre-install:Job/migrate'],
    });
    expect(unpackInventory(stored(kept))).toEqual(kept);
    expect(unpackInventory(undefined)).toEqual(emptyInventory);
  });

  it('takes some 30 bytes an object', () => {
    const refs = Array.from({ length: 1000 }, (_, index) => ref(`settings-of-service-${index}`));
    expect(JSON.stringify(packInventory(inventory({ refs }))).length).toBeLessThan(40_000);
  });
});

describe('before an apply', () => {
  it('everything that was and everything that will be is in it', () => {
    const before = inventory({ installed: 1, refs: [ref('old'), ref('both')], hookRefs: [role], ranHooks: ['x'] });
    const next = inventory({ generation: 3, refs: [ref('both'), ref('new')] });
    expect(united(before, next)).toEqual({
      ...next,
      installed: 1,
      refs: [ref('old'), ref('both'), ref('new')],
      hookRefs: [role],
      ranHooks: [],
    });
  });

  it('hooks that ran are remembered within the generation, and only there', () => {
    const before = inventory({ ranHooks: ['x'] });
    expect(united(before, inventory()).ranHooks).toEqual(['x']);
    expect(united(before, inventory({ generation: 3 })).ranHooks).toEqual([]);
  });

  it('no object is ever in neither inventory, whatever came before and wherever it stopped', () => {
    const refs = fc
      .uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'))
      .map((names) => names.map((name) => ref(name)));
    fc.assert(
      fc.property(
        fc.array(refs, { maxLength: 6 }),
        fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
        (deploys, ends) => {
          let kept = emptyInventory;
          const inCluster = new Set<string>();
          for (const [index, wanted] of deploys.entries()) {
            kept = united(kept, inventory({ generation: index + 1, refs: wanted }));
            for (const one of wanted) inCluster.add(refKey(one));
            expect([...inCluster].every((key) => kept.refs.some((one) => refKey(one) === key))).toBe(true);
            // Killed here, or brought to its end.
            if (!ends[index]) continue;
            for (const gone of obsolete(kept, wanted)) inCluster.delete(refKey(gone));
            kept = inventory({ generation: index + 1, refs: wanted });
            expect(inCluster).toEqual(new Set(wanted.map(refKey)));
          }
        },
      ),
    );
  });
});

describe('after an apply', () => {
  it('what is no longer wanted is obsolete, another version of the same object is not', () => {
    const before = inventory({ refs: [ref('scaler', 'autoscaling/v1', 'HorizontalPodAutoscaler'), ref('gone')] });
    expect(obsolete(before, [ref('scaler', 'autoscaling/v2', 'HorizontalPodAutoscaler')])).toEqual([ref('gone')]);
  });

  it('what ends by itself may be missing', () => {
    const job = ref('seed', 'batch/v1', 'Job');
    expect(expectedRefs(inventory({ refs: [ref('web'), job], transient: [refKey(job)] }))).toEqual([ref('web')]);
  });

  it('a later generation is an upgrade, the same one is not', () => {
    const shop = (generation: number) => ({ generation, blueprint: 'shop' });
    expect(isUpgrade(inventory({ blueprint: 'shop' }), shop(2))).toBe(false);
    expect(isUpgrade(inventory({ blueprint: 'shop', installed: 2 }), shop(2))).toBe(false);
    expect(isUpgrade(inventory({ blueprint: 'shop', installed: 2 }), shop(3))).toBe(true);
  });

  it('another product is no upgrade, and is not installed by what was there before', () => {
    const before = inventory({ blueprint: 'hello', installed: 1 });
    const next = inventory({ generation: 3, blueprint: 'shop' });
    expect(isUpgrade(before, { generation: 3, blueprint: 'shop' })).toBe(false);
    expect(united(before, next)).toMatchObject({ blueprint: 'shop', installed: undefined });
  });
});
