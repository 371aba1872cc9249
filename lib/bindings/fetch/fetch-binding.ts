import { type BindingDefinition, defineBinding } from '../define-binding.ts';
import { FetchGateway, type FetchGatewayOptions, MAX_FETCH_BODY_BYTES } from './fetch-gateway.ts';
import { readFetchRequest } from './fetch-request.ts';

/**
 * What the guest's `fetch` calls. Every tenant has it; its egress policy decides where it leads, and with "none" it says so.
 */
export const fetchBinding = (options: FetchGatewayOptions = {}): BindingDefinition => {
  const gateway = new FetchGateway(options);
  return defineBinding({
    name: '$fetch',
    type: 'fetch',
    methods: ['fetch'],
    create: () => ({
      fetch: ([call], { caller }) =>
        gateway.fetch(readFetchRequest(call, options.maxBodyBytes ?? MAX_FETCH_BODY_BYTES), caller),
    }),
    close: () => gateway.close(),
  });
};
