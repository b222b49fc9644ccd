/** What a scrape holds. */
export interface Samples {
  /** The value of the first sample with this name and at least these labels. */
  value(name: string, labels?: Readonly<Record<string, string>>): number | undefined;
  /** Every value that a label has anywhere. */
  labels(name: string): readonly string[];
}

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const COMMENT = /^# (?:HELP [a-zA-Z_:][\w:]* .+|TYPE [a-zA-Z_:][\w:]* (?:counter|gauge|histogram|summary|untyped))$/;
const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)(?: [0-9]+)?$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"(?:,|$)/g;

/** Reads the text format of Prometheus. Throws at the first line that is not of it. */
export function readSamples(text: string): Samples {
  const samples = text
    .split('\n')
    .filter((line) => line !== '' && !isComment(line))
    .map(readSample);
  return {
    value: (name, labels = {}) =>
      samples.find((sample) => sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value))?.value,
    labels: (name) => [...new Set(samples.flatMap(({ labels }) => labels[name] ?? []))],
  };
}

function isComment(line: string): boolean {
  if (!line.startsWith('#')) return false;
  if (!COMMENT.test(line)) throw new Error(`no comment of the format: ${line}`);
  return true;
}

function readSample(line: string): Sample {
  const [, name, inner = '', number] = SAMPLE.exec(line) ?? [];
  const value = number === '+Inf' ? Number.POSITIVE_INFINITY : Number(number);
  if (!name || number === undefined || (Number.isNaN(value) && number.toLowerCase() !== 'nan')) throw new Error(`no sample of the format: ${line}`);
  const labels = Object.fromEntries([...inner.matchAll(LABEL)].map(([, label, text]) => [label, text] as [string, string]));
  return { name, labels, value };
}
