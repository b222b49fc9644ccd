import type { ServerResponse } from 'node:http';
import type { RequestHandler, Response } from 'express';
import { pinoHttp } from 'pino-http';
import type { Logger } from '../../activities/platform/logger.ts';
import { contextOf } from './request-context.ts';

const OPERATION = /\/operations\/(op_[0-9a-z]+)$/;

/** The operation that an answer says it began. */
function operationOf(response: ServerResponse): string | undefined {
  return OPERATION.exec(String(response.getHeader('location') ?? ''))?.[1];
}

function levelOf(status: number): 'error' | 'info' | 'debug' {
  if (status >= 500) return 'error';
  // What was accepted goes on elsewhere: this line leads from its request to its operation.
  return status >= 400 || status === 202 ? 'info' : 'debug';
}

/** One line per request: who, what, how long, and the operation that it began. No header, no query and no body is in it. */
export function accessLog(logger: Logger): RequestHandler {
  return pinoHttp({
    logger,
    genReqId: (_request, response) => contextOf(response as Response).requestId,
    customLogLevel: (_request, response, error) => (error ? 'error' : levelOf(response.statusCode)),
    serializers: {
      req: (request: { method: string; url: string }) => ({ method: request.method, path: request.url.split('?', 1)[0] }),
      res: (response: { statusCode: number }) => ({ status: response.statusCode }),
      err: (error: { type?: string; message?: string }) => ({ type: error.type, message: error.message }),
    },
    customAttributeKeys: { reqId: 'requestId' },
    customProps: (_request, response) => {
      const operationId = operationOf(response);
      return operationId === undefined ? {} : { operationId };
    },
    quietReqLogger: true,
  }) as RequestHandler;
}
