# As whom the web server runs what lies in a site, and why it does not: found out by requests. Sourced by `palate setup`, never run.
# shellcheck disable=SC2154 # what setup and the files beside this one set

worker_user=

# A directory that everybody may write to for a moment, in the site, where the web server's user can get: whoever starts the script
# leaves a file there. Other customers may, too, to be taken for the workers' user, who is let read the secrets. They can leave files
# beside the script's, but, as its names cannot be guessed, not in their place: two owners are one too many.
find_worker_user() {
    step="worker's user"
    if [ -n "$dry_run" ]; then
        say_would "find out by a request as whom workers run"
        return 0
    fi
    worker_user=$(sed -n 's/^worker-user //p' "$made")
    [ -n "$worker_user" ] || ask_probe
    if [ "$worker_user" = "$(id -un)" ]; then
        note worker-user "$worker_user"
        say_kept "workers run as $worker_user"
        return 0
    fi
    say_kept "workers run as the web server's user $worker_user"
    share_home
    note worker-user "$worker_user"
}

ask_probe() {
    local probe=$site/palate-probe-$$ status cause
    on_undo remove_tree "$probe"
    { mkdir -- "$probe" && chmod 1777 -- "$probe"; } 2>"$work/err" || fail_step "$(cause_of "$work/err")" "$(fix_write "$probe")"
    undo_file "$site/palate.fcgi"
    cp -p -- "$site/palate.fcgi" "$work/wrapper.own"
    # The worker starts whether a file can be left or not.
    sed "1a mktemp $(quote_for_sh "$probe")/XXXXXXXXXX >/dev/null 2>&1" "$site/palate.fcgi" >"$work/wrapper"
    place_quietly 0755 '' "$work/wrapper" "$site/palate.fcgi"
    status=$(ask none /openapi.json) || status=none
    cause=$(cause_of "$work/err")
    cp -- "$work/answer" "$work/silence" 2>/dev/null || : >"$work/silence"
    place_quietly 0755 '' "$work/wrapper.own" "$site/palate.fcgi"
    chmod 0700 -- "$probe"
    worker_user=$(find "$probe" -type f -printf '%u\n' | sort -u)
    find "$probe" -mindepth 1 -delete
    [ "$(wc -l <<<"$worker_user")" = 1 ] ||
        fail_step "files of $(paste -s -d ' ' - <<<"$worker_user") appeared in $probe, where only the workers' user had to leave one" \
            "run it again; where it stays so, ask the host who does that: he wants to read your secrets"
    [ "$status" != none ] || fail_unreachable "$cause"
    [ -n "$worker_user" ] || explain_silence "$status" "$probe"
    remove_tree "$probe"
    # Of the script as it was for that moment: no request goes to them any more.
    [ "$worker_user" != "$(id -un)" ] || workers_of "$home" | xargs -r kill -TERM 2>/dev/null || true
}

# check_url: before anything is changed, that there is a web server at all.
check_url() {
    step=address
    ask none / >"$work/out" || fail_unreachable "$(cause_of "$work/err")"
}

fail_unreachable() {
    fail_step "$url does not answer: $1" "correct --url; where its name leads elsewhere yet, add --connect ADDRESS"
}

# probe_answers RULES: the status of a page in $probe under an .htaccess with these rules, or "served".
probe_answers() {
    local status
    printf '%s\n' "$1" >"$probe/.htaccess"
    [ -n "$1" ] || rm -f -- "$probe/.htaccess"
    status=$(ask none "/${probe##*/}/page.txt") || status=none
    if [ "$status" = 200 ] && cmp -s -- "$work/answer" "$probe/page.txt"; then
        echo served
    else
        echo "$status"
    fi
}

