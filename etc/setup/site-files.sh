# What Palate puts into a site of shared hosting, and how it is taken out again: the .htaccess and the script palate.fcgi, which starts
# the worker of PALATE_HOME with its configuration. Sourced by etc/demo/install and by setup; needs bash, awk and coreutils only.
#
#   place_site_files SITE HOME TEMPLATE    TEMPLATE is the .htaccess text
#   remove_site_files SITE HOME
#   share_with_web_user HOME USER          where workers run as the web server's user: an ACL, since only root may chgrp to its group
#   print_configuration EXAMPLE SECTION.NAME=VALUE...
#
# The first three print a line for each file, `done PATH` or `kept PATH`, perhaps with what there is to know about it in brackets, and
# what keeps them from it on standard error; then their status is 1. Each file is replaced in one step or not at all.
#
# Palate's part of a file stands between `# BEGIN Palate CHECKSUM` and `# END Palate`. What stands outside is the site's own and stays
# as it is, byte for byte. A part that somebody has edited, so that its checksum differs, is kept; what would have been written is then
# put into HOME/htaccess.new or HOME/wrapper.new, whole, so that copying it over the old part is all there is to do.

site_problem() {
    printf '%s: %s\n' "${0##*/}" "$1" >&2
    return 1
}

# checksum_of: of standard input, in one word.
checksum_of() {
    cksum | tr ' ' -
}

# find_part FILE: prints the lines of Palate's part, first and last, its checksum, and `joined` when a newline was added in front of it;
# nothing where there is none. Fails when the markers do not make a pair.
find_part() {
    LC_ALL=C awk '
        { sub(/\r$/, "") }
        $1 == "#" && $2 == "BEGIN" && $3 == "Palate" { begins++; first = NR; rest = $4 " " $5 }
        $1 == "#" && $2 == "END" && $3 == "Palate" && NF == 3 { ends++; last = NR }
        END {
            if (begins == 1 && ends == 1 && first < last) print first, last, rest
            else if (begins || ends) exit 1
        }' "$1"
}

# replace_file TARGET MODE OWNER < TEXT: in one step. Root gives it the owner of the file or directory OWNER, as suexec wants it.
replace_file() {
    local target=$1 mode=$2 owner=$3 new
    new=$(mktemp "$(dirname "$target")/.palate.XXXXXX" 2>/dev/null) ||
        site_problem "$(id -un) cannot write into $(dirname "$target"); run this as $(stat -c %U "$(dirname "$target")")" || return 1
    if cat >"$new" 2>/dev/null && chmod "$mode" "$new" &&
        { [ "$(id -u)" != 0 ] || chown "--reference=$owner" "$new"; } && mv -f -- "$new" "$target"; then
        return 0
    fi
    rm -f -- "$new"
    site_problem "$target could not be written; is there room (df $(dirname "$target")), and may $(id -un) write there?"
}

# print_part BODY [joined]: Palate's part of a file.
print_part() {
    printf '# BEGIN Palate %s%s\n' "$(checksum_of <"$1")" "${2:+ $2}"
    cat -- "$1"
    printf '# END Palate\n'
}

# Before there were markers the whole .htaccess was Palate's, with the configuration's path in it.
is_old_form() {
    head -n 1 -- "$1" | grep -q '^# Palate on shared hosting' && grep -q '^SetEnv PALATE_CONFIG ' "$1"
}

has_part() {
    [ -s "$1" ] && grep -q '^# BEGIN Palate' "$1"
}

