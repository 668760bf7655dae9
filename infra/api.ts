import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  HttpApi,
  HttpMethod,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
  LogGroupLogDestination,
  type IHttpRouteAuthorizer,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaAuthorizer, HttpLambdaResponseType } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { routesOf } from './functions.ts';
import type { LambdaFunction } from './lambda-function.ts';

/** An HTTP API has no throttle per client; this one keeps a runaway caller from using up the account's Lambda concurrency. */
const THROTTLE = { rateLimit: 100, burstLimit: 200 };

/** Which request got which answer, and how fast. No address, no path (it holds order ids), no query. */
const ACCESS_LOG = {
  requestId: '$context.requestId',
  time: '$context.requestTime',
  routeKey: '$context.routeKey',
  status: '$context.status',
  latencyMs: '$context.responseLatency',
  integrationError: '$context.integration.error',
};

/** The HTTP API: the routes of every function that has some, and HEAD for each GET. */
export class Api extends Construct {
  constructor(scope: Construct, id: string, functions: readonly LambdaFunction[]) {
    super(scope, id);
    const httpApi = new HttpApi(this, 'HttpApi', { apiName: Stack.of(this).stackName, createDefaultStage: false });
    const authorizer = authorizerFrom(functions);
    for (const { row, function: handler } of functions) {
      const routes = routesOf(row);
      if (routes.length === 0) continue;
      // One permission for each function, not for each route: a stack can hold 500 resources.
      const integration = new HttpLambdaIntegration(row.name, handler, { scopePermissionToRoute: false });
      for (const [index, { route, access }] of routes.entries()) {
        const id = `Route-${row.name}${index === 0 ? '' : `-${index + 1}`}`;
        const settings = { httpApi, integration, ...(access === 'public' ? {} : { authorizer }) };
        new HttpRoute(this, id, { ...settings, routeKey: routeKey(route) });
        // An HTTP API takes a HEAD only if a route says so. The functions answer it like a GET.
        if (!route.startsWith('GET ')) continue;
        new HttpRoute(this, `${id}-head`, { ...settings, routeKey: routeKey(route.replace('GET', 'HEAD')) });
      }
    }
    const accessLog = new LogGroup(this, 'AccessLog', {
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const stage = new HttpStage(this, 'Stage', {
      httpApi,
      autoDeploy: true,
      throttle: THROTTLE,
      accessLogSettings: {
        destination: new LogGroupLogDestination(accessLog),
        format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
      },
    });
    new CfnOutput(Stack.of(this), 'ApiUrl', { description: 'The base URL of the API', value: stage.url });
  }
}

/**
 * Without an identity source, the authorizer runs for every request, also for one without a token. Without a cache, a revoked token is
 * refused at once.
 */
function authorizerFrom(functions: readonly LambdaFunction[]): IHttpRouteAuthorizer {
  const authorize = functions.find(({ row }) => row.trigger.kind === 'authorizer');
  if (authorize === undefined) throw new Error('infra/functions.ts has no authorizer.');
  return new HttpLambdaAuthorizer(authorize.row.name, authorize.function, {
    responseTypes: [HttpLambdaResponseType.SIMPLE],
    identitySource: [],
    resultsCacheTtl: Duration.seconds(0),
  });
}

function routeKey(route: string): HttpRouteKey {
  if (route === '$default') return HttpRouteKey.DEFAULT;
  const [name, path] = route.split(' ');
  const method = Object.entries(HttpMethod).find(([verb]) => verb === name)?.[1];
  if (method === undefined)
    throw new Error(`infra/functions.ts: the route ${route} does not start with an HTTP method.`);
  return HttpRouteKey.with(path ?? '/', method);
}
