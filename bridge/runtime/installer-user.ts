import { chmodSync, chownSync, copyFileSync, existsSync, lchownSync, lstatSync, mkdirSync, readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { cp, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Failure } from '../../workflows/contracts/failures.ts';
import type { LentUid } from '../exec/uid-pool.ts';
import { isReachable } from './reachable.ts';

/** Whom an installer runs as, and what it finds around itself. */
export interface InstallerUser {
  /** null: whoever the bridge is, because there are no other users to be. */
  readonly uid: number | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Words that start this program on `PATH`. Throws IMAGE_PULL_FAILED when this user may not run it. */
  command(program: string): Promise<readonly string[]>;
  /** Ends whatever runs as this user. */
  end(): Promise<void>;
}

const HOME = '.installer';
/** Where registries, their credentials and their certificates are configured. */
const OWN_SETTINGS = ['.npmrc', '.netrc', '.config/pip/pip.conf', '.pip/pip.conf'];
/** Files that are handed over before something else may happen in the daemon. */
const ENTRIES_A_TURN = 100;
/** Places of root's, which the installer gets its own of. */
const FOREIGN_PLACES = /^(npm_config_(cache|userconfig|prefix|logs_dir|tmp)|pip_cache_dir|xdg_.*|tmpdir)$/i;

/**
 * Lets an installer fill `folder` as a user who owns nothing else, so that whatever a package brings along to run cannot harm more than
 * that. Afterwards the folder belongs to root again and nobody else can write in it.
 */
export async function asInstaller(folder: string, takeUid: () => LentUid, nodeBin: string, work: (user: InstallerUser) => Promise<void>): Promise<void> {
  const { uid, end, release } = takeUid();
  try {
    const searched = `${nodeBin}:${process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin'}`;
    if (uid === null) return await work({ uid, env: { ...process.env, PATH: searched }, command: async (program) => [program], end });
    const home = makeHome(folder, uid);
    const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !FOREIGN_PLACES.test(name)));
    const env = {
      ...own,
      PATH: searched,
      HOME: home,
      TMPDIR: home,
      npm_config_userconfig: path.join(home, '.npmrc'),
      npm_config_cache: path.join(home, 'npm'),
    };
    try {
      await work({ uid, env, command: (program) => commandFor(program, searched, nodeBin, home), end });
    } finally {
      // First, so that nobody changes the folder while root looks through it.
      await end();
      await rm(home, { recursive: true, force: true });
    }
    await handToRoot(folder, uid);
  } finally {
    release();
  }
}

function makeHome(folder: string, uid: number): string {
  const home = path.join(folder, HOME);
  mkdirSync(home, { mode: 0o700 });
  const userConfig = Object.entries(process.env).find(([name]) => name.toLowerCase() === 'npm_config_userconfig')?.[1];
  for (const name of OWN_SETTINGS) {
    const source = name === '.npmrc' && userConfig ? userConfig : path.join(homedir(), name);
    if (!existsSync(source)) continue;
    const copy = path.join(home, name);
    mkdirSync(path.dirname(copy), { recursive: true, mode: 0o755 });
    copyFileSync(source, copy);
    chmodSync(copy, 0o600);
    chownSync(copy, uid, uid);
  }
  // The home is one of them; npm writes in the package.json that is there already.
  for (const owned of ['.', ...readdirSync(folder)]) lchownSync(path.join(folder, owned), uid, uid);
  return home;
}

/** The first on the path that every user may run; an npm that only root may run is copied, since npm is all in one folder. */
async function commandFor(program: string, searched: string, nodeBin: string, home: string): Promise<readonly string[]> {
  const found = searched
    .split(':')
    .map((folder) => path.join(folder, program))
    .filter((file) => existsSync(file));
  const usable = found.find((file) => isReachable(path.dirname(file)) && isReachable(realpathSync(file)));
  if (usable) return [usable];
  const script = found.map((file) => realpathSync(file)).find((file) => file.endsWith('/bin/npm-cli.js'));
  if (!script) throw new Failure('IMAGE_PULL_FAILED', `There is no ${program} that users other than root may run.`);
  const copy = path.join(home, 'npm-itself');
  await cp(path.dirname(path.dirname(script)), copy, { recursive: true });
  return [path.join(nodeBin, 'node'), path.join(copy, 'bin', 'npm-cli.js')];
}

/**
 * Makes root the owner of all that `uid` owns here, and everything readable and unchangeable for the rest. No process of `uid` runs
 * meanwhile. A package can bring tens of thousands of files, so it lets the rest of the daemon have its turn in between.
 */
export async function handToRoot(folder: string, uid: number): Promise<void> {
  const real = realpathSync(folder);
  const left = [real];
  for (let taken = 1; ; taken += 1) {
    const entry = left.pop();
    if (entry === undefined) return;
    left.push(...takeOver(entry, real, uid));
    if (taken % ENTRIES_A_TURN === 0) await nextTurn();
  }
}

/** Takes one entry of the folder `real` and answers what is in it. */
function takeOver(entry: string, real: string, uid: number): string[] {
  const inside = (file: string): boolean => file === real || file.startsWith(`${real}${path.sep}`);
  const refuse = (why: string): never => {
    throw new Failure('IMAGE_PULL_FAILED', `The installation holds ${path.relative(real, entry)}, ${why}.`);
  };
  const status = lstatSync(entry);
  // What somebody else owns was linked to from here and must neither be changed nor kept.
  if (status.uid !== uid && status.uid !== 0) refuse('which belongs to another user');
  if (status.isSymbolicLink() && !inside(targetOf(entry))) refuse('a link that leads out of it');
  if (!status.isSymbolicLink() && !status.isFile() && !status.isDirectory()) refuse('which is neither file, folder nor link');
  if (status.uid === uid) {
    lchownSync(entry, 0, 0);
    if (!status.isSymbolicLink()) chmodSync(entry, status.isDirectory() || status.mode & 0o111 ? 0o755 : 0o644);
  }
  return status.isDirectory() ? readdirSync(entry).map((child) => path.join(entry, child)) : [];
}

function targetOf(link: string): string {
  try {
    return realpathSync(link);
  } catch {
    return path.resolve(path.dirname(link), readlinkSync(link));
  }
}
