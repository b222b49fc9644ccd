import { type LogLevel, logLevelOf, readLogLine } from '../../workflows/contracts/log-line.ts';

/** A piece of a log that can be read. Times in milliseconds since the epoch; `to` is null while it grows. */
export interface LogSource {
  readonly from: number;
  readonly to: number | null;
  readonly archiveId: string | null;
  read(): Promise<AsyncIterable<Uint8Array>>;
}

/** What is looked for. Times in milliseconds since the epoch. */
export interface LogQuestion {
  readonly text: string;
  readonly from: number | null;
  readonly to: number | null;
  readonly levels: readonly LogLevel[] | null;
  readonly limit: number;
  /** Goes on before this line of the piece that begins then. */
  readonly before: LogPlace | null;
}

export interface LogPlace {
  readonly from: number;
  /** From 1. */
  readonly line: number;
}

export interface LogHit {
  readonly at: string | null;
  readonly level: LogLevel;
  readonly text: string;
  readonly place: LogPlace;
  readonly archiveId: string | null;
}

export interface LogFindings {
  /** Newest first. */
  readonly hits: readonly LogHit[];
  /** Where to go on; null when everything was searched. */
  readonly next: LogPlace | null;
  readonly bytes: number;
  /** Beginning of the oldest piece that was read. */
  readonly reached: number | null;
}

/** How much one search may read; the piece it is in is read to its end. */
export interface SearchBudget {
  readonly bytes: number;
  /** True when the time is over or nobody waits any more. */
  isOver(): boolean;
}

/** Searches pieces from the newest to the oldest, each once, until the limit or the budget is reached. */
export async function searchLogs(sources: readonly LogSource[], question: LogQuestion, budget: SearchBudget): Promise<LogFindings> {
  const hits: LogHit[] = [];
  let bytes = 0;
  let reached: number | null = null;
  const open = wanted(sources, question);
  for (const [index, source] of open.entries()) {
    if (bytes >= budget.bytes || (index > 0 && budget.isOver())) return { hits, next: { from: source.from, line: Number.MAX_SAFE_INTEGER }, bytes, reached };
    const left = question.limit - hits.length;
    const found = await searchOne(source, question, left + 1);
    bytes += found.bytes;
    reached = source.from;
    hits.push(...found.hits.slice(-left).reverse());
    const last = hits.at(-1);
    if (last && (found.hits.length > left || (hits.length === question.limit && index < open.length - 1))) return { hits, next: last.place, bytes, reached };
  }
  return { hits, next: null, bytes, reached };
}

/** The pieces that may hold an answer, newest first; of two that begin at the same moment the first. */
function wanted(sources: readonly LogSource[], { from, to, before }: LogQuestion): LogSource[] {
  const once = new Map<number, LogSource>();
  for (const source of sources) if (!once.has(source.from)) once.set(source.from, source);
  return [...once.values()]
    .filter(
      (source) => (before === null || source.from <= before.from) && (to === null || source.from < to) && (from === null || (source.to ?? Infinity) > from),
    )
    .sort((a, b) => b.from - a.from);
}

/** The last `most` matching lines of one piece, oldest first. */
async function searchOne(source: LogSource, question: LogQuestion, most: number): Promise<{ hits: LogHit[]; bytes: number }> {
  const end = question.before?.from === source.from ? question.before.line : Number.POSITIVE_INFINITY;
  const text = question.text.toLowerCase();
  let hits: LogHit[] = [];
  let bytes = 0;
  let number = 0;
  let time = source.from;
  for await (const { raw, size } of rawLines(await source.read())) {
    bytes += size;
    number += 1;
    if (number >= end) continue;
    const line = readLogLine(raw);
    if (line.at !== null) time = Date.parse(line.at);
    if ((question.from !== null && time < question.from) || (question.to !== null && time >= question.to)) continue;
    if (text !== '' && !line.text.toLowerCase().includes(text)) continue;
    const level = logLevelOf(line.text);
    if (question.levels && !question.levels.includes(level)) continue;
    hits.push({ at: line.at, level, text: line.text, place: { from: source.from, line: number }, archiveId: source.archiveId });
    if (hits.length > 2 * most) hits = hits.slice(-most);
  }
  return { hits: hits.slice(-most), bytes };
}

const LINE_CHARACTERS_MAX = 64 * 1024;

/** Lines as they are complete; the last one also without its end. A line without end is cut, so that it does not fill the memory. */
async function* rawLines(content: AsyncIterable<Uint8Array>): AsyncGenerator<{ raw: string; size: number }> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of content) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = (lines.pop() ?? '').slice(0, LINE_CHARACTERS_MAX);
    for (const raw of lines) yield { raw: raw.replace(/\r$/, ''), size: raw.length + 1 };
  }
  if (rest !== '') yield { raw: rest, size: rest.length };
}
