# The parent of one container that has neither an input nor a terminal (those have interactive-shim.ts); it outlives the node agent. Usage: sh shim.sh STATE EVENT LOG DRAIN LAUNCHER...
#   STATE  folder of the container: gets `launcher` (a PID) and the FIFOs of its output
#   EVENT  path whose `.exit` gets the exit status, 128 + signal where a signal ended it
#   LOG    file that gets the output in the CRI's format, opened anew for each line: to rotate it is to rename it
#   DRAIN  `drain` waits for the end of the output before it reports the exit, so that the log is complete by then; NAME=VALUE first kills
#          what carries that in its environment, as without a PID namespace nothing ends with a container's first process; else `report`
export LC_ALL=C
state=$1 event=$2 log=$3 drain=$4
shift 4

# /proc/uptime is a clock that costs no process; `date` is asked once in a minute of output, so steps of the clock are followed.
stamp() {
  IFS='. ' read -r seconds hundredths _ </proc/uptime
  now=$((seconds * 100 + 1$hundredths - 100))
  if [ "$now" -ge "$minute_end" ]; then
    IFS=' .' read -r minute seconds fraction <<EOF
$(date -u '+%Y-%m-%dT%H:%M %S.%N')
EOF
    case $fraction in [0-9][0-9]*) hundredths=${fraction%"${fraction#??}"} ;; *) hundredths=00 ;; esac
    minute_start=$((now - (1$seconds - 100) * 100 - (1$hundredths - 100)))
    minute_end=$((minute_start + 6000))
  fi
  hundredths=$((now - minute_start + 10000))
  seconds=${hundredths#1}
  time=$minute:${seconds%??}.${seconds#??}0000000Z
}

# copy STREAM: one process per stream, as the shell reads a pipe byte by byte and writes each line at once.
copy() {
  minute_end=0
  while IFS= read -r line; do
    stamp
    printf '%s %s F %s\n' "$time" "$1" "$line" >>"$log"
  done
  [ -z "$line" ] || { stamp; printf '%s %s P %s\n' "$time" "$1" "$line" >>"$log"; }
}

# Also those that cleared their environment, where they still hold the output (who reads it has it as 0). Again until there is none: they may be starting others.
kill_marked() {
  round=0
  while [ "$round" -lt 20 ]; do
    found=
    for path in $(grep -lszxF -e "$drain" /proc/[0-9]*/environ; find /proc/[0-9]*/fd ! -name 0 -lname "$state/std*" 2>/dev/null); do
      path=${path#/proc/}
      case ${path%%/*} in "$stdout" | "$stderr") ;; *) found="$found ${path%%/*}" ;; esac
    done
    [ -n "$found" ] || return
    kill -KILL $found 2>/dev/null
    round=$((round + 1))
  done
}

: >>"$log"
mkfifo "$state/stdout" "$state/stderr"
copy stdout <"$state/stdout" &
stdout=$!
copy stderr <"$state/stderr" &
stderr=$!
# In the foreground, as a shell makes what it starts in the background ignore INT and QUIT.
(
  read -r launcher _ </proc/self/stat
  echo "$launcher" >"$state/launcher"
  exec "$@" </dev/null >"$state/stdout" 2>"$state/stderr"
)
status=$?
case $drain in *=*) kill_marked ;; esac
[ "$drain" = report ] || wait "$stdout" "$stderr"
echo "$status" >"$event.exit"