# place_part TARGET MODE BODY ASIDE OWNER [HEAD]: writes or renews Palate's part of TARGET. HEAD is what a new file begins with; a file
# that begins so is Palate's alone, and whatever bears its name without Palate's part (the worker itself, from an older Palate) gives way.
place_part() {
    local target=$1 mode=$2 body=$3 aside=$4 owner=$5 head=${6:-} found first last sum joined old
    if [ ! -s "$target" ] || is_old_form "$target" || { [ -n "$head" ] && ! has_part "$target"; }; then
        { printf '%s' "$head" && print_part "$body"; } | replace_file "$target" "$mode" "$owner" || return 1
        echo "done $target"
        return 0
    fi
    found=$(find_part "$target") || site_problem "the lines \"# BEGIN Palate\" and \"# END Palate\" of $target are no pair any more; take \
them and what is Palate's out, then run this again" || return 1
    if [ -z "$found" ]; then
        joined=
        [ -z "$(tail -c 1 -- "$target" | tr -d '\n')" ] || joined=joined
        { cat -- "$target" && printf '%s' "${joined:+$'\n'}" && print_part "$body" "$joined"; } |
            replace_file "$target" "$(stat -c %a "$target")" "$target" || return 1
        echo "done $target (what was there stands in front of Palate's part)"
        return 0
    fi
    read -r first last sum joined <<<"$found"
    old=$(head -n "$((last - 1))" -- "$target" | tail -n "+$((first + 1))" | checksum_of)
    if [ "$old" = "$(checksum_of <"$body")" ] && [ "$old" = "$sum" ]; then
        echo "kept $target"
    elif [ "$old" != "$sum" ] && [ "$sum" = "$(checksum_of <"$body")" ]; then
        echo "kept $target (Palate's part was edited; there is nothing newer)"
    elif [ "$old" != "$sum" ]; then
        print_part "$body" | replace_file "$aside" 0644 "$(dirname "$aside")" || return 1
        # The same script as a new file, for new workers.
        [ -z "$head" ] || replace_file "$target" "$(stat -c %a "$target")" "$target" <"$target" || return 1
        echo "kept $target (Palate's part was edited; today's is in $aside)"
    else
        { head -n "$((first - 1))" -- "$target" && print_part "$body" "$joined" && tail -n "+$((last + 1))" -- "$target"; } |
            replace_file "$target" "$(stat -c %a "$target")" "$target" || return 1
        echo "done $target"
    fi
}

# remove_part TARGET: takes Palate's part out, and the file with it when nothing is left.
remove_part() {
    local target=$1 found first last joined
    [ -e "$target" ] || return 0
    found=$(find_part "$target") || site_problem "the lines \"# BEGIN Palate\" and \"# END Palate\" of $target are no pair any more; \
take out by hand what is Palate's" || return 1
    if [ -z "$found" ]; then
        echo "kept $target (nothing in it is Palate's)"
        return 0
    fi
    read -r first last _ joined <<<"$found"
    if [ -z "$(sed "${first},${last}d" "$target" | head -c 1 | tr '\0\n' xx)" ]; then
        rm -f -- "$target" || return 1
    else
        {
            # The newline that was added for Palate's part goes with it, unless something has been put behind.
            if [ "$joined" = joined ] && [ -z "$(tail -n "+$((last + 1))" -- "$target" | head -c 1 | tr '\0\n' xx)" ]; then
                head -n "$((first - 1))" -- "$target" | head -c -1
            else
                head -n "$((first - 1))" -- "$target" && tail -n "+$((last + 1))" -- "$target"
            fi
        } | replace_file "$target" "$(stat -c %a "$target")" "$target" || return 1
    fi
    echo "done $target"
}

# quote_for_sh TEXT: as one word of a shell, whatever is in it.
quote_for_sh() {
    local quoted="'\\''"
    printf "'%s'" "${1//\'/"$quoted"}"
}

# file_state PATH: something that changes when the file is replaced or edited, and tells nothing of what is in it.
file_state() {
    stat -c %i.%Y -- "$1" 2>/dev/null || echo none
}

# The script's text. mod_fcgid knows workers by the inode of the file that it starts, so a new file is what makes it start new ones; a new
# time (touch), a new worker or a new configuration is not.
print_wrapper() {
    local home=$1
    cat <<WRAPPER
# The site's end of Palate: starts the worker, which lies outside of the site, with its configuration. No secret is in here.
# It works where the web server takes the environment away (suexec) and where it runs programs as plain CGI. Yours, such as
# export LD_LIBRARY_PATH=..., goes between the first line and Palate's part.
# Of worker $(file_state "$home/palate.fcgi") and configuration $(file_state "$home/palate.conf"): where these change this is a new file, and
# mod_fcgid starts new workers for it.
PALATE_CONFIG=$(quote_for_sh "$home/palate.conf")
worker=$(quote_for_sh "$home/palate.fcgi")
export PALATE_CONFIG
if [ ! -x "\$worker" ]; then
    echo "palate.fcgi: the user \$(id -un) cannot run \$worker: it is missing, or a directory above it is closed to that user" >&2
    [ -n "\${GATEWAY_INTERFACE:-}" ] || exit 1
    # Plain CGI: what the worker itself answers to any path when it has no configuration.
    printf 'Status: 500 Internal Server Error\\r\\nContent-Type: application/json\\r\\n\\r\\n{"detail":"Failed to get recommendations",'
    printf '"error":"The service is not configured","message":"The service is not configured","code":"internal_error"}'
    exit 1
fi
[ -z "\${GATEWAY_INTERFACE:-}" ] || exec "\$worker" "\$GATEWAY_INTERFACE"
exec "\$worker"
WRAPPER
}

