import type { components } from '../../frontend/src/api/schema.d.ts';
import type { View } from '../lib/output.ts';
import { bytes } from '../lib/text.ts';

/** An archived piece of a log, as the API shows it. */
export type LogArchive = components['schemas']['LogArchive'];

export const LOG_ARCHIVES: View<LogArchive> = {
  columns: [
    { title: 'FILE', cell: (piece) => piece.fileName },
    { title: 'FROM', cell: (piece) => piece.from },
    { title: 'TO', cell: (piece) => piece.to },
    { title: 'SIZE', cell: (piece) => bytes(piece.bytes) },
    { title: 'LINES', cell: (piece) => String(piece.lines) },
  ],
  name: (piece) => piece.fileName,
  empty: 'Nothing is archived yet.',
};
