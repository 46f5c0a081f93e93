# `palate setup --site DIR --home DIR --url URL`: shared hosting, as an ordinary user, with one database user. Sourced, never run.
#
# The site gets .htaccess and a script that starts the worker; everything else lies in the home, which is not served. Workers run as this
# user where the host has suexec or the like, else as the web server's own user, who then gets an ACL for what workers read.
# shellcheck disable=SC2154 # what setup and the files beside this one set

configuration='' tool_command=''
database_name='' database_user='' database_password='' database_host='' database_ssl=off database_ca=''

# ask_for VARIABLE ENVIRONMENT QUESTION [secret]: from the environment, else from the terminal.
ask_for() {
    local answer=${!2:-}
    if [ -z "$answer" ]; then
        [ -z "$dry_run" ] || return 0
        [ -t 0 ] && [ -t 2 ] || fail_step "the database's access data are needed, and nothing is asked here" "export $2=...    ($3)"
        printf '%s: ' "$3" >&2
        # shellcheck disable=SC2229
        IFS= read -r ${4:+-s} answer
        [ -z "${4:-}" ] || printf '\n' >&2
    fi
    [ -n "$answer" ] || fail_step "no answer to \"$3\"" "run it again"
    printf -v "$1" '%s' "$answer"
}

read_places() {
    step=options
    [ "$(id -u)" != 0 ] || fail_step "this form is for an ordinary user, whose files everything will be" "run it as whose site it is"
    [ -d "$site" ] || fail_step "the directory $site does not exist" "mkdir -p $site"
    site=$(readlink -f -- "$site")
    home=$(readlink -m -- "$home")
    case $home/ in "$site"/*) fail_step "--home lies in the site, where it would be served" "take a directory outside of $site" ;; esac
    configuration=$home/palate.conf
    tool_command="PALATE_CONFIG=$(printf %q "$configuration") $(printf %q "$home/palate")"
}

# Before anything is changed: that the site may become Palate's.
check_places() {
    local rules
    step="site $site"
    [ -w "$site" ] || fail_step "you may not write into $site" "ls -ld $site    (take a directory of your own that the host serves)"
    rules=$(readlink -m -- "$site/.htaccess")
    has_part "$rules" || { [ -s "$rules" ] && is_old_form "$rules"; } || attempt_site check_site "$site"
}

read_url() {
    step=options
    [ -n "$url" ] || ask_for url PALATE_URL "Address of the site, such as https://www.example.org/shop"
    [[ $url =~ ^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?$ ]] ||
        fail_step "\"$url\" is no address of a site" "give one such as --url https://www.example.org/shop"
    while [[ $url == */ ]]; do url=${url%/}; done
    base_path=${url#*://}
    case $base_path in */*) base_path=/${base_path#*/} ;; *) base_path= ;; esac
}

