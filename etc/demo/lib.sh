# Shared by the scripts in etc/demo: messages, users, processes, ports. Sourced, never run.
# It starts nothing and writes nothing. All of it needs only what a Debian base system has (bash, coreutils, util-linux, sed, /proc).

set -euo pipefail
umask 022
demo=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
checkout=$(cd "$demo/../.." && pwd -P)
# Where make puts the tool and the worker; see Makefile.
case ${BUILD:=build} in
build) built_tool=$checkout/build/palate built_worker=$checkout/cgi-bin/palate.fcgi ;;
/*) built_tool=$BUILD/palate built_worker=$BUILD/palate.fcgi ;;
*) built_tool=$checkout/$BUILD/palate built_worker=$checkout/$BUILD/palate.fcgi ;;
esac
export PATH="${PATH:-}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin" LC_ALL=C.UTF-8

say() {
    printf '%s\n' "$*"
}

# fail SENTENCE [LOGFILE]: says the sentence and, when there is one, the end of the log; ends the script.
fail() {
    printf '%s: %s\n' "${0##*/}" "$1" >&2
    if [ -n "${2:-}" ] && [ -s "$2" ]; then
        printf '  the last lines of %s:\n' "$2" >&2
        tail -n 8 "$2" | cut -c 1-200 | sed 's/^/  | /' >&2
    fi
    exit 1
}

# Ports that browsers and Node.js refuse to talk to, whatever listens there ("bad port", fetch.spec.whatwg.org, 2.10).
bad_ports="1 7 9 11 13 15 17 19 20 21 22 23 25 37 42 43 53 69 77 79 87 95 101 102 103 104 109 110 111 113 115 117 119 123 135 137 139
143 161 179 389 427 465 512 513 514 515 526 530 531 532 540 548 554 556 563 587 601 636 989 990 993 995 1719 1720 1723 2049 3659 4045
4190 5060 5061 6000 6566 6665 6666 6667 6668 6669 6679 6697 10080"

# warn_of_port PORT: a line where browsers would not get to it; curl and servers do.
warn_of_port() {
    local bad
    for bad in $bad_ports; do
        if [ "$bad" = "$1" ]; then
            say "Browsers and Node.js refuse port $1 (a \"bad port\" of the fetch standard); for them take another: make run PORT=5052"
        fi
    done
}

is_root() {
    [ "$(id -u)" = 0 ]
}

# The users that run the servers: never root; an ordinary user starts everything as himself.
database_user() {
    if ! is_root; then
        id -un
    elif id -u mysql >/dev/null 2>&1; then
        echo mysql
    else
        echo nobody
    fi
}

web_user() {
    if is_root; then
        echo www-data
    else
        id -un
    fi
}

# as_user USER COMMAND...: replaces the shell; run it in ( ) or in the background.
as_user() {
    local user=$1
    shift
    if is_root; then
        exec setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups --no-new-privs -- "$@"
    fi
    exec "$@"
}

# can_enter USER DIR: whether USER can walk into DIR.
can_enter() {
    (as_user "$1" test -x "$2") 2>/dev/null
}

# process_has PID TEXT: whether that process lives and TEXT stands in its command line. Guards every kill against a pid used again.
process_has() {
    [ -n "$1" ] && { tr '\0' ' ' <"/proc/$1/cmdline"; } 2>/dev/null | grep -qF -- "$2"
}

# living PID TEXT: prints the pid while that process lives, for wait_gone.
living() {
    if process_has "$1" "$2"; then
        echo "$1"
    fi
}

# session_members SID TEXT: the processes of a session with TEXT in their command line, so no zombies. Each server here is started as
# the leader of its own session, so these are the server and its workers, also when the server itself is gone.
session_members() {
    local stat line fields
    for stat in /proc/[0-9]*/stat; do
        { read -r line <"$stat"; } 2>/dev/null || continue
        # pid (name) state parent group session ...: the name may hold anything, so the fields are counted after its end.
        read -ra fields <<<"${line##*) }"
        if [ "${fields[3]:-}" = "$1" ]; then
            stat=${stat%/stat}
            living "${stat#/proc/}" "$2"
        fi
    done
}

# wait_gone SECONDS COMMAND...: waits until COMMAND fails or prints nothing.
wait_gone() {
    local tries=$(($1 * 20))
    shift
    while [ "$tries" -gt 0 ]; do
        [ -n "$("$@")" ] || return 0
        sleep 0.05 || true
        tries=$((tries - 1))
    done
    return 1
}

# port_owner PORT: prints who listens where 127.0.0.1:PORT would; fails when the port is free.
port_owner() {
    local hex inode fd
    hex=$(printf '%04X' "$1")
    inode=$(cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk -v port="$hex" '
        $4 == "0A" {
            split($2, a, ":")
            if (a[2] == port && (a[1] ~ /^0+$/ || a[1] == "0100007F" || a[1] == "0000000000000000FFFF00000100007F")) {
                print $10
                exit
            }
        }')
    [ -n "$inode" ] || return 1
    for fd in /proc/[0-9]*/fd; do
        if [ -n "$(find "$fd" -lname "socket:\\[$inode\\]" -print -quit 2>/dev/null)" ]; then
            fd=${fd%/fd}
            echo "process ${fd#/proc/} ($(cat "$fd/comm" 2>/dev/null))"
            return 0
        fi
    done
    echo "another process"
}

# http_status PORT PATH: the status code that 127.0.0.1:PORT answers with; fails when nothing answers within 5 s.
http_status() {
    timeout 5 bash -c '
        exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 1
        printf "GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n" "$2" >&3
        read -r _ status _ <&3 && printf "%s\n" "$status"' - "$1" "$2" 2>/dev/null
}

random_password() {
    od -An -N24 -tx1 /dev/urandom | tr -d ' \n'
}
