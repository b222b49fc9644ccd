import express, { type RequestHandler } from 'express';
import { Limits } from '../../workflows/contracts/limits.ts';

const YAML_TYPES = ['application/yaml', 'application/x-yaml', 'text/yaml'];

/** Reads JSON and, for the routes that take it, YAML as text. Anything else stays unread and is refused by the route. */
export function bodies(): RequestHandler[] {
  return [
    express.json({ limit: Limits.requestBodyBytes, strict: false, type: ['application/json', 'application/*+json'] }),
    express.text({ limit: Limits.requestBodyBytes, type: YAML_TYPES }),
  ];
}
