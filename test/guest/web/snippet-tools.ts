/** What a snippet may use beside the globals, in Node and in the isolate. */
export const tools = {
  /** The name of what a function throws, or `nothing`. */
  thrown(todo: () => unknown): string {
    try {
      todo();
    } catch (error) {
      return (error as Error).name;
    }
    return 'nothing';
  },

  /** The name of what a promise is rejected with, or `nothing`. */
  async rejected(todo: () => Promise<unknown>): Promise<string> {
    try {
      await todo();
    } catch (error) {
      return (error as Error).name;
    }
    return 'nothing';
  },

  async readAll<T>(stream: ReadableStream<T>): Promise<T[]> {
    const chunks: T[] = [];
    const reader = stream.getReader();
    for (let result = await reader.read(); !result.done; result = await reader.read()) chunks.push(result.value);
    return chunks;
  },
};

export type Tools = typeof tools;
