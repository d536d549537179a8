import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitsUnder, hostAt, linksOf, urlOf } from '../../../lambdas/domain/links.ts';
import {
  longestName,
  nameFromBranch,
  nameOfNamespace,
  namespaceOf,
  releaseNameOf,
  StagingName,
} from '../../../lambdas/domain/names.ts';
import { operationId, parseOperationId } from '../../../lambdas/domain/operation.ts';
import { aBlueprint } from '../../support/world.ts';

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,57}[a-z0-9])?$/);

describe('a name from a branch', () => {
  it.each([
    ['checkout-42', 'checkout-42'],
    ['Feature/Check_Out', /^feature-check-out-[a-z0-9]{7}$/],
    ['feature/check-out', /^feature-check-out-[a-z0-9]{7}$/],
    ['ünïcode', /^n-code-[a-z0-9]{7}$/],
    ['日本', /^branch-[a-z0-9]{7}$/],
    ['---', /^branch-[a-z0-9]{7}$/],
    ['x'.repeat(200), /^x{51}-[a-z0-9]{7}$/],
  ])('%s', (branch, name) => {
    expect(nameFromBranch(branch)).toMatch(typeof name === 'string' ? new RegExp(`^${name}$`) : name);
  });

  it('is always a name', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme', maxLength: 256 }), (branch) => {
        expect(StagingName.safeParse(nameFromBranch(branch)).success).toBe(true);
      }),
    );
  });

  it('is never shared by branches that reduce to the same', () => {
    const branches = ['a/b', 'a_b', 'a.b', 'A-B', 'a-b', 'a b', '-a-b', 'a-b-', 'a//b', 'ä-b'];

    expect(new Set(branches.map(nameFromBranch)).size).toBe(branches.length);
  });

  it('is the same every time', () => {
    expect(nameFromBranch('Feature/Check_Out')).toBe(nameFromBranch('Feature/Check_Out'));
  });
});

describe('the name of a Helm release', () => {
  it('is the staging’s own where Helm takes it', () => {
    expect(releaseNameOf('checkout-42')).toBe('checkout-42');
    expect(releaseNameOf('x'.repeat(53))).toBe('x'.repeat(53));
  });

  it('is otherwise one that Helm takes, a name of its own for each staging', () => {
    const names = [`${'x'.repeat(58)}a`, `${'x'.repeat(58)}b`, `${'x'.repeat(44)}-${'y'.repeat(14)}`].map(
      releaseNameOf,
    );
    expect(new Set(names).size).toBe(3);
    for (const name of names) expect(name).toMatch(/^(?=.{1,53}$)x+-[a-z0-9]{7}$/);
  });
});

describe('a name', () => {
  it('fits a namespace, and an execution whatever the generation', () => {
    const name = 'x'.repeat(longestName);

    expect(namespaceOf(name).length).toBeLessThanOrEqual(63);
    expect(operationId(name, 999_999_999, 'teardown').length).toBeLessThanOrEqual(80);
  });

  it('comes back from the namespace and from the operation', () => {
    fc.assert(
      fc.property(
        label,
        fc.integer({ min: 1, max: 999_999_999 }),
        fc.constantFrom('deploy' as const, 'teardown' as const),
        (name, generation, kind) => {
          expect(nameOfNamespace(namespaceOf(name))).toBe(name);
          expect(parseOperationId(operationId(name, generation, kind))).toEqual({ staging: name, generation, kind });
        },
      ),
    );
  });

  it('is read from the end of an operation, also where it looks like one itself', () => {
    expect(parseOperationId('a-g1-deploy-g2-teardown')).toEqual({
      staging: 'a-g1-deploy',
      generation: 2,
      kind: 'teardown',
    });
    expect(parseOperationId('approved-20260301T120000000')).toBeUndefined();
  });
});

describe('the address of a staging', () => {
  it('is one label under the installation, with its scheme and port', () => {
    expect(urlOf('a', 'https://staging.example.com')).toBe('https://a.staging.example.com/');
    expect(urlOf('a', 'http://staging.localhost:8080')).toBe('http://a.staging.localhost:8080/');
    expect(hostAt('a', 'http://staging.localhost:8080')).toBe('a.staging.localhost');
  });

  it('leads where the blueprint’s links lead', () => {
    const blueprint = aBlueprint({ links: [{ title: 'Admin', path: '/admin?x=1' }] });

    expect(linksOf('a', blueprint, 'https://staging.example.com')).toEqual([
      { title: 'Admin', url: 'https://a.staging.example.com/admin?x=1' },
    ]);
    expect(linksOf('a', undefined, 'https://staging.example.com')).toEqual([]);
  });

  it('keeps within what DNS allows', () => {
    const long = `https://${'x'.repeat(60)}.${'y'.repeat(60)}.${'z'.repeat(60)}.example.com`;

    expect(fitsUnder('a', long)).toBe(true);
    expect(fitsUnder('a'.repeat(59), long)).toBe(false);
  });
});
