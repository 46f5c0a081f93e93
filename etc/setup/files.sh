# Files, directories and settings that `palate setup` makes. Sourced, never run.
#
# What it makes is noted, a line each, in the file $made, newest last: "file CHECKSUM PATH", "directory PATH", "user NAME" and what
# else `palate setup --remove` has to undo. A file that was edited since is never written again: it is its editor's.
# shellcheck disable=SC2154 # what setup and the files beside this one set

made=
# Set where workers that run already go by a secret that is no more.
workers_changed=

# begin_notes FILE: what it holds comes back when this run fails.
begin_notes() {
    made=$1
    [ -n "$dry_run" ] || undo_file "$made"
}

# note WORD...: once each; nothing before begin_notes.
note() {
    [ -n "$made" ] || return 0
    grep -qxF -- "$*" "$made" 2>/dev/null && return 0
    { (umask 077 && printf '%s\n' "$*" >>"$made"); } 2>"$work/err" || fail_step "$(cause_of "$work/err")" "$(fix_write "$made")"
}

checksum() {
    sha256sum <"$1" | cut -c 1-64
}

# noted_checksum PATH: of the file as it was made last, "" when it was not made here.
noted_checksum() {
    [ -r "$made" ] || return 0
    awk -v path="$1" '$1 == "file" && substr($0, 71) == path { sum = $2 } END { print sum }' "$made"
}

note_file() {
    note file "$(checksum "$1")" "$1"
}

# make_directory MODE OWNER:GROUP PATH: one that exists is left as it is.
make_directory() {
    local mode=$1 owner=$2 path=$3
    if [ -d "$path" ]; then
        say_kept "directory $path"
    elif [ -n "$dry_run" ]; then
        say_would "make directory $path (${owner:+$owner, }$mode)"
    else
        on_undo remove_tree "$path"
        { mkdir -- "$path" && own "$owner" "$path" && chmod "$mode" -- "$path"; } 2>"$work/err" ||
            fail_step "$(cause_of "$work/err")" "$(fix_write "$path")"
        note directory "$path"
        say_done "directory $path (${owner:+$owner, }$mode)"
    fi
}

# make_notes MODE OWNER:GROUP FOLDER FILE: the folder, and the notes in it from here on.
make_notes() {
    local new=
    step="directory $3"
    [ -d "$3" ] || new=yes
    make_directory "$1" "$2" "$3"
    begin_notes "$4"
    [ -z "$new" ] || [ -n "$dry_run" ] || note directory "$3"
}

remove_tree() {
    [ ! -d "$1" ] || rm -rf --one-file-system -- "$1"
}

# An ordinary user owns what he makes.
own() {
    [ -z "$1" ] || [ "$(id -u)" != 0 ] || chown -- "$1" "$2"
}

fix_write() {
    local folder
    folder=$(dirname "$1")
    if [ ! -d "$folder" ]; then
        echo "mkdir -p $folder"
    elif [ ! -w "$folder" ]; then
        echo "ls -ld $folder    (this user may not write there)"
    else
        echo "df -h $folder"
    fi
}

# place_quietly MODE OWNER:GROUP SOURCE TARGET: in one step; a file half written is never seen.
place_quietly() {
    local new=$4.palate-new
    on_undo rm -f -- "$new"
    {
        # Nobody else may open it before it has its owner and mode.
        (umask 077 && cat -- "$3" >"$new") && own "$2" "$new" && chmod "$1" -- "$new" && mv -f -- "$new" "$4"
    } 2>"$work/err" || fail_step "$(cause_of "$work/err")" "$(fix_write "$4")"
}

# place MODE OWNER:GROUP TARGET WHAT: its text is standard input.
place() {
    local mode=$1 owner=$2 target=$3 what=$4 text noted
    text=$work/place
    cat >"$text" || fail_step "no room for temporary files in $work" "df -h $work"
    if [ ! -e "$target" ]; then
        noted=
    elif cmp -s "$text" "$target"; then
        say_kept "$what $target"
        return 0
    else
        noted=$(noted_checksum "$target")
        if [ -z "$noted" ] || [ "$noted" != "$(checksum "$target")" ]; then
            say_kept "$what $target (edited; nothing of it is changed)"
            return 0
        fi
    fi
    if [ -n "$dry_run" ]; then
        say_would "write $what $target (${owner:+$owner, }$mode)"
        return 0
    fi
    undo_file "$target"
    place_quietly "$mode" "$owner" "$text" "$target"
    note_file "$target"
    say_done "$what $target"
}

# make_secret OWNER:GROUP MODE TARGET WHAT: random, made once.
make_secret() {
    local owner=$1 mode=$2 target=$3 what=$4
    if [ -s "$target" ]; then
        say_kept "$what $target"
    elif [ -n "$dry_run" ]; then
        say_would "make $what $target (${owner:+$owner, }$mode)"
    else
        undo_file "$target"
        (umask 077 && od -An -v -N32 -tx1 /dev/urandom | tr -d ' \n' >"$work/secret") 2>"$work/err" ||
            fail_step "no room for temporary files in $work" "df -h $work"
        place_quietly "$mode" "$owner" "$work/secret" "$target"
        rm -f -- "$work/secret"
        note_file "$target"
        workers_changed=yes
        say_done "$what $target"
    fi
}

# setting SECTION NAME DEFAULT: of $configuration, as the workers read it; DEFAULT while there is no such file or line.
setting() {
    local value=
    if [ -r "$configuration" ]; then
        value=$(awk -v section="[$1]" -v name="$2" '
            { sub(/\r$/, ""); line = $0; gsub(/^[ \t]+|[ \t]+$/, "", line) }
            line ~ /^\[/ { inside = (line == section) }
            inside && line !~ /^[;#\[]/ && (at = match(line, /[=:]/)) {
                key = substr(line, 1, at - 1); gsub(/[ \t]+$/, "", key)
                if (key == name) {
                    value = substr(line, at + 1); gsub(/^[ \t]+|[ \t]+$/, "", value); found = 1
                }
            }
            END { if (found) print value }' "$configuration")
    fi
    printf '%s\n' "${value:-$3}"
}
