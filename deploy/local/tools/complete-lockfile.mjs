// Run after `npm install` when the registry in use does not carry packages of other platforms: npm then leaves them out of the
// lockfile, and `npm ci` refuses such a lockfile everywhere. Adds what is missing, by the exact version its parent asks for.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const systems = ['android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const processors = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64'];

/** Path under which a package that is installed at `from` finds `name`, or null. */
function resolve(packages, from, name) {
  for (let folder = from; ; ) {
    const candidate = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (packages[candidate]) return candidate;
    if (folder === '') return null;
    folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1));
  }
}

/** Optional dependencies that no entry of the lockfile satisfies: `{ name, version, dev }`. */
export function missingOptionals(lock) {
  const missing = new Map();
  for (const [path, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (!resolve(lock.packages, path, name)) missing.set(name, { name, version, dev: entry.dev === true });
    }
  }
  return [...missing.values()];
}

function entryFor({ name, version, dev }) {
  if (!/^\d+\.\d+\.\d+[\w.+-]*$/.test(version)) throw new Error(`${name}@${version} is a range; only exact versions can be added.`);
  const names = (word) => new RegExp(`[-/]${word}(-|$)`).test(name);
  const os = systems.filter((system) => names(system));
  const cpu = processors.filter((processor) => names(processor));
  if (os.length + cpu.length === 0) throw new Error(`The platform of ${name} is unknown.`);
  return { version, ...(cpu.length > 0 ? { cpu } : {}), ...(dev ? { dev } : {}), optional: true, ...(os.length > 0 ? { os } : {}) };
}

/** Returns the lockfile with every optional dependency in it, sorted as npm sorts. */
export function completed(lock) {
  const added = missingOptionals(lock).map((missing) => [`node_modules/${missing.name}`, entryFor(missing)]);
  const packages = Object.entries(lock.packages).concat(added);
  return { ...lock, packages: Object.fromEntries(packages.sort(([a], [b]) => a.localeCompare(b, 'en'))) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = join(fileURLToPath(import.meta.url), '../../../../package-lock.json');
  const lock = JSON.parse(readFileSync(file, 'utf8'));
  const missing = missingOptionals(lock);
  writeFileSync(file, `${JSON.stringify(completed(lock), null, 2)}\n`);
  console.log(`${missing.length} packages of other platforms added.`);
}
