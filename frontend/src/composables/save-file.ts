/** Long enough for a browser that asks where to put it. */
const READ_MS = 60_000;

/** Gives the content to the browser as a file to keep; a text as plain text. */
export function saveFile(name: string, content: Blob | string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(typeof content === 'string' ? new Blob([content], { type: 'text/plain' }) : content);
  link.download = name;
  link.click();
  // The browser reads it after this task.
  setTimeout(() => URL.revokeObjectURL(link.href), READ_MS);
}
