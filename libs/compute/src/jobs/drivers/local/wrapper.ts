/**
 * The parent of a local attempt's process: it outlives the worker, hands SIGTERM on, and writes down how its child ended,
 * so that a worker that starts later knows. It is the leader of the attempt's session and process group. Whoever makes
 * the folder `claim` first is the attempt; a second wrapper of the same folder leaves at once.
 *
 *   sh -c WRAPPER wrapper FOLDER DATA_KIB FILE_BLOCKS NICENESS COMMAND...
 */
export const WRAPPER = `
folder=$1 data_kib=$2 file_blocks=$3 niceness=$4
shift 4
umask 077
mkdir "$folder/claim" 2>/dev/null || exit 0
stop= child=
trap 'stop=1; [ -z "$child" ] || kill -TERM "$child" 2>/dev/null' TERM
read -r boot </proc/sys/kernel/random/boot_id
echo "$$ $(cut -d " " -f 22 /proc/$$/stat) $boot" >"$folder/process.new"
mv "$folder/process.new" "$folder/process"
cd "$folder/work" || exit 1
ulimit -c 0
ulimit -d "$data_kib"
ulimit -f "$file_blocks"
code=75
if [ -z "$stop" ]; then
  nice -n "$niceness" "$@" </dev/null >>"$folder/log" 2>&1 &
  child=$!
  [ -z "$stop" ] || kill -TERM "$child" 2>/dev/null
  # A trapped signal ends wait early; a child that has been waited for can't be signalled any more.
  while :; do
    wait "$child"
    code=$?
    kill -0 "$child" 2>/dev/null || break
  done
fi
echo "$code" >"$folder/exit.new"
mv "$folder/exit.new" "$folder/exit"
`;