# workers_of HOME: the process ids of its FastCGI workers. A worker that has locked itself down shows no more than its command line; the
# script gives it a word more for plain CGI.
workers_of() {
    local process program
    for process in /proc/[0-9]*; do
        if { IFS= read -r -d '' program && [ "$program" = "$1/palate.fcgi" ] && ! IFS= read -r -d '' _; } 2>/dev/null <"$process/cmdline"; then
            echo "${process#/proc/}"
        fi
    done 2>/dev/null
}

# own_routes FILE: the first directive, with its line, by which a site answers paths of its own: rules that do more than redirect or
# refuse, or that would bend Palate's.
own_routes() {
    LC_ALL=C awk '
        { sub(/\r$/, ""); word = tolower($1) }
        word == "rewriterule" {
            flags = $NF ~ /^\[.*\]$/ ? tolower($NF) : ""
            target = flags == "" ? $NF : $(NF - 1)
            if (flags !~ /[[,](r|f|g|redirect|forbidden|gone)[],=]/ && target != "-" && target !~ /^"?https?:\/\//) found = 1
        }
        word == "rewritebase" || word == "rewritemap" || word == "fallbackresource" || word == "sethandler" { found = 1 }
        found { sub(/^[ \t]+/, ""); printf "line %d: %s\n", NR, substr($0, 1, 100); exit }' "$1"
}

# check_site SITE: that every path of the directory may become Palate's. It is asked only until Palate's part is there.
check_site() {
    local site=$1 routes others
    if [ -s "$site/.htaccess" ]; then
        routes=$(own_routes "$site/.htaccess")
        [ -z "$routes" ] || site_problem "$site/.htaccess serves paths of its own ($routes), and under Palate's rules every path is the \
worker's; choose a directory below the site, such as $site/palate" || return 1
    fi
    others=$(find "$site" -mindepth 1 -maxdepth 1 ! -name '.*' ! -name palate.fcgi -printf '%f\n' | LC_ALL=C sort | head -n 3 | paste -s -d ' ')
    [ -z "$others" ] || site_problem "$site holds other things ($others ...), which nobody could reach any more, since under Palate's rules \
every path is the worker's; choose a directory below the site, such as $site/palate, or take them away first"
}

# rules_of SITE: the path of its .htaccess. Root does not follow a link of its owner's to what is not the owner's.
rules_of() {
    local rules
    rules=$(readlink -m -- "$1/.htaccess")
    if [ "$(id -u)" = 0 ] && [ -e "$rules" ] && [ "$(stat -c %u -- "$rules")" != "$(stat -c %u -- "$1")" ]; then
        site_problem "$rules belongs to $(stat -c %U -- "$rules"), and $1 to $(stat -c %U -- "$1"); run this as the site's owner" || return 1
    fi
    echo "$rules"
}

place_site_files() {
    local site home template=$3 htaccess work workers before status=0
    site=$(readlink -f -- "$1") && [ -d "$site" ] ||
        site_problem "the directory $1 does not exist; the site is a directory that your host serves, or one in it" || return 1
    home=$(readlink -f -- "$2") && [ -d "$home" ] || site_problem "the directory $2 does not exist" || return 1
    case $home/ in "$site"/*)
        site_problem "$home lies in the site, where a web server may serve it; choose a directory outside of $site" || return 1
        ;;
    esac
    case $site$home in *$'\n'*) site_problem "a path with a line break in it cannot be written into files" || return 1 ;; esac
    htaccess=$(rules_of "$site") || return 1
    if [ -s "$htaccess" ] && is_old_form "$htaccess"; then
        replace_file "$home/htaccess.old" 0644 "$home" <"$htaccess" || return 1
        echo "done $home/htaccess.old (what was in $htaccess, an older Palate's; your own lines in it are yours to take over)"
    elif ! has_part "$htaccess"; then
        check_site "$site" || return 1
    fi
    before=$(file_state "$site/palate.fcgi")
    workers=$(workers_of "$home")
    work=$(mktemp -d) || return 1
    { print_wrapper "$home" >"$work/wrapper" && cat -- "$template" >"$work/htaccess"; } 2>/dev/null ||
        { rm -rf -- "$work" && site_problem "$template could not be read, or there is no room in ${TMPDIR:-/tmp}"; } || return 1
    place_part "$site/palate.fcgi" 0755 "$work/wrapper" "$home/wrapper.new" "$site" $'#!/bin/sh\n' &&
        place_part "$htaccess" 0644 "$work/htaccess" "$home/htaccess.new" "$site" || status=1
    rm -rf -- "$work"
    [ "$status" = 0 ] || return 1
    # Of the workers that no request goes to any more mod_fcgid would keep three for ever (FcgidMinProcessesPerClass). Each ends when it has
    # answered. Those of the web server's own user are not ours to end.
    if [ -n "$workers" ] && [ "$(file_state "$site/palate.fcgi")" != "$before" ]; then
        kill -TERM $workers 2>/dev/null || true
    fi
    if [ -n "$(find "$site" -maxdepth 0 -perm /022)" ]; then
        echo "${0##*/}: others than its owner may write to $site: where the host uses suexec, that refuses to run what is there; chmod go-w $(quote_for_sh "$site")" >&2
    fi
}

