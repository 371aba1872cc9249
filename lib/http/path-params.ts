import { invalidField, TenonError } from '../core/errors.ts';
import { isEnvName, isEventType, isInstanceId, isWorkflowName } from '../core/names.ts';
import { isApprovalName } from '../core/replay/policies.ts';
import { isDeferredToken } from '../service/deferred-token.ts';
import {
  bundleNotFound,
  deferredNotFound,
  keyNotFound,
  versionNotFound,
  workflowNotFound,
} from '../service/refusals.ts';

/** A part of a path: what it may look like, and the answer where it does not. */
export interface PathParam {
  readonly description: string;
  readonly isValid: (value: string) => boolean;
  readonly refuse: () => TenonError;
}

const MADE_NAME = /^[A-Za-z0-9_-]{1,128}$/;
const isMadeName = (value: string): boolean => MADE_NAME.test(value);

/** The tenant is looked up before the route is entered. */
export const TENANT: PathParam = {
  description: "The tenant's id",
  isValid: () => true,
  refuse: () => new TenonError('tenant.not_found', ''),
};
export const WORKFLOW: PathParam = {
  description: "The workflow's name: an exported class",
  isValid: isWorkflowName,
  refuse: workflowNotFound,
};
export const INSTANCE: PathParam = {
  description: "The instance's id",
  isValid: isInstanceId,
  refuse: () => new TenonError('instance.not_found', 'The workflow has no instance with this id.'),
};
export const EVENT_TYPE: PathParam = {
  description: "The event's type",
  isValid: isEventType,
  refuse: () =>
    invalidField('type', 'An event type has 1 to 100 letters, digits, `_`, `.` and `-`, not first a `.` or `-`.'),
};
export const BUNDLE: PathParam = { description: "The bundle's id", isValid: isMadeName, refuse: bundleNotFound };
export const VERSION: PathParam = { description: "The version's name", isValid: isMadeName, refuse: versionNotFound };
export const KEY: PathParam = { description: "The key's id", isValid: isMadeName, refuse: keyNotFound };
export const CHECK: PathParam = {
  description: "The check's id",
  isValid: isMadeName,
  refuse: () => new TenonError('check.not_found', 'The version has no check with this id.'),
};
export const ENV_NAME: PathParam = {
  description: "The variable's name",
  isValid: isEnvName,
  refuse: () =>
    invalidField('NAME', 'A name has 1 to 64 letters, digits and underscores and does not start with a digit.'),
};
export const POLICY: PathParam = {
  description: "The policy's name",
  isValid: isMadeName,
  refuse: () => invalidField('name', 'A name has 1 to 128 letters, digits, `_` and `-`.'),
};
export const APPROVAL: PathParam = {
  description: 'The approval, as the instance shows it',
  isValid: isApprovalName,
  refuse: () => new TenonError('approval.not_found', 'The instance asks for no approval of this name.'),
};
export const DEFERRED_TOKEN: PathParam = {
  description: 'The token of a deferred result: whoever holds it may complete that result, once',
  isValid: isDeferredToken,
  refuse: deferredNotFound,
};
/** Checked by whoever signed it, as is that of uploads. */
export const DOWNLOAD_TOKEN: PathParam = {
  description: 'The token of a download link',
  isValid: () => true,
  refuse: () => new TenonError('download.not_found', ''),
};
export const UPLOAD_TOKEN: PathParam = {
  description: 'The token of an upload link',
  isValid: () => true,
  refuse: () => new TenonError('upload.invalid', ''),
};
