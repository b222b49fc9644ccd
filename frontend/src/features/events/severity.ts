import { Severity } from '../../../../workflows/contracts/fleet-event.ts';

/** Severities that a list can be cut at; `info` would cut nothing. */
export const SEVERITY_CHOICES = [Severity.warning, Severity.error] as const;
type SeverityChoice = (typeof SEVERITY_CHOICES)[number];

/** The severity that a text of the URL means, if it means one. */
export function severityIn(text: string | undefined): SeverityChoice | undefined {
  return SEVERITY_CHOICES.find((severity) => severity === text);
}
