# What `palate setup --remove` does, from the notes of what was made. Sourced, never run.
# shellcheck disable=SC2154 # what setup and the files beside this one set

# Files that were edited since are not thrown away.
backup=/var/backups/palate

remove_file() {
    local sum=$1 path=$2
    [ -e "$path" ] || return 0
    if [ "$sum" != "$(checksum "$path")" ]; then
        { (umask 077 && mkdir -p -- "$backup") && cp -a -- "$path" "$backup/${path##*/}.edited"; } 2>"$work/err" ||
            fail_step "$(cause_of "$work/err")" "$(fix_write "$backup")"
        say_done "$path removed; it was edited: see $backup/${path##*/}.edited"
    else
        say_done "$path removed"
    fi
    rm -f -- "$path"
}

remove_noted() {
    local kind=$1 rest=$2
    case $kind in
    file) remove_file "${rest%% *}" "${rest#* }" ;;
    copy) rm -rf -- "$rest" && say_done "$rest removed" ;;
    link) rm -f -- "$rest" && say_done "$rest removed" ;;
    mod | site)
        attempt "a2dis$kind $rest" "a2dis$kind" -q --purge "$rest"
        say_done "Apache's $kind $rest disabled"
        ;;
    directory)
        if [ "$rest" = "${home:-}" ]; then
            remove_home
        else
            remove_tree "$rest" && say_done "$rest removed"
        fi
        ;;
    acl) stop_sharing "${rest%% *}" "${rest#* }" ;;
    models) remove_models "$rest" ;;
    counters) rm -f -- "$rest"/limits* ;;
    default) default_configuration "$rest" ;;
    user)
        attempt "wait until what runs as $rest has ended (pgrep -a -u $rest), and run this again" userdel "$rest"
        say_done "system user $rest removed"
        ;;
    esac
}

# The newest first, so that nothing is missing while something else still names it.
remove_all_noted() {
    local kind rest
    tac -- "$made" >"$work/made"
    while read -r kind rest; do
        [ "$kind" != worker-user ] || continue
        if [ -n "$dry_run" ]; then
            [ "$kind" != file ] || rest=${rest#* }
            say_would "remove the $kind $rest"
        else
            remove_noted "$kind" "$rest"
        fi
    done <"$work/made"
    [ -n "$dry_run" ] || rm -f -- "$made"
}
