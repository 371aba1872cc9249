/**
 * What a build does, in one shell: fetches workspace and command, runs that, and puts back one archive: the exit code with
 * the seconds it took, both streams (beginning, end and size of each, so that they are small whatever was said), the log,
 * and last `workspace/`. The command's own failure is a result like any other: it is told, and the build succeeds. The build
 * fails where it could not do its own part.
 *
 * Variables: `COMMAND_URL` (gives text for bash), `WORKSPACE_URL` (gives a .tar.gz that holds `workspace/`, such as the
 * archive of an earlier build), `RESULT_URL` (takes one by PUT). The command sees none of them, nor the build's credentials.
 */
export const SANDBOX_COMMANDS: readonly string[] = [
  'set -o pipefail',
  'root=$(mktemp --directory) && cd "$root"',
  'curl --fail --silent --show-error --output command "$COMMAND_URL"',
  'curl --fail --silent --show-error "$WORKSPACE_URL" | tar --extract --gzip --no-same-owner workspace',
  'cd workspace; SECONDS=0; env --ignore-environment PATH="$PATH" HOME="$root/workspace" LANG=C.UTF-8 bash "$root/command" < /dev/null > "$root/stdout" 2> "$root/stderr" && code=0 || code=$?; cd "$root"',
  'echo "$code $SECONDS" > exit-code',
  'for stream in stdout stderr; do head --bytes=262144 $stream > $stream.head; tail --bytes=+262145 $stream | tail --bytes=262144 > $stream.tail; stat --format=%s $stream > $stream.size; done',
  'cat stdout stderr | head --bytes=10000000 > output.log || true',
  'tar --create --gzip --file result.tar.gz exit-code stdout.head stdout.tail stdout.size stderr.head stderr.tail stderr.size output.log workspace',
  'curl --fail --silent --show-error --output /dev/null --upload-file result.tar.gz "$RESULT_URL"',
];
