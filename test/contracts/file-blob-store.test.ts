import { FileBlobStore } from '../../lib/adapters/embedded/file-blob-store.ts';
import { testBlobStore } from './blob-store-contract.ts';
import { makeFolder } from './embedded-folder.ts';

let folder: ReturnType<typeof makeFolder> | undefined;

testBlobStore({
  setup: async () => {
    folder = makeFolder();
    return new FileBlobStore(folder.path);
  },
  teardown: async () => folder?.remove(),
});
