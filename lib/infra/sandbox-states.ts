/**
 * The states of a heavy step, in JSONPath. Input: `{ job, commandUrl, workspaceUrl, resultUrl }`. `sandbox-finished` gets
 * `{ job, outcome: 'built' }`, or `{ job, outcome: 'failed', cause }` where the build itself could not do its part.
 *
 * `job` names where the rest stands in the bucket: whoever may read executions learns whose command ran when, and until
 * they expire the links; neither the command, nor its environment, nor the token that settles the step.
 */
export const sandboxStates = (names: { readonly projectName: string; readonly finishedArn: string }): object => {
  const tell = (outcome: object): object => ({
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Parameters: { FunctionName: names.finishedArn, Payload: { 'job.$': '$.job', ...outcome } },
    Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 2, MaxAttempts: 6, BackoffRate: 2 }],
    ResultPath: null,
    End: true,
  });
  return {
    QueryLanguage: 'JSONPath',
    StartAt: 'Build',
    States: {
      Build: {
        Type: 'Task',
        Resource: 'arn:aws:states:::codebuild:startBuild.sync',
        Parameters: {
          ProjectName: names.projectName,
          EnvironmentVariablesOverride: [
            { Name: 'COMMAND_URL', Type: 'PLAINTEXT', 'Value.$': '$.commandUrl' },
            { Name: 'WORKSPACE_URL', Type: 'PLAINTEXT', 'Value.$': '$.workspaceUrl' },
            { Name: 'RESULT_URL', Type: 'PLAINTEXT', 'Value.$': '$.resultUrl' },
          ],
        },
        Retry: [{ ErrorEquals: ['CodeBuild.ThrottlingException'], IntervalSeconds: 5, MaxAttempts: 8, BackoffRate: 2 }],
        Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.failure', Next: 'TellFailed' }],
        ResultPath: null,
        Next: 'TellBuilt',
      },
      TellBuilt: tell({ outcome: 'built' }),
      TellFailed: tell({ outcome: 'failed', 'cause.$': '$.failure.Cause' }),
    },
  };
};
