import { LRUCache } from 'lru-cache';
import type { AdapterRegistry, ClawAdapter, ClawPage } from '../../activities/adapters/adapter.ts';
import { secretHash } from '../../activities/platform/ids.ts';
import type { RuntimeDriver, WorkloadRef } from '../../activities/runtime/driver.ts';
import type { Database } from '../../prisma/client.ts';
import { Failure, type FailureCode, isFailure } from '../../workflows/contracts/failures.ts';
import { Phase } from '../../workflows/contracts/instance.ts';
import { Scope } from '../http/account.schema.ts';
import { authorizeItem, type Right } from '../http/authorize.ts';
import { assertExposure } from '../http/claw-policies.ts';
import type { Actor } from '../http/request-context.ts';
import { type EntryRow, findEntries, findMembership } from './entry-store.ts';
import type { Language } from './language.ts';

/** A claw that somebody may look at now. */
export interface Admission {
  readonly tokenHash: string;
  readonly userId: string;
  readonly language: Language;
  readonly ref: WorkloadRef;
  readonly slug: string;
  readonly name: string;
  readonly phase: Phase;
  /** Its page, or null when its type has none. */
  readonly page: ClawPage | null;
  /** Known to the entry and the claw alone; null when it has none, or does not run. */
  readonly entryKey: string | null;
}

export interface EntryGuard {
  /**
   * Who holds this token at the address of this claw. Throws UNAUTHENTICATED when nobody is signed in there any more, FORBIDDEN when
   * the person may not use the claw, POLICY_VIOLATED when nobody may open it. Looks at the database at most once a second for one token, so rights that end are gone within that.
   */
  admit(token: string | null, slug: string | null): Promise<Admission>;
  /** Looks again now. Answers whether the holder of the token still may; a database that is away takes nobody's rights. */
  stillAdmitted(tokenHash: string): Promise<boolean>;
}

export interface EntryGuardDeps {
  readonly database: Database;
  readonly driver: Pick<RuntimeDriver, 'secrets'>;
  readonly registry: AdapterRegistry;
  /** The adapter of a type that is not built in. Throws UNKNOWN_TYPE. */
  readonly customAdapter: (tenantId: string, type: string) => Promise<ClawAdapter>;
  /** What somebody needs for the page of an instance. */
  readonly right: Right;
  readonly now?: () => number;
}

/** How long an answer about a token is good for, in milliseconds. */
const KNOWN_MS = 1000;
const KNOWN_MAX = 10_000;
/** Codes that say that somebody may not, and not that something is broken. */
const NO: readonly FailureCode[] = ['UNAUTHENTICATED', 'FORBIDDEN', 'TENANT_SUSPENDED', 'POLICY_VIOLATED'];
const TOKEN_FORM = /^[A-Za-z0-9_-]{43}$/;

export function createEntryGuard(deps: EntryGuardDeps): EntryGuard {
  const { database, right, now = () => performance.now() } = deps;
  const known = new LRUCache<string, { readonly at: number; readonly admission: Promise<Admission> }>({ max: KNOWN_MAX });

  async function look(tokenHash: string): Promise<Admission> {
    const [entry] = await findEntries(database, [tokenHash]);
    if (!entry?.signed_in) throw new Failure('UNAUTHENTICATED');
    const actor = await actorOf(database, entry);
    authorizeItem(actor, right, { projectId: entry.project_id, ownerId: entry.owner_id });
    await database.withTenantSql(entry.tenant_id, (sql) => assertExposure(sql, entry.project_id));
    const adapter = deps.registry.builtIn.get(entry.spec.type) ?? (await deps.customAdapter(entry.tenant_id, entry.spec.type));
    const ref = { tenantId: entry.tenant_id, hostId: entry.host_id, instanceId: entry.instance_id };
    const { slug, name, phase, language } = entry;
    return {
      tokenHash,
      userId: entry.user_id,
      language,
      ref,
      slug,
      name,
      phase,
      page: adapter.page,
      entryKey: adapter.page && phase === Phase.running ? await entryKeyOf(deps.driver, ref, adapter.page) : null,
    };
  }

  /** One look for everybody who asks about the token meanwhile. */
  function refresh(tokenHash: string): Promise<Admission> {
    const admission = look(tokenHash);
    const entry = { at: now(), admission };
    known.set(tokenHash, entry);
    admission.catch((error: unknown) => {
      // A no is kept like a yes; a trouble of ours is not.
      if (!isNo(error) && known.get(tokenHash) === entry) known.delete(tokenHash);
    });
    return admission;
  }

  return {
    admit: async (token, slug) => {
      if (token === null || slug === null || !TOKEN_FORM.test(token)) throw new Failure('UNAUTHENTICATED');
      const tokenHash = secretHash(token);
      const kept = known.get(tokenHash);
      const admission = await (kept && now() - kept.at < KNOWN_MS ? kept.admission : refresh(tokenHash));
      if (admission.slug !== slug) throw new Failure('UNAUTHENTICATED');
      return admission;
    },
    stillAdmitted: (tokenHash) =>
      refresh(tokenHash).then(
        () => true,
        (error: unknown) => !isNo(error),
      ),
  };
}

function isNo(error: unknown): boolean {
  return isFailure(error) && NO.includes(error.code);
}

/** The person as an actor of the claw's tenant. Whoever looks after the platform and is no member there does not get in. */
async function actorOf(database: Database, entry: EntryRow): Promise<Actor> {
  const membership = await findMembership(database, entry.user_id, entry.tenant_id);
  if (!membership) throw new Failure('FORBIDDEN', 'You are not a member of the tenant of this claw.');
  return {
    userId: entry.user_id,
    tenantId: membership.tenant_id,
    tenantName: membership.tenant_name,
    tenantState: membership.tenant_state,
    role: membership.role,
    grants: membership.grants,
    platformRole: null,
    visiting: false,
    auth: 'session',
    scopes: Object.values(Scope),
    keyId: null,
  };
}

async function entryKeyOf(driver: Pick<RuntimeDriver, 'secrets'>, ref: WorkloadRef, { entryKeyEnv }: ClawPage): Promise<string | null> {
  if (entryKeyEnv === null) return null;
  return (await driver.secrets(ref)).find(({ name }) => name === entryKeyEnv)?.value ?? null;
}