check_programs() {
    local program missing=()
    step=programs
    for program in curl awk sha256sum; do
        command -v "$program" >/dev/null || missing+=("$program")
    done
    [ ${#missing[@]} = 0 ] || fail_step "this host lacks ${missing[*]}" "ask the host for them"
    ldd "$tool_worker" 2>/dev/null | grep 'not found' >"$work/err" || return 0
    fail_step "libraries are missing: $(sed 's/ *=>.*//; s/^[[:space:]]*//' "$work/err" | paste -s -d ' ' -)" \
        "put them into a directory, and name it in $site/palate.fcgi: export LD_LIBRARY_PATH=...; or ask the host for them"
}

# The tool and what belongs to it, unless `make install PALATE_HOME=` has put it there.
fill_home() {
    local path
    make_notes 0711 '' "$home" "$home/setup.made"
    if [ "$(readlink -f -- "$tool")" = "$home/palate" ]; then
        say_kept "tool and worker in $home"
        return 0
    fi
    copy_into_home "$tool" palate
    copy_into_home "$tool_worker" palate.fcgi
    for path in "$share/sql" "$setup" "$share/palate.conf.example"; do
        copy_into_home "$path" "${path##*/}"
    done
    tool=$home/palate
}

copy_into_home() {
    local target=$home/$2 old=$work/old-$2
    if [ -e "$target" ] && { diff -rq -- "$1" "$target" >/dev/null 2>&1 || ! grep -qxF -- "copy $target" "$made"; }; then
        say_kept "$target"
    elif [ -n "$dry_run" ]; then
        say_would "copy $1 to $target"
    else
        # An upgrade of the machine's Palate is one of its copies, too. A program that runs is not written into.
        on_undo rm -rf -- "$target.new"
        cp -R -- "$1" "$target.new" 2>"$work/err" || fail_step "$(cause_of "$work/err")" "$(fix_write "$target")"
        if [ -e "$target" ]; then
            cp -a -- "$target" "$old" 2>"$work/err" || fail_step "$(cause_of "$work/err")" "df -h $work"
            on_undo cp -a -T -- "$old" "$target"
        fi
        on_undo rm -rf -- "$target"
        [ ! -d "$target" ] || rm -rf -- "$target"
        mv -fT -- "$target.new" "$target"
        note copy "$target"
        say_done "$target"
    fi
}

# What every configuration of this home says; `make install` writes no more than that.
own_settings() {
    printf '%s\n' "database.password_file=$home/database.password" "tool.database_password_file=$home/database.password" \
        "token.secret_file=$home/token.secret" "model.directory=$home/models" "limits.state_file=$home/state/limits"
}

# is_configured: by an earlier run, or by hand.
is_configured() {
    local own
    mapfile -t own < <(own_settings)
    [ -e "$configuration" ] &&
        ! cmp -s "$configuration" <(print_configuration "$share/palate.conf.example" "${own[@]}" 2>/dev/null)
}

ask_for_database() {
    step=database
    ! is_configured || return 0
    ask_for database_name PALATE_DATABASE_NAME "Name of the database"
    ask_for database_user PALATE_DATABASE_USER "Its user"
    ask_for database_password PALATE_DATABASE_PASSWORD "The user's password" secret
    database_host=${PALATE_DATABASE_HOST:-}
    database_ca=${PALATE_DATABASE_CA:-}
    ! is_elsewhere "${database_host%:*}" || database_ssl=${PALATE_DATABASE_SSL:-on}
}

# The socket of this machine, or the host that was named.
database_place() {
    local socket
    # Panels name this machine so; its socket is meant.
    if [ -n "$database_host" ] && [ "$database_host" != localhost ]; then
        printf '%s\n' "database.host=${database_host%:*}"
        case $database_host in *:*) printf '%s\n' "database.port=${database_host##*:}" ;; esac
        tls_settings
        return 0
    fi
    for socket in "${PALATE_DATABASE_SOCKET:-}" /run/mysqld/mysqld.sock /var/lib/mysql/mysql.sock /tmp/mysql.sock; do
        [ -S "$socket" ] && printf '%s\n' "database.socket=$socket" && return 0
    done
    step=database
    fail_step "no MariaDB runs on this machine: no socket was found where it usually is" \
        "export PALATE_DATABASE_HOST=...    (the host's name, or name:port), or PALATE_DATABASE_SOCKET=...; or ask the host to start it"
}

configure() {
    local place settings
    step=directories
    # What a model tells of the shop is no other customer's.
    make_directory 0700 '' "$home/models"
    [ -n "$dry_run" ] || note models "$home/models"
    # What workers count together, which another customer must not change.
    make_directory 0700 '' "$home/state"
    [ -n "$dry_run" ] || note counters "$home/state"
    step=secrets
    make_secret '' 0600 "$home/token.secret" "token secret"
    # By the time of the configuration the script becomes a new file, for which there are new workers.
    [ -z "$workers_changed" ] || [ ! -e "$configuration" ] || touch -- "$configuration"
    step=configuration
    if is_configured; then
        say_kept "configuration $configuration"
        [ "$(setting http base_path '')" = "$base_path" ] ||
            fail_step "--url says base_path = $base_path, but $configuration says \"$(setting http base_path '')\"" \
                "correct [http] base_path there, or --url"
        return 0
    fi
    place 0600 '' "$home/database.password" "database's password" <<<"$database_password"
    place=$(database_place) || exit 1
    mapfile -t settings <<<"$place"
    mapfile -t -O "${#settings[@]}" settings < <(own_settings)
    settings+=("database.name=$database_name" "database.user=$database_user" "tool.database_user=$database_user" "http.base_path=$base_path")
    print_configuration "$share/palate.conf.example" "${settings[@]}" >"$work/configuration" 2>"$work/err" ||
        fail_step "$(cause_of "$work/err")" "choose other names"
    if [ -z "$dry_run" ] && [ -e "$configuration" ]; then
        note default "$configuration"
        undo_file "$configuration"
        rm -f -- "$configuration"
    fi
    place 0600 '' "$configuration" configuration <"$work/configuration"
}

check_database() {
    step=database
    [ -z "$dry_run" ] || return 0
    attempt "$(fix_database)" run_tool migrate --dry-run
    say_kept "database $(setting database name palate) lets $(setting database user '') in"
}

place_site() {
    step="site $site"
    if [ -n "$dry_run" ]; then
        say_would "write $site/palate.fcgi and $site/.htaccess"
        return 0
    fi
    undo_file "$site/palate.fcgi"
    undo_file "$(readlink -m -- "$site/.htaccess")"
    attempt_site place_site_files "$site" "$home" "$setup/htaccess"
}

# The configuration of a first run is undone when it fails, so what it was told is what to correct.
fix_database() {
    if [ -n "$database_name" ]; then
        [ "$database_ssl" != on ] || printf '%s; ' "$fix_tls"
        echo "compare with the host's panel: PALATE_DATABASE_NAME, PALATE_DATABASE_USER, PALATE_DATABASE_PASSWORD, PALATE_DATABASE_HOST"
    else
        echo "correct [database] in $configuration, and the password in $(setting tool database_password_file '')"
    fi
}

# Read by the tool's user, by whom the schema is made.
ask_tables() {
    as_database_user "$tool_name" "$(setting tool database_password_file '')" "$database_name"
}

list_tables() {
    ask_tables <<<'SHOW TABLES' | LC_ALL=C sort
}

# Tables that this run makes go again when it fails; the database may hold the shop's own.
guard_tables() {
    local foreign
    step=schema
    [ -z "$dry_run" ] || return 0
    read_database_settings
    find_socket
    if ! command -v mariadb >/dev/null; then
        on_undo tables_stay
        return 0
    fi
    list_tables >"$work/tables" || fail_step "$(cause_of "$work/err")" "$(fix_database)"
    if ! grep -qxF schema_versions "$work/tables"; then
        foreign=$(palate_tables | grep -xF -f "$work/tables" | LC_ALL=C sort | paste -s -d ' ' -) || true
        [ -z "$foreign" ] || fail_step "$database_name holds tables of other programs that have the names of Palate's: $foreign" \
            "make a database of Palate's own in the host's panel, and name that"
    fi
    on_undo drop_new_tables
}

tables_stay() {
    echo "the tables in the database $database_name: without the client mariadb they stay; the next run goes on with them" >&2
    return 1
}

drop_new_tables() {
    list_tables >"$work/tables.now" || { cat "$work/err" >&2 && return 1; }
    LC_ALL=C comm -13 "$work/tables" "$work/tables.now" | grep -xF -f <(palate_tables) |
        sed '1i SET FOREIGN_KEY_CHECKS = 0;
s/.*/DROP TABLE `&`;/' >"$work/drop" || true
    [ ! -s "$work/drop" ] || ask_tables <"$work/drop" || { cat "$work/err" >&2 && return 1; }
}

show_cron() {
    [ -z "$dry_run" ] || return 0
    cat <<TEXT

Put these lines into your crontab (crontab -e, or the host's panel): they train every night, and remove logs of more than 90 days.

17 3 * * * ${tool_command//%/\\%} --no-progress train >/dev/null
47 3 * * * ${tool_command//%/\\%} --no-progress prune >/dev/null
TEXT
}

set_up_site() {
    tool_worker=$(dirname "$(dirname "$share")")/lib/palate/palate.fcgi
    [ ! -x "$share/palate.fcgi" ] || tool_worker=$share/palate.fcgi
    read_places
    read_url
    check_programs
    check_places
    check_url
    ask_for_database
    fill_home
    configure
    check_database
    guard_tables
    migrate
    make_tenant
    make_client "$home"
    import items "$items"
    import events "$events"
    train
    place_site
    find_worker_user
    keep_for_good
    # A proof that fails may be due to a host that has changed its mind about whose user workers run as: the next run finds out anew.
    (prove) || { forget_worker_user && keep_for_good && exit 1; }
    show_cron
}
