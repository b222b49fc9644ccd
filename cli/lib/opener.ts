import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { type Io, isInteractive } from './io.ts';

/** A program that shows an address in the person's browser; the address is its last argument. */
export interface Opener {
  readonly command: string;
  readonly args: readonly string[];
}

/** What opens addresses here, null where there is no desktop to show one on. */
export function openerFor(platform: NodeJS.Platform, env: Io['env']): Opener | null {
  if (platform === 'darwin') return { command: 'open', args: [] };
  if (platform === 'win32') return { command: 'rundll32.exe', args: ['url.dll,FileProtocolHandler'] };
  if (env['WSL_DISTRO_NAME']) return { command: 'wslview', args: [] };
  // Without a display xdg-open would start a browser of the terminal in the person's way.
  return env['DISPLAY'] || env['WAYLAND_DISPLAY'] ? { command: 'xdg-open', args: [] } : null;
}

async function inPath(command: string, env: Io['env']): Promise<string | null> {
  for (const folder of (env['PATH'] ?? '').split(delimiter).filter(Boolean)) {
    const path = join(folder, command);
    if (
      await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  return null;
}

/** Opens an address where a person sits in front of a desktop; false where nothing could be opened, which is no error. */
export async function openInBrowser(io: Io, url: string, platform: NodeJS.Platform = process.platform): Promise<boolean> {
  const opener = io.stdout.isTTY === true && isInteractive(io) ? openerFor(platform, io.env) : null;
  const path = opener && (await inPath(opener.command, io.env));
  if (!opener || !path) return false;
  return new Promise((resolve) => {
    const child = spawn(path, [...opener.args, url], { stdio: 'ignore', detached: true, env: { ...io.env } });
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}
