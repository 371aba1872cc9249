/** Has a bundle's upload looked at and validated by whoever has the compiler; asking twice comes to the same. */
export interface Validations {
  request(params: { readonly tenant: string; readonly bundleId: string }): Promise<void>;
}
