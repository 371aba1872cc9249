/**
 * What runs as the first process in fresh namespaces: makes a root of its own, leaves the host's behind, gives up every
 * privilege and starts the command. In POSIX shell, by programs of util-linux: Node has no call for any of it.
 *
 * Arguments: an empty folder to build the root in, the workspace, the user to become (`-`: who it is already), then the
 * command, with all that has to stand before it.
 */
export const SETUP_SCRIPT = `
set -eu
root=$1 workspace=$2 user=$3
shift 3
# If memory runs out, the kernel takes these before it takes the service.
echo 1000 > /proc/self/oom_score_adj

# The root is a small file system in memory, with the host's programs in it and nothing else of the host.
mount -t tmpfs -o mode=0755,size=1m,nosuid,nodev tenon "$root"
cd "$root"
mkdir usr etc proc dev dev/shm tmp workspace old
mount --rbind /usr usr
for name in bin sbin lib lib32 lib64 libx32; do
  if [ -L "/$name" ]; then ln -s "$(readlink "/$name")" "$name"
  elif [ -d "/$name" ]; then mkdir "$name"; mount --rbind "/$name" "$name"; fi
done
# Names of programs that lead through there, and where the loader finds libraries.
if [ -d /etc/alternatives ]; then mkdir etc/alternatives; mount --bind /etc/alternatives etc/alternatives; fi
if [ -e /etc/ld.so.cache ]; then : > etc/ld.so.cache; mount --bind /etc/ld.so.cache etc/ld.so.cache; fi
# Also what is mounted further down: a mount keeps its own flags.
while read -r _ _ _ _ point _; do
  point=$(printf '%b' "$point")
  case $point in "$root"/*) mount -o remount,bind,ro,nosuid,nodev "$point" ;; esac
done < /proc/self/mountinfo
printf 'root:x:0:0::/:/bin/sh\\nsandbox:x:1000:1000::/workspace:/bin/sh\\nnobody:x:65534:65534::/:/bin/false\\n' > etc/passwd
printf 'root:x:0:\\nsandbox:x:1000:\\nnogroup:x:65534:\\n' > etc/group
printf '127.0.0.1 localhost sandbox\\n' > etc/hosts
for name in null zero full random urandom; do : > "dev/$name"; mount --bind "/dev/$name" "dev/$name"; done
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin; ln -s fd/1 dev/stdout; ln -s fd/2 dev/stderr
mount -t proc -o nosuid,nodev,noexec proc proc
mount -t tmpfs -o mode=1777,size=256m,nosuid,nodev tmp tmp
mount -t tmpfs -o mode=1777,size=64m,nosuid,nodev shm dev/shm
mount --bind "$workspace" workspace
mount -o remount,bind,nosuid,nodev "$root/workspace"

pivot_root . old
cd /
umount -l old
rmdir old
mount -o remount,bind,ro,nosuid,nodev /
cd /workspace
hostname sandbox 2> /dev/null || true
# The loopback of this network, which is all there is in it.
ip link set lo up 2> /dev/null || true

# One more user namespace, without any right over the mounts, and none after it.
inner='set -eu
echo 1 > /proc/sys/user/max_user_namespaces
exec unshare --user --map-user=1000 --map-group=1000 "$@"'
if [ "$user" = - ]; then exec sh -c "$inner" sh "$@"; fi
# Root of the host: files of /proc know it by its number, and no limit on processes binds it.
exec setpriv --reuid="$user" --regid="$user" --clear-groups --pdeathsig=KILL unshare --user --map-root-user sh -c "$inner" sh "$@"
`;

/**
 * The first process of a sandbox once everything is given up: starts the command, reaps what that leaves behind, and ends
 * with it; the kernel then ends whatever else is in there.
 */
export const REAPER_SCRIPT = '"$@" & wait "$!"';
