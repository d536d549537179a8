import * as z from 'zod';
import type { RoutePart } from './parts.ts';
import { TemplateRefused } from './resolve.ts';
import type { OfType } from './resolved-resource.ts';

const Route = z.object({
  RouteKey: z.string(),
  Target: z.string().startsWith('integrations/'),
  AuthorizationType: z.string().default('NONE'),
});

const Integration = z.object({
  IntegrationType: z.literal('AWS_PROXY', 'only proxy integrations run here'),
  IntegrationUri: z.string(),
  PayloadFormatVersion: z.literal('2.0', 'only payload format 2.0 runs here'),
  TimeoutInMillis: z.number().default(30_000),
});

/** The HTTP API's routes with the functions behind them. */
export function readRoutes(ofType: OfType): RoutePart[] {
  const integrations = new Map(
    ofType('AWS::ApiGatewayV2::Integration').map(({ logicalId, properties }) => [
      logicalId,
      Integration.parse(properties),
    ]),
  );
  return ofType('AWS::ApiGatewayV2::Route').map(({ logicalId, properties }) => {
    const route = Route.parse(properties);
    const integration = integrations.get(route.Target.slice('integrations/'.length));
    if (!integration) throw new TemplateRefused(`route ${logicalId} has no integration`);
    const [method, path] = route.RouteKey.split(' ');
    return {
      method: path === undefined ? undefined : method,
      path,
      routeKey: route.RouteKey,
      functionArn: functionArnIn(integration.IntegrationUri),
      authorization: route.AuthorizationType,
      timeoutMilliseconds: integration.TimeoutInMillis,
    };
  });
}

/** An integration names the function by its ARN, or by the path under which API Gateway invokes it. */
const functionArnIn = (uri: string): string => /functions\/(arn:[^/]+)\/invocations$/.exec(uri)?.[1] ?? uri;
