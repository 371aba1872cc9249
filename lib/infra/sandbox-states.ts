/**
 * The states of a heavy step, in JSONPath. Input: `{ token, command, workspaceUrl, resultUrl }`. `sandbox-finished` gets
 * `{ token, outcome: 'built' }`, or `{ token, outcome: 'failed', cause }` where the build itself could not do its part.
 */
export const sandboxStates = (names: { readonly projectName: string; readonly finishedArn: string }): object => {
  const tell = (outcome: object): object => ({
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Parameters: { FunctionName: names.finishedArn, Payload: { 'token.$': '$.token', ...outcome } },
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
            { Name: 'COMMAND', Type: 'PLAINTEXT', 'Value.$': '$.command' },
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
