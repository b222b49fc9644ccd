import { z } from 'zod';
import { ConfigError, commonEnv, parseConfig } from './platform/config.ts';
import { createEgress } from './platform/egress.ts';
import { createLogger } from './platform/logger.ts';
import { createOutboundGuard } from './platform/outbound.ts';

const egressEnv = z.object({
  /** Address and port to listen on. */
  EGRESS_HOST: z.string().default('127.0.0.1'),
  EGRESS_PORT: z.coerce.number().int().min(0).max(65_535).default(3128),
  LITELLM_MASTER_KEY: commonEnv.LITELLM_MASTER_KEY,
  OUTBOUND_ALLOW: commonEnv.OUTBOUND_ALLOW,
  LOG_LEVEL: commonEnv.LOG_LEVEL,
});

/** The way out of LiteLLM: a proxy that connects to model providers where they may be, and nowhere else. */
function main(): void {
  const { EGRESS_HOST: host, EGRESS_PORT: port, ...config } = parseConfig('The egress', egressEnv, process.env);
  const logger = createLogger({ name: 'egress', level: config.LOG_LEVEL });
  const server = createEgress({ guard: createOutboundGuard({ allow: config.OUTBOUND_ALLOW }), token: config.LITELLM_MASTER_KEY, logger });
  server.listen(port, host, () => logger.info({ host, port }, 'the egress is ready'));
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => {
      logger.info('the egress is stopping');
      process.exit(0);
    });
}

try {
  main();
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
