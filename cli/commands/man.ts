import type { Context } from '../lib/context.ts';
import { ENVIRONMENT, EXIT_CODES, FILES } from '../lib/reference.ts';
import { formatMan } from '../views/man.ts';

/** `claw man`: the manual page, made of the commands themselves. */
export async function man({ io, root }: Context): Promise<void> {
  io.stdout.write(formatMan(root, root.version() ?? '', { environment: ENVIRONMENT, files: FILES, exitCodes: EXIT_CODES }));
}