# explain_silence STATUS PROBE: the script was not started. Below the site as it was before, a page is asked for under one rule after the
# other of those that Palate needs.
explain_silence() {
    local status=$1 probe=$2 plain
    chmod 0755 -- "$probe"
    printf 'palate %s\n' "$RANDOM$RANDOM" >"$probe/page.txt"
    chmod 0644 -- "$probe/page.txt"
    remove_site_files "$site" "$home" >/dev/null 2>&1 || true
    plain=$(probe_answers '')
    case $plain in
    served) ;;
    30?) fail_step "$url answers $plain and leads elsewhere" "curl -sI $url    (give the address that it names as --url)" ;;
    401) fail_step "$url asks for a password of its own" "take Palate's directory out of what is protected so" ;;
    *) fail_step "a page that was put into $site is not at $url, which answers $plain for it" "correct --url or --site: the one must be the address of the other" ;;
    esac
    [ "$(probe_answers 'PalateAsksWhetherThisIsRead on')" != served ] ||
        fail_step "the host ignores .htaccess (AllowOverride None)" "ask the host for AllowOverride AuthConfig FileInfo Options"
    [ "$(probe_answers 'Options +ExecCGI')" = served ] ||
        fail_step "the host's AllowOverride does not permit \"Options +ExecCGI\" in .htaccess" \
            "ask the host for AllowOverride AuthConfig FileInfo Options"
    [ "$(probe_answers $'<IfModule !mod_rewrite.c>\nPalateNeedsIt on\n</IfModule>')" = served ] ||
        fail_step "the host's Apache has no mod_rewrite" "ask the host for mod_rewrite"
    [ "$(probe_answers 'RewriteEngine On')" = served ] ||
        fail_step "the host's AllowOverride does not permit rewrite rules in .htaccess" \
            "ask the host for AllowOverride AuthConfig FileInfo Options"
    [ "$(head -c 9 "$work/silence")" != '#!/bin/sh' ] ||
        fail_step "the host's Apache has neither mod_fcgid nor mod_cgi" "ask the host for mod_fcgid, or for CGI"
    fail_step "$url answers $status, but $site/palate.fcgi was not started$(suexec_refuses)" "see the host's error log"
}

suexec_refuses() {
    [ -z "$(find "$site" -maxdepth 0 -perm /022)" ] || echo ": others may write to $site, and suexec then refuses; chmod go-w $site"
}

# For the web server's user. What was readable by whom before comes back when this run fails.
share_home() {
    local status closed
    if command -v getfacl setfacl >"$work/out" && [ "$(wc -l <"$work/out")" = 2 ]; then
        getfacl -R -p -- "$home" >"$work/acl" 2>/dev/null || true
        on_undo setfacl "--restore=$work/acl"
    fi
    attempt_site share_with_web_user "$home" "$worker_user"
    while read -r status closed; do
        [ "$status" != "done" ] || note acl "$worker_user" "${closed% (readable by *}"
    done < <(cat "$work/out")
    status=$(ask none /openapi.json) || status=none
    [ "$status" != 200 ] || return 0
    closed=$(find_closed_directory)
    [ -z "$closed" ] || fail_step "the web server's user $worker_user cannot enter $closed, above $home" \
        "setfacl -m u:$worker_user:--x $(quote_for_sh "$closed")"
}

# The first directory above the home that the workers' user cannot pass, by its mode, group or access list.
find_closed_directory() {
    local folder=$home mode group groups
    groups=" $(id -Gn -- "$worker_user") "
    while [ "$folder" != / ]; do
        folder=$(dirname "$folder")
        read -r mode group < <(stat -c '%A %G' -- "$folder")
        case ${mode:9:1} in x | t) continue ;; esac
        ! getfacl -cpE -- "$folder" 2>/dev/null | grep -q "^user:$worker_user:..x" || continue
        case $groups in *" $group "*) [ "${mode:6:1}" = - ] || continue ;; esac
        echo "$folder"
        return 0
    done
}

forget_worker_user() {
    [ -z "$dry_run" ] && grep -q '^worker-user ' "$made" || return 0
    sed '/^worker-user /d' "$made" >"$work/made" && place_quietly 0600 '' "$work/made" "$made"
}