remove_site_files() {
    local site=$1 home=$2 wrapper=$1/palate.fcgi htaccess workers
    [ -d "$site" ] || site_problem "the directory $site does not exist" || return 1
    home=$(readlink -m -- "$home")
    if [ -e "$wrapper" ] && has_part "$wrapper" && ! grep -qxF "worker=$(quote_for_sh "$home/palate.fcgi")" "$wrapper"; then
        site_problem "$wrapper starts a worker that is not in $home; name the home that it has: $(grep '^worker=' "$wrapper")" || return 1
    fi
    # The rules first: without the script they would answer every path with an error.
    htaccess=$(rules_of "$site") && remove_part "$htaccess" || return 1
    if has_part "$wrapper"; then
        rm -f -- "$wrapper" || return 1
        echo "done $wrapper"
    fi
    workers=$(workers_of "$home")
    [ -z "$workers" ] || kill -TERM $workers 2>/dev/null || true
    rm -f -- "$home/htaccess.new" "$home/wrapper.new"
}

# setting_of FILE SECTION NAME: the value, or nothing.
setting_of() {
    LC_ALL=C awk -v section="[$2]" -v name="$3" '
        /^\[/ { inside = $1 == section }
        inside && $0 ~ "^" name "[ \t]*=" { sub(/^[^=]*=[ \t]*/, ""); sub(/[ \t\r]+$/, ""); print; exit }' "$1"
}

share_with_web_user() {
    local home=$1 user=$2 file rights state
    command -v setfacl >/dev/null || site_problem "setfacl is missing, with which an ordinary user lets the web server's user $user read \
files; ask the host for the package acl, or for suexec, under which workers run as you" || return 1
    state=$(setting_of "$home/palate.conf" limits state_file)
    for file in "$home" "$home/palate.conf" "$(setting_of "$home/palate.conf" database password_file)" \
        "$(setting_of "$home/palate.conf" token secret_file)" "$(setting_of "$home/palate.conf" model directory)" "${state%/*}"; do
        [ -e "$file" ] || continue
        rights=r--
        case $file in "$home") rights=--x ;; "${state%/*}") rights=rwx ;; *) [ ! -d "$file" ] || rights=r-x ;; esac
        if getfacl -cpE -- "$file" 2>/dev/null | grep -qxF "user:$user:$rights"; then
            echo "kept $file (readable by $user)"
            continue
        fi
        setfacl -m "u:$user:$rights" -- "$file" || site_problem "the web server's user $user cannot be allowed to read $file; does this file \
system have ACLs? Else ask the host for suexec, under which workers run as you" || return 1
        echo "done $file (readable by $user)"
    done
}

# print_configuration EXAMPLE SECTION.NAME=VALUE...: the example with those settings set. Fails where one cannot be.
print_configuration() {
    local example=$1 setting
    shift
    for setting in "$@"; do
        case $setting in
        *$'\n'* | *[[:blank:]]';'* | *=[[:blank:]]* | *[[:blank:]])
            site_problem "a configuration file cannot hold this value: $setting" || return 1
            ;;
        esac
    done
    SETTINGS=$(printf '%s\n' "$@") LC_ALL=C awk '
        BEGIN {
            count = split(ENVIRON["SETTINGS"], lines, "\n")
            for (i = 1; i <= count; i++)
                if (lines[i] != "") {
                    at = index(lines[i], "=")
                    values[substr(lines[i], 1, at - 1)] = substr(lines[i], at + 1)
                }
        }
        /^\[/ { section = substr($1, 2, length($1) - 2) }
        /^;?[a-z_]+[ \t]*=/ {
            name = $0
            sub(/[ \t]*=.*/, "", name)
            sub(/^;/, "", name)
            key = section "." name
            if (key in values) {
                if (length(name " = " values[key]) > 199) long = key
                print name " = " values[key]
                delete values[key]
                next
            }
        }
        { print }
        END {
            for (key in values) { print "no such setting: " key | "cat >&2"; exit 1 }
            if (long != "") { print "longer than a line of 199 bytes: " long | "cat >&2"; exit 1 }
        }' "$example" || site_problem "not every setting could be put into what was made of $example"
}
