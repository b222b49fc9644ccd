import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { createClawEffects, type Machine } from './claw/effects.ts';
import { DEFAULT_TIMINGS } from './claw/state.ts';
import type { BridgeConfig } from './config.ts';
import { runOnce } from './exec/run-once.ts';
import { createUidPool } from './exec/uid-pool.ts';
import { createFactQueue } from './facts.ts';
import { clawsDir } from './files/folders.ts';
import { EXEC_UIDS, loadIdentity } from './host/identity.ts';
import { describeHost } from './host/info.ts';
import { takeLock } from './host/lock.ts';
import { connectToApi } from './link/connection.ts';
import { openTarget } from './link/open-stream.ts';
import type { TurnableLog } from './log.ts';
import { shipToApi, startLogShipper } from './logs/shipper.ts';
import { openLogSpool } from './logs/spool.ts';
import { startMetering } from './metrics/metering.ts';
import { openCgroups } from './process/cgroup.ts';
import { createProcessTable } from './process/machine-table.ts';
import { isReachable } from './runtime/reachable.ts';
import { createRuntimes } from './runtime/runtimes.ts';
import { createSupervisor } from './supervisor.ts';

/** A running daemon. */
export interface Bridge {
  /** Goes away and leaves every claw running. */
  leave(): Promise<void>;
  /** Ends every claw first; they start again with the next daemon. */
  shutDown(graceMilliseconds: number): Promise<void>;
}

const INFO_MILLISECONDS = 5 * 60_000;

/** Composes the daemon: takes the data folder, adopts what runs, dials the API. Throws when it cannot work on this machine. */
export async function startBridge(config: BridgeConfig, log: TurnableLog): Promise<Bridge> {
  const { dataDir } = config;
  const table = createProcessTable();
  makeFolders(config);
  const lock = takeLock(path.join(dataDir, 'bridge.lock'), table);
  if ('heldBy' in lock) throw new Error(`the data folder ${dataDir} is in use by the bridge with pid ${lock.heldBy}`);
  const { identity, claim } = await loadIdentity(dataDir);
  const { uidBase, ports } = identity;
  if (uidBase !== null) requireReachable(config);
  const cgroups = openCgroups(identity.bridgeId);
  const takeUid = createUidPool(uidBase === null ? null : uidBase + ports.slots, EXEC_UIDS, table);
  const runtimes = createRuntimes(config.runtimesDir, table, takeUid);
  const spool = openLogSpool({
    folder: path.join(dataDir, 'log-spool'),
    maxBytes: config.logWaitingBytes,
    log,
    secretsOf: (instanceId) => supervisor.workload(instanceId)?.secretEnv.map(({ value }) => value) ?? [],
  });
  const machine: Machine = {
    dataDir,
    uidBase,
    slots: ports.slots,
    table,
    cgroups,
    runtimes,
    spool,
    rotation: { limitBytes: config.logRotateBytes, maxAgeMilliseconds: config.logRotateSeconds * 1000 },
    isSlotShared: (workload) => supervisor.isSlotShared(workload),
  };
  const facts = createFactQueue(path.join(dataDir, 'facts.json'));
  const supervisor = createSupervisor({
    dataDir,
    log,
    effects: createClawEffects(machine),
    timings: DEFAULT_TIMINGS,
    now: Date.now,
    report: (fact) => facts.push(fact),
  });
  facts.onStored((fact) => {
    if (fact.phase === 'removed') supervisor.settle(fact.instanceId, fact.generation);
  });
  const describe = () => describeHost({ dataDir, identity, cgroups });
  supervisor.start();
  const metering = startMetering({ dataDir, everySeconds: config.metricsSeconds, supervisor, log, table, cgroups, uidBase, cpus: availableParallelism() });
  log.info(
    { dataDir, isolation: uidBase === null ? 'none' : 'uid', limits: cgroups.limits, claws: Object.keys(supervisor.generations()).length },
    'bridge started',
  );
  const token = (): string => readFileSync(config.tokenFile, 'utf8').trim();
  const shipper = startLogShipper({ spool, ship: shipToApi({ apiUrl: config.apiUrl, token, log }), log });
  const connection = connectToApi({
    apiUrl: config.apiUrl,
    token,
    log,
    handlers: {
      hello: () => ({ info: describe(), generations: supervisor.generations(), claws: supervisor.claws() }),
      desired: (delta, resync) => supervisor.apply(delta, resync),
      prepare: async (runtime) => {
        await runtimes.prepare(runtime);
      },
      exec: (request) => runOnce(request, { dataDir, runtimes, takeUid }),
      logLevel: (order) => log.turn(order),
      openStream: (target, open) => openTarget(target, { dataDir, uidBase, supervisor, spool }, open),
      connected: (link) => {
        facts.connect(link?.facts ?? null);
        metering.connect(link?.metrics ?? null);
        shipper.connect(link !== null);
        if (link) writeFileSync(readyFile(dataDir), '', { mode: 0o600 });
        else rmSync(readyFile(dataDir), { force: true });
      },
    },
  });
  const infoTimer = setInterval(() => connection.sendInfo(describe()), INFO_MILLISECONDS);
  const disconnect = async (): Promise<void> => {
    clearInterval(infoTimer);
    metering.stop();
    shipper.stop();
    connection.close();
    rmSync(readyFile(dataDir), { force: true });
    await claim.release();
    lock.release();
  };
  return {
    leave: async () => {
      supervisor.detach();
      await disconnect();
    },
    shutDown: async (graceMilliseconds) => {
      await supervisor.haltAll(graceMilliseconds);
      cgroups.close();
      await disconnect();
    },
  };
}

/** Exists while the daemon is connected to the API. */
export function readyFile(dataDir: string): string {
  return path.join(dataDir, 'bridge.ready');
}

/** Claws pass through the data folder to their own; what else is in it is the daemon's alone. */
function makeFolders({ dataDir, runtimesDir }: BridgeConfig): void {
  mkdirSync(runtimesDir, { recursive: true, mode: 0o755 });
  rmSync(path.join(dataDir, 'scratch'), { recursive: true, force: true });
  for (const folder of [dataDir, clawsDir(dataDir), path.join(dataDir, 'scratch')]) {
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o711);
  }
}

function requireReachable({ dataDir, runtimesDir }: BridgeConfig): void {
  for (const folder of [dataDir, runtimesDir]) {
    if (!isReachable(folder))
      throw new Error(
        `claws run under uids of their own and cannot pass through to ${folder}: let others enter the folders above it (chmod o+x), or choose another place`,
      );
  }
}
