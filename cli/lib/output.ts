import type { Io } from './io.ts';
import { type Paint, paintFor } from './style.ts';
import { table } from './text.ts';

/** What `-o` takes. `json` and `yaml` print the API's own resource, `name` what other commands take as NAME. */
export const OUTPUT_FORMATS = ['table', 'wide', 'json', 'yaml', 'name'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** What a column needs to know besides the row. */
export interface ViewContext {
  readonly now: Date;
  readonly paint: Paint;
  /** Columns of the terminal; undefined where text is not read by a person, so that nothing is wrapped. */
  readonly width?: number | undefined;
}

/** A column of a list. */
export interface Column<T> {
  readonly title: string;
  /** Shown by `-o wide` only. */
  readonly wide?: boolean;
  /** Changes with the clock alone, so a row in which nothing else changed has not changed. */
  readonly clock?: boolean;
  /** Characters that a watched list keeps for what may come, where the first rows say little about the later ones. */
  readonly room?: number;
  cell(row: T, context: ViewContext): string;
}

/** How a kind of resource is shown in a list. */
export interface View<T> {
  readonly columns: readonly Column<T>[];
  name(row: T): string;
  /** Said on standard error when there is nothing to list. */
  readonly empty: string;
}

/** The columns that a list shows. */
export function shownColumns<T>(view: View<T>, wide: boolean): readonly Column<T>[] {
  return view.columns.filter((column) => wide || !column.wide);
}

/** The table of a list. */
export function formatTable<T>(view: View<T>, rows: readonly T[], wide: boolean, context: ViewContext): string {
  const columns = shownColumns(view, wide);
  return table(
    columns.map((column) => column.title),
    rows.map((row) => columns.map((column) => column.cell(row, context))),
  );
}

/** JSON as the API sent it, indented. */
export function formatJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** YAML of what the API sent. */
export async function formatYaml(value: unknown): Promise<string> {
  const { stringify } = await import('yaml');
  return stringify(value);
}

/** `ViewContext` of a command's standard output. */
export function viewContext(io: Io): ViewContext {
  return { now: io.now(), paint: paintFor(io.stdout, io.env), width: io.stdout.isTTY ? io.stdout.columns : undefined };
}

/** Prints `resource` as it is for `json` and `yaml`, and `rows` of it otherwise. */
export async function printRows<T>(io: Io, format: OutputFormat, view: View<T>, rows: readonly T[], resource: unknown): Promise<void> {
  if (format === 'json') io.stdout.write(formatJson(resource));
  else if (format === 'yaml') io.stdout.write(await formatYaml(resource));
  else if (format === 'name') io.stdout.write(rows.map((row) => `${view.name(row)}\n`).join(''));
  else if (rows.length === 0) io.stderr.write(`${view.empty}\n`);
  else io.stdout.write(formatTable(view, rows, format === 'wide', viewContext(io)));
}

/** Prints a single resource: `text` is what a person reads. */
export async function printOne(io: Io, format: OutputFormat, resource: unknown, name: string, text: string): Promise<void> {
  if (format === 'json') io.stdout.write(formatJson(resource));
  else if (format === 'yaml') io.stdout.write(await formatYaml(resource));
  else if (format === 'name') io.stdout.write(`${name}\n`);
  else io.stdout.write(text);
}
