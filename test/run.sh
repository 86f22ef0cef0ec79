# The machinery of test/all and test/long; sourced from the top of the source tree.
#
# Each part runs programs through `counted`, which shows their result lines and counts them.
export KONTOR_SOURCE=$PWD
export KONTOR_SHARED=${KONTOR_SHARED:-$PWD/../shared}
export PYTHONPATH=$PWD/test
export PYTHONDONTWRITEBYTECODE=1
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_stack_use_after_return=1:strict_string_checks=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1:halt_on_error=1}
export TSAN_OPTIONS=${TSAN_OPTIONS:-halt_on_error=1:second_deadlock_stack=1:suppressions=$PWD/test/tsan.suppressions}
export LC_ALL=C.UTF-8
JOBS=${JOBS:-$(nproc)}
out=test/out
rm -rf $out
mkdir -p $out
passed=0
failed=0
skipped=0
started=$SECONDS

pass() { # name
    passed=$((passed + 1))
    echo "ok $1"
}
fail() { # name, why
    failed=$((failed + 1))
    echo "not ok $1: $2"
}

# Runs a command that speaks the protocol of test/lib.sh (or TAP, as cmocka does), shows its result
# lines, counts them. No result, or exit code 1 without a "not ok", is a failure of its own.
counted() { # name, seconds allowed, command...
    run_logged "$@"
    judge "$1" "$2"
}
log_of() { echo $out/$(echo "$1" | tr '/ ' '__').log; } # name
run_logged() { # name, seconds allowed, command...
    local log limit=$2
    log=$(log_of "$1")
    shift 2
    timeout -k 10 "$limit" "$@" >"$log" 2>"$log.err" </dev/null
    echo $? >"$log.code"
}
judge() { # name, seconds allowed
    local name=$1 limit=$2 log code results bad line
    log=$(log_of "$name")
    code=$(cat "$log.code")
    results=$(sed -nE -e 's/^not ok [0-9]+ # SKIP (.*)/skip \1: skipped/p; t' \
        -e 's/^(ok|not ok) [0-9]+ - /\1 /p; t' -e '/^(ok|not ok|skip) [^ ]/p' "$log")
    bad=0
    while IFS= read -r line; do
        case $line in
        "ok "*) passed=$((passed + 1)) ;;
        "not ok "*) failed=$((failed + 1)); bad=1 ;;
        "skip "*) skipped=$((skipped + 1)) ;;
        *) continue ;;
        esac
        echo "$line"
    done <<<"$results"
    if [ "$code" = 124 ] || [ "$code" = 137 ]; then
        fail "$name" "not done after $limit s"
        bad=1
    elif [ "$code" != 0 ] && [ $bad = 0 ]; then
        fail "$name" "exit code $code"
        bad=1
    elif [ -z "$results" ]; then
        fail "$name" "printed no result"
        bad=1
    fi
    if [ $bad = 1 ]; then
        { tail -n 25 "$log" | grep -vE '^(ok|not ok|skip) '; tail -n 40 "$log.err"; } | sed 's/^/    /'
    fi
}

# Runs what is given beside up to JOBS - 1 others; `queue_end` waits for the rest. The results are
# shown and counted in the order of the calls.
queue_names=()
queue_limits=()
queued() { # name, seconds allowed, command...
    while [ "$(jobs -rp | wc -l)" -ge "$JOBS" ]; do wait -n; done
    queue_judge
    queue_names+=("$1")
    queue_limits+=("$2")
    rm -f "$(log_of "$1").code"
    run_logged "$@" &
}
queue_judge() { # those at the head that are done
    while [ ${#queue_names[@]} -gt 0 ] && [ -s "$(log_of "${queue_names[0]}").code" ]; do
        judge "${queue_names[0]}" "${queue_limits[0]}"
        queue_names=("${queue_names[@]:1}")
        queue_limits=("${queue_limits[@]:1}")
    done
}
queue_end() {
    wait
    queue_judge
}

# ---- builds ------------------------------------------------------------------------------------
build_tree() { # name of the test, folder, cmake arguments...
    local name=$1 folder=$2
    shift 2
    if cmake -S . -B "$folder" "$@" >"$out/$folder.log" 2>&1 &&
        cmake --build "$folder" -j "$JOBS" --target "${target:-all}" -- -k >>"$out/$folder.log" 2>&1; then
        pass "$name"
    else
        fail "$name" "see $out/$folder.log"
        grep -nE 'error|Error|warning:' "$out/$folder.log" | head -n 20 | sed 's/^/    /'
        return 1
    fi
}
part_build() {
    if bash cmd/setup >"$out/setup.log" 2>&1; then
        pass setup__has_everything
    else
        fail setup__has_everything "$(tail -n 3 $out/setup.log | tr '\n' ' ')"
        summary
    fi
    build_tree build__release build -DCMAKE_BUILD_TYPE=Release
    build_tree build__address_and_undefined build-asan -DCMAKE_BUILD_TYPE=Debug \
        -DKONTOR_SANITIZE=address,undefined
}

# ---- parts -------------------------------------------------------------------------------------
run_units() { # build folder
    local name
    for name in $(sed -n 's/^kontor_test(\([a-z0-9_]*\).*/\1/p' test/unit/CMakeLists.txt); do
        CMOCKA_MESSAGE_OUTPUT=TAP counted "unit/$name" 600 "$1/test/unit/test_$name"
    done
}
# Scripts that only talk to a server of their own run two at a time; those that look at a screen, at
# the disk or at seconds (a line "# alone") have the machine for themselves.
run_scripts() { # family
    local script binary how
    for script in test/"$1"/*; do
        [ -f "$script" ] && [ -x "$script" ] || continue
        binary=${sanitized:-build-asan}
        how=queued
        case $1 in fault) binary=build; how=counted ;; browser) binary=build ;; esac
        if grep -qE '^(#|//) binary: release$' "$script"; then binary=build; fi
        if grep -qE '^(#|//) alone$' "$script"; then queue_end; how=counted; fi
        KONTOR_BIN=$PWD/$binary/kontor $how "$1/$(basename "$script")" \
            "${script_seconds:-900}" "$script"
    done
    queue_end
}
part_fuzz() { # seconds for each target
    local target=fuzzers name
    build_tree build__fuzz build-fuzz -DCMAKE_BUILD_TYPE=Debug -DKONTOR_FUZZ=ON \
        -DCMAKE_C_COMPILER=clang || return
    for name in $(sed -n 's/^kontor_fuzz(\([a-z0-9_]*\).*/\1/p' test/fuzz/CMakeLists.txt); do
        queued "fuzz/$name" $(($1 + 300)) test/fuzz/run build-fuzz "$out/fuzz" "$1" "$name"
    done
    queue_end
}

# Prints the last line and ends.
summary() {
    echo "($((SECONDS - started)) s)"
    if [ $skipped = 0 ]; then
        echo "$passed passed, $failed failed"
    else
        echo "$passed passed, $failed failed, $skipped skipped"
    fi
    [ $failed = 0 ]
    exit
}
