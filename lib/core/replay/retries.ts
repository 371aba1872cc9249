export { DEFAULT_STEP_CONFIG, retryDelayMs } from '../step-config.ts';
