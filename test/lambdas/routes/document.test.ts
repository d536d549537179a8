import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { apiRoutes, clusterRoutes } from '../../../lambdas/routes/api-routes.ts';
import { apiDocument } from '../../../lambdas/routes/document.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- the document is looked into from the outside
const document = apiDocument() as any;

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();

    const result = await validator.validate(structuredClone(document));

    expect(result).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  it('has every route of every function', () => {
    const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`),
    );

    const routes = [...apiRoutes, ...clusterRoutes].map((route) => `${route.method} ${route.path}`);

    expect(documented.toSorted()).toEqual(routes.toSorted());
  });

  it('tells the body as callers send it: a duration is a text, and nothing unknown is taken', () => {
    const { schema } = document.paths['/v1/stagings/{name}'].put.requestBody.content['application/json'];
    const body = document.components.schemas.StagingRequest;

    expect(schema).toEqual({ $ref: '#/components/schemas/StagingRequest' });
    expect(body.properties.ttl.type).toBe('string');
    expect(body.required).toEqual(['blueprint']);
    expect(Object.values<object>(body.properties).filter((property) => 'default' in property)).toEqual([]);
    expect(body.additionalProperties).toBe(false);
  });

  it('names what many answers share once', () => {
    const { content } = document.paths['/v1/stagings/{name}'].get.responses['200'];

    expect(content['application/json'].schema.properties.staging).toEqual({ $ref: '#/components/schemas/Staging' });
    expect(document.paths['/v1/stagings'].post.responses['429'].headers['Retry-After']).toBeDefined();
  });

  it('has one component for each thing, whether it is sent or answered', () => {
    expect(Object.keys(document.components.schemas).toSorted()).toEqual([
      'Blueprint',
      'BlueprintInput',
      'BlueprintSummary',
      'BranchRequest',
      'Diagnosis',
      'Json',
      'Link',
      'Operation',
      'OperationKind',
      'OperationStep',
      'OperationSummary',
      'Outcome',
      'Problem',
      'Progress',
      'Reason',
      'ReasonCode',
      'Source',
      'SourceOverrides',
      'Staging',
      'StagingRequest',
      'Status',
      'Sweep',
      'Workload',
    ]);
  });

  it('has no component that refers to itself: generators make types of it that do not compile', () => {
    const circular = Object.entries(document.components.schemas).filter(([name, schema]) =>
      JSON.stringify(schema).includes(`"#/components/schemas/${name}"`),
    );

    expect(circular.map(([name]) => name)).toEqual([]);
    expect(document.components.schemas.Json).toEqual({ description: 'any JSON value' });
  });

  it('lets answers have further fields, so that a new one breaks no client', () => {
    const strict = Object.entries(document.components.schemas).filter(([, schema]) =>
      JSON.stringify(schema).includes('"additionalProperties":false'),
    );

    expect(strict.map(([name]) => name).toSorted()).toEqual(['BranchRequest', 'SourceOverrides', 'StagingRequest']);
  });

  it('says that the health check alone needs no signature', () => {
    const open = Object.entries(document.paths).filter(([, methods]) =>
      Object.values(methods as Record<string, { security?: unknown[] }>).some((one) => one.security?.length === 0),
    );

    expect(open.map(([path]) => path)).toEqual(['/v1/health']);
  });

  it('gives every operation a name of its own', () => {
    const names = [...apiRoutes, ...clusterRoutes].map((route) => route.operationId);

    expect(new Set(names).size).toBe(names.length);
  });
});
