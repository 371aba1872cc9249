/**
 * What a build does, in one shell: unpacks the workspace, runs the tenant's command in it, and puts back an archive of
 * `workspace/`, `output.log` and `exit-code`. The command's own failure is a result like any other: it is told, and the
 * build succeeds. The build fails where it could not do its own part.
 *
 * Variables: `COMMAND` (text for bash), `WORKSPACE_URL` (gives a .tar.gz), `RESULT_URL` (takes one by PUT).
 */
export const SANDBOX_COMMANDS: readonly string[] = [
  'set -o pipefail',
  'root=$(mktemp --directory) && mkdir "$root/workspace" && cd "$root/workspace"',
  'curl --fail --silent --show-error "$WORKSPACE_URL" | tar --extract --gzip',
  'bash -c "$COMMAND" < /dev/null > "$root/output.log" 2>&1 && echo 0 > "$root/exit-code" || echo $? > "$root/exit-code"',
  'cd "$root" && tar --create --gzip --file result.tar.gz workspace output.log exit-code',
  'curl --fail --silent --show-error --output /dev/null --upload-file result.tar.gz "$RESULT_URL"',
];
