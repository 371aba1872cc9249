import { TenonError } from '../core/errors.ts';
import { PolicyRefused } from './policy-refusal.ts';

/** An error of a binding as the guest may see it: no stack, no path. */
export const shownError = (
  error: unknown,
): { readonly name: string; readonly message: string; readonly code?: string } => {
  if (error instanceof TenonError) return { name: 'Error', message: error.message, code: error.code };
  if (error instanceof Error && error.name === 'BindingError') return { name: 'Error', message: error.message };
  if (error instanceof PolicyRefused) return { name: error.name, message: error.message };
  if (error instanceof TypeError) return { name: 'TypeError', message: error.message };
  return { name: 'Error', message: 'The binding failed' };
};
