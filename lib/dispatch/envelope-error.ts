/** Thrown where a persisted payload is no envelope: the instance was not created through a wrapped binding. */
export class MissingDispatcherMetadataError extends Error {
  override readonly name = 'MissingDispatcherMetadataError';

  constructor() {
    super(
      'The workflow payload carries no dispatcher metadata. Create instances through the binding that wrapWorkflowBinding() returns, so that the dispatcher knows whose code to load.',
    );
  }
}
