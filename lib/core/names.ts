/** What a name may look like, one place for every kind of name. */

const TENANT_ID = /^[a-z0-9][a-z0-9-]{0,62}$/;
const INSTANCE_ID = /^[a-zA-Z0-9_][a-zA-Z0-9-_]*$/;
const EVENT_TYPE = /^[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,99}$/;
const WORKFLOW_NAME = /^[a-zA-Z_$][a-zA-Z0-9_$]{0,63}$/;
const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the rule is about control characters
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f]/;

export const MAX_INSTANCE_ID_LENGTH = 100;
export const MAX_STEP_NAME_LENGTH = 256;

export const isTenantId = (value: string): boolean => TENANT_ID.test(value);
export const isInstanceId = (value: string): boolean =>
  value.length <= MAX_INSTANCE_ID_LENGTH && INSTANCE_ID.test(value);
export const isEventType = (value: string): boolean => EVENT_TYPE.test(value);
/** An exported class's name: a JavaScript identifier of at most 64 ASCII characters. */
export const isWorkflowName = (value: string): boolean => WORKFLOW_NAME.test(value);
export const isEnvName = (value: string): boolean => ENV_NAME.test(value);
export const isStepName = (value: unknown): value is string =>
  typeof value === 'string' &&
  value.length > 0 &&
  value.length <= MAX_STEP_NAME_LENGTH &&
  !CONTROL_CHARACTER.test(value);
