import { RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  HttpApi,
  HttpMethod,
  HttpNoneAuthorizer,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Config } from './config.ts';

const { GET, POST, PUT, DELETE } = HttpMethod;

/** Routes of the `api` function. */
const routes: Readonly<Record<string, readonly HttpMethod[]>> = {
  '/v1/stagings': [GET, POST],
  '/v1/stagings/{name}': [GET, PUT, DELETE],
  '/v1/stagings/{name}/operations': [GET],
  '/v1/stagings/{name}/redeploy': [POST],
  '/v1/operations/{id}': [GET],
  '/v1/blueprints': [GET],
  '/v1/blueprints/{name}': [GET],
  '/v1/sweeps/{id}/approve': [POST],
  '/v1/openapi.json': [GET],
};

/** Routes that only the function with rights in the cluster can answer. */
const clusterRoutes: Readonly<Record<string, readonly HttpMethod[]>> = {
  '/v1/stagings/{name}/workloads': [GET],
};

/** The one route that is open. */
const healthRoute = '/v1/health';
const healthReason =
  'Uptime checks have no credentials to sign with; the answer says that the API is there, and no more.';

const accessLogFormat = AccessLogFormat.custom(
  JSON.stringify({
    requestId: '$context.requestId',
    time: '$context.requestTime',
    ip: '$context.identity.sourceIp',
    caller: '$context.identity.userArn',
    routeKey: '$context.routeKey',
    path: '$context.path',
    status: '$context.status',
    latencyMs: '$context.responseLatency',
    bytes: '$context.responseLength',
    error: '$context.error.message',
    integrationError: '$context.integrationErrorMessage',
  }),
);

interface ServiceApiProps {
  config: Config;
  api: IFunction;
  cluster: IFunction;
}

/** The HTTP API: every route by name, each but the health check signed with IAM credentials, throttled and logged. */
export class ServiceApi extends Construct {
  readonly url: string;

  constructor(scope: Construct, id: string, { config, api, cluster }: ServiceApiProps) {
    super(scope, id);
    const toApi = new HttpLambdaIntegration('Api', api, { scopePermissionToRoute: false });
    const toCluster = new HttpLambdaIntegration('Cluster', cluster, { scopePermissionToRoute: false });
    const httpApi = new HttpApi(this, 'HttpApi', {
      apiName: config.installation,
      description: 'Berth: stagings of feature branches',
      createDefaultStage: false,
      defaultAuthorizer: new HttpIamAuthorizer(),
      // What no route matches gets a problem that names the methods there are, instead of the gateway's bare "Not Found".
      defaultIntegration: toApi,
    });
    this.#permitDefaultRoute(httpApi, api);
    for (const [path, methods] of Object.entries(routes)) {
      httpApi.addRoutes({ path, methods: [...methods], integration: toApi });
    }
    for (const [path, methods] of Object.entries(clusterRoutes)) {
      httpApi.addRoutes({ path, methods: [...methods], integration: toCluster });
    }
    const authorizer = new HttpNoneAuthorizer();
    for (const route of httpApi.addRoutes({ path: healthRoute, methods: [GET], integration: toApi, authorizer })) {
      Validations.of(route).acknowledge({ id: 'AwsSolutions-APIG4', reason: healthReason });
    }
    const stage = new HttpStage(this, 'Stage', {
      httpApi,
      stageName: '$default',
      autoDeploy: true,
      detailedMetricsEnabled: true,
      throttle: { rateLimit: config.throttleRate, burstLimit: config.throttleBurst },
      accessLogSettings: { destination: this.#accessLog(config), format: accessLogFormat },
    });
    this.url = stage.url;
  }

  /** For this route API Gateway calls as `stage/$default`; the permission that CDK gives covers `stage/METHOD/path` alone. */
  #permitDefaultRoute({ apiId }: HttpApi, api: IFunction): void {
    api.addPermission('DefaultRoute', {
      scope: this,
      principal: new ServicePrincipal('apigateway.amazonaws.com'),
      sourceArn: Stack.of(this).formatArn({ service: 'execute-api', resource: apiId, resourceName: '*/$default' }),
    });
  }

  #accessLog(config: Config): LogGroupLogDestination {
    return new LogGroupLogDestination(
      new LogGroup(this, 'AccessLog', {
        logGroupName: `/aws/vendedlogs/api/${config.installation}`,
        retention: config.logRetentionDays,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
    );
  }
}
