import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';

/**
 * Begins an answer with the status of somebody else's. False, and nothing is answered yet, for one that cannot be passed on: whoever
 * answers chooses its bytes, and what is thrown where they arrive ends the process.
 */
export function passHead(response: ServerResponse, { statusCode = 0 }: Pick<IncomingMessage, 'statusCode'>, headers: OutgoingHttpHeaders): boolean {
  if (statusCode < 200 || statusCode > 999) return false;
  try {
    // Without their words for the status, which may be no text.
    response.writeHead(statusCode, headers);
    return true;
  } catch {
    return false;
  }
}
