# Helpers for test scripts in bash; sourced as  . "$(dirname "$0")/../lib.sh"
#
# The protocol of every test script, whatever its language: lines on standard output
#     ok NAME
#     not ok NAME: why
#     skip NAME: why
# and exit code 0, or 1 when something is not ok. test/all counts the lines.
#
# Set by test/all, with defaults for running a script alone:
#     KONTOR_SOURCE  top of the source tree
#     KONTOR_BIN     the program under test
#     KONTOR_SHARED  folder with sample data from outside the tree; may not exist
set -u
KONTOR_SOURCE=${KONTOR_SOURCE:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)}
KONTOR_SHARED=${KONTOR_SHARED:-$KONTOR_SOURCE/../shared}
if [ -z "${KONTOR_BIN:-}" ]; then
    for dir in build-asan build; do
        if [ -x "$KONTOR_SOURCE/$dir/kontor" ]; then
            KONTOR_BIN=$KONTOR_SOURCE/$dir/kontor
            break
        fi
    done
    KONTOR_BIN=${KONTOR_BIN:-$KONTOR_SOURCE/build/kontor}
fi
export KONTOR_SOURCE KONTOR_SHARED KONTOR_BIN
failures=0

ok() { # name
    echo "ok $1"
}
not_ok() { # name, why
    echo "not ok $1: $(printf '%s' "$2" | tr '\n' ' ' | cut -c1-400)"
    failures=$((failures + 1))
}
skip() { # name, why
    echo "skip $1: $2"
}
check() { # name, command...: ok if it succeeds
    local name=$1 out
    shift
    if out=$("$@" 2>&1); then ok "$name"; else not_ok "$name" "$* failed: $out"; fi
}
equal() { # name, wanted, got
    if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "wanted '$2', got '$3'"; fi
}
contains() { # name, wanted part, text
    case $3 in
    *"$2"*) ok "$1" ;;
    *) not_ok "$1" "'$2' is not in '$3'" ;;
    esac
}
report() { # name, findings: ok if there are none, else all are shown on standard error
    if [ -z "$2" ]; then ok "$1"; else printf '%s\n' "$2" >&2; not_ok "$1" "$2"; fi
}
finish() {
    [ "$failures" = 0 ]
    exit
}

# ---- a system to test --------------------------------------------------------------------------
# new_system: an empty system in a directory of its own, removed at exit. Sets DATA, CONF.
# kontor ARGS: the program on that system. start_daemon / stop_daemon: sets URL and DAEMON.
SCRATCH=
DAEMON=
URL=
scratch() { # makes SCRATCH once
    if [ -z "$SCRATCH" ]; then
        SCRATCH=$(mktemp -d)
        trap 'stop_daemon; rm -rf "$SCRATCH"' EXIT
    fi
}
new_system() { # [extra arguments of init]
    scratch
    stop_daemon
    DATA=$(mktemp -d "$SCRATCH/XXXX")/data
    CONF=${DATA%/data}/conf
    echo "kontor test password" >"$SCRATCH/password"
    mkdir -p "$CONF"
    "$KONTOR_BIN" init --company Test --currency EUR --zone Europe/Berlin \
        --admin admin@example.com --password-file "$SCRATCH/password" "$@" \
        --data "$DATA" --conf "$CONF" >"$SCRATCH/init.log" 2>&1 ||
        { cat "$SCRATCH/init.log" >&2; return 1; }
}
kontor() { # command, arguments
    "$KONTOR_BIN" "$@" --data "$DATA" --conf "$CONF"
}
start_daemon() { # [extra arguments of serve]
    local i
    : >"$SCRATCH/serve.out"
    "$KONTOR_BIN" serve --listen 127.0.0.1:0 "$@" --data "$DATA" --conf "$CONF" \
        >"$SCRATCH/serve.out" 2>"$SCRATCH/serve.err" </dev/null &
    DAEMON=$!
    for ((i = 0; i < 600; i++)); do
        URL=$(sed -n 's/^ready //p' "$SCRATCH/serve.out")
        if [ -n "$URL" ]; then return 0; fi
        if ! kill -0 "$DAEMON" 2>/dev/null; then break; fi
        sleep 0.05
    done
    cat "$SCRATCH/serve.err" >&2
    DAEMON=
    return 1
}
stop_daemon() { # [signal]
    [ -n "$DAEMON" ] || return 0
    kill "-${1:-TERM}" "$DAEMON" 2>/dev/null
    wait "$DAEMON" 2>/dev/null
    DAEMON=
}
