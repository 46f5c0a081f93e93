# What `palate setup` says, and how a run that fails is undone. Sourced, never run.
#
# One line a step on standard output: "done" it was made, "kept" it was there, "would" a --dry-run would make it. A failure goes to
# standard error with its step, its cause and the command that fixes it; then all that this run made is undone, newest first.
# shellcheck disable=SC2154 # what setup and the files beside this one set

dry_run=
step=
undo_commands=()
work=$(mktemp -d) || {
    printf 'FAIL   start: no directory for temporary files can be made in %s\n       fix: df -h %s; or name another: export TMPDIR=...\n' \
        "${TMPDIR:-/tmp}" "${TMPDIR:-/tmp}" >&2
    exit 1
}

say_done() { printf 'done   %s\n' "$*"; }
say_kept() { printf 'kept   %s\n' "$*"; }
say_would() { printf 'would  %s\n' "$*"; }

# fail_step CAUSE MEND: MEND is a command, or a sentence where none would do.
fail_step() {
    local fix=$2
    case $1 in *'No space left on device'*) [[ $fix == df\ * ]] || fix="df -h    (no file system that is full can be written to)" ;; esac
    printf 'FAIL   %s: %s\n' "$step" "$1" >&2
    printf '       fix: %s\n' "$fix" >&2
    exit 1
}

misused() {
    printf 'palate setup: %s; see `palate setup --help`\n' "$1" >&2
    exit 2
}

# on_undo COMMAND ARGUMENT...: what undoes the next change. It is noted before the change, so it must also work when nothing was made.
on_undo() {
    undo_commands+=("$(printf '%q ' "$@")")
}

# The file as it is now, or its absence, comes back.
undo_file() {
    local copy
    if [ -e "$1" ] || [ -L "$1" ]; then
        copy=$work/undo-${#undo_commands[@]}
        cp -a -- "$1" "$copy"
        on_undo put_back "$copy" "$1"
    else
        on_undo rm -f -- "$1"
    fi
}

# In one step; where the disk is full, in the room of what takes its place.
put_back() {
    # In a trap a bare return would hand on the status from before it.
    cp -a -- "$1" "$2.undo" && mv -f -- "$2.undo" "$2" && return 0
    rm -f -- "$2.undo" "$2"
    cp -a -- "$1" "$2"
}

undo_all() {
    local i=${#undo_commands[@]} failed=
    [ "$i" -gt 0 ] || return 0
    while [ "$i" -gt 0 ]; do
        i=$((i - 1))
        eval "${undo_commands[$i]}" >/dev/null 2>>"$work/undo.log" </dev/null || failed=yes
    done
    if [ -n "$failed" ]; then
        printf '       not all that this run made could be undone:\n' >&2
        sed 's/^/       | /' "$work/undo.log" >&2
    else
        printf '       What this run had made has been undone. Correct this, and run the same command again.\n' >&2
    fi
}

# At every end. After keep_for_good() nothing is undone any more.
finish() {
    local status=$?
    trap '' INT TERM HUP PIPE
    trap - EXIT
    # Nobody may be left to read what is said.
    [ "$status" = 0 ] || undo_all || true
    rm -rf -- "$work"
    exit "$status"
}

keep_for_good() {
    undo_commands=()
}

trap finish EXIT
trap 'printf "palate setup: interrupted\n" >&2; exit 130' INT
trap 'exit 143' TERM HUP
# Of itself the status would be that of the command before, mostly 0, and nothing would be undone.
trap 'exit 141' PIPE

# The last lines of what a command said, as one line; without the tool's own name.
cause_of() {
    sed -E -e 's/^(palate|setup): //' -e '/^[[:space:]]*$/d' "$1" | tail -n "${2:-3}" | cut -c 1-400 | paste -s -d ' ' -
}

# attempt MEND COMMAND...: quietly; its standard output stays in $work/out.
attempt() {
    local fix=$1
    shift
    if ! "$@" >"$work/out" 2>"$work/err" </dev/null; then
        cat "$work/out" "$work/err" >"$work/both"
        fail_step "$(cause_of "$work/both")" "$fix"
    fi
}

# attempt_site COMMAND...: one of site-files.sh, which says "CAUSE; MEND". Its standard output, in this command's columns, is said.
attempt_site() {
    local cause
    if ! "$@" >"$work/out" 2>"$work/err" </dev/null; then
        cause=$(cause_of "$work/err")
        fail_step "${cause%; *}" "$(case $cause in *'; '*) echo "${cause##*; }" ;; *) echo "correct that, and run it again" ;; esac)"
    fi
    sed -e 's/^done /done   /' -e 's/^kept /kept   /' "$work/out"
    sed 's/^setup: /note   /' "$work/err" >&2
}

# As attempt, with the command's progress on standard error.
attempt_long() {
    local fix=$1
    shift
    if ! "$@" </dev/null 2>&1 >"$work/out" | tee "$work/err" >&2; then
        fail_step "$(cause_of "$work/err" 1)" "$fix"
    fi
}
