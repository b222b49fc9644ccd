export { hostObserverWorkflow } from './host/host-observer.workflow.ts';
export { metricsHousekeepingWorkflow } from './housekeeping/metrics-housekeeping.workflow.ts';
export { instanceWorkflow } from './instance/instance.workflow.ts';
export { mailWorkflow } from './mail/mail.workflow.ts';
export { providerVerifyWorkflow } from './provider/provider-verify.workflow.ts';
export { keyRotationWorkflow } from './secrets/key-rotation.workflow.ts';
export { tenantWorkflow } from './tenant/tenant.workflow.ts';
