/** A file of the built page, as it is and compressed. */
export interface PageFile {
  readonly contentType: string;
  readonly bytes: Uint8Array;
  readonly brotli: Uint8Array;
}

/** The built page. */
export interface PageFiles {
  /** @param name `index.html`, or the name of an asset as that says it, such as `assets/main-4f.js` */
  read(name: string): Promise<PageFile | undefined>;
}
