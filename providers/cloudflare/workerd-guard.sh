#!/bin/sh
# Runs workerd so that it never outlives the process that started it, also when that one is killed outright.
# SYNC_GAUNTLET_WORKERD is the real binary; SYNC_GAUNTLET_WORKERD_PID, when set, is a file that gets its pid.
[ -n "$SYNC_GAUNTLET_WORKERD_PID" ] && echo $$ > "$SYNC_GAUNTLET_WORKERD_PID"
if command -v setpriv >/dev/null 2>&1; then
  exec setpriv --pdeathsig KILL -- "$SYNC_GAUNTLET_WORKERD" "$@"
fi
# Without setpriv (macOS) a watcher looks for the parent each second. It must not hold miniflare's pipes open.
parent=$PPID
self=$$
(
  while kill -0 "$parent" 2>/dev/null && kill -0 "$self" 2>/dev/null; do sleep 1; done
  kill -0 "$parent" 2>/dev/null || kill -9 "$self" 2>/dev/null
) </dev/null >/dev/null 2>&1 3>&- &
exec "$SYNC_GAUNTLET_WORKERD" "$@"
