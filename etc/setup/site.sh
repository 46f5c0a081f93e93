# `palate setup --site DIR --home DIR --url URL`: shared hosting, as an ordinary user, with one database user. Sourced, never run.
#
# The site gets .htaccess and a script that starts the worker; everything else lies in the home, which is not served. Workers run as this
# user where the host has suexec or the like, else as the web server's own user, who then gets an ACL for what workers read.
# shellcheck disable=SC2154 # what setup and the files beside this one set

configuration='' tool_command='' web_user=''
database_name='' database_user='' database_password='' database_host=''

# ask_for VARIABLE ENVIRONMENT QUESTION [secret]: from the environment, else from the terminal.
ask_for() {
    local answer=${!2:-}
    if [ -z "$answer" ]; then
        [ -t 0 ] && [ -t 2 ] || fail_step "the database's access data are needed, and nothing is asked here" "export $2=...    ($3)"
        printf '%s: ' "$3" >&2
        # shellcheck disable=SC2229
        read -r ${4:+-s} answer
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
    tool_command="PALATE_CONFIG=$configuration $home/palate"
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
    local target=$home/$2
    if [ -e "$target" ]; then
        say_kept "$target"
    elif [ -n "$dry_run" ]; then
        say_would "copy $1 to $target"
    else
        on_undo rm -rf -- "$target"
        cp -R -- "$1" "$target" 2>"$work/err" || fail_step "$(cause_of "$work/err")" "$(mend_write "$target")"
        note copy "$target"
        say_done "$target"
    fi
}

# What every configuration of this home says; `make install` writes no more than that.
own_settings() {
    printf '%s\n' "database.password_file=$home/database.password" "tool.database_password_file=$home/database.password" \
        "token.secret_file=$home/token.secret" "model.directory=$home/models"
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
}

# The socket of this machine, or the host that was named.
database_place() {
    local socket
    if [ -n "$database_host" ]; then
        printf '%s\n' "database.host=${database_host%:*}"
        case $database_host in *:*) printf '%s\n' "database.port=${database_host##*:}" ;; esac
        return 0
    fi
    for socket in "${PALATE_DATABASE_SOCKET:-}" /run/mysqld/mysqld.sock /var/lib/mysql/mysql.sock /tmp/mysql.sock; do
        [ -S "$socket" ] && printf '%s\n' "database.socket=$socket" && return 0
    done
    fail_step "no MariaDB was found on this machine" "export PALATE_DATABASE_HOST=...    (the host's name, or name:port)"
}

configure() {
    local place settings
    make_directory 0711 '' "$home/models"
    step=secrets
    make_secret '' 0600 "$home/token.secret" "token secret"
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
        undo_file "$configuration"
        rm -f -- "$configuration"
    fi
    place 0600 '' "$configuration" configuration <"$work/configuration"
}

check_database() {
    step=database
    [ -z "$dry_run" ] || return 0
    attempt "correct [database] in $configuration, and the password in $(setting tool database_password_file '')" \
        run_tool migrate --dry-run
    say_kept "database $(setting database name palate) lets $(setting database user '') in"
}

# As the library says it, in this command's columns.
say_lines() {
    sed -e 's/^done /done   /' -e 's/^kept /kept   /' "$work/out"
}

place_site() {
    step="site $site"
    if [ -n "$dry_run" ]; then
        say_would "write $site/palate.fcgi and $site/.htaccess"
        return 0
    fi
    undo_file "$site/palate.fcgi"
    undo_file "$site/.htaccess"
    attempt "see the sentence above" place_site_files "$site" "$home" "$setup/htaccess"
    say_lines
    cat "$work/err" >&2
}

# A directory that everybody may write to for a moment: whoever starts the script leaves a file there.
find_worker_user() {
    local probe=$home/probe-$$ status owner
    step="worker's user"
    if [ -n "$dry_run" ]; then
        say_would "find out by a request as whom workers run"
        return 0
    fi
    owner=$(sed -n 's/^worker-user //p' "$made")
    if [ -z "$owner" ]; then
        on_undo remove_tree "$probe"
        mkdir -m 1777 -- "$probe" && chmod 1777 -- "$probe"
        undo_file "$site/palate.fcgi"
        sed "1a : >$(quote_for_sh "$probe")/\$\$" "$site/palate.fcgi" >"$work/wrapper"
        cp -p -- "$site/palate.fcgi" "$work/wrapper.own"
        place_quietly 0755 '' "$work/wrapper" "$site/palate.fcgi"
        status=$(ask none /openapi.json) || status=none
        place_quietly 0755 '' "$work/wrapper.own" "$site/palate.fcgi"
        owner=$(find "$probe" -type f -printf '%u\n' -quit)
        remove_tree "$probe"
        [ -n "$owner" ] || fail_step "$(why_not_started "$status")" "$(mend_not_started "$status")"
        note worker-user "$owner"
    fi
    web_user=$owner
    if [ "$owner" = "$(id -un)" ]; then
        say_kept "workers run as $owner"
        return 0
    fi
    say_kept "workers run as the web server's user $owner"
    attempt "see the sentence above" share_with_web_user "$home" "$owner"
    say_lines
}

why_not_started() {
    case $1 in
    none) echo "$url does not answer: $(cause_of "$work/err")" ;;
    *) echo "$url answers $1, but $site/palate.fcgi was not started" ;;
    esac
}

mend_not_started() {
    case $1 in
    none) echo "correct --url; where the name leads elsewhere yet, add --connect ADDRESS" ;;
    404) echo "correct --url or --site: the one must be the address of the other" ;;
    500) echo "see the host's error log; .htaccess needs AllowOverride AuthConfig FileInfo Options, and mod_fcgid or mod_cgi" ;;
    *) echo "see the host's error log" ;;
    esac
}

show_cron() {
    [ -z "$dry_run" ] || return 0
    cat <<TEXT

Put this line into your crontab (crontab -e, or the host's panel): it trains every night.

17 3 * * * $tool_command train >/dev/null
TEXT
}

set_up_site() {
    tool_worker=$(dirname "$(dirname "$share")")/lib/palate/palate.fcgi
    [ ! -x "$share/palate.fcgi" ] || tool_worker=$share/palate.fcgi
    read_places
    read_url
    check_programs
    ask_for_database
    fill_home
    configure
    check_database
    migrate
    make_tenant
    make_client "$home"
    import items "$items"
    import events "$events"
    train
    place_site
    find_worker_user
    prove
    show_cron
}

remove_site() {
    local kind rest
    read_places
    step=removal
    made=$home/setup.made
    if [ ! -r "$made" ]; then
        say_kept "everything: $made is missing, so nothing here was made by \`palate setup\`"
        return 0
    fi
    if [ -n "$dry_run" ]; then
        say_would "take Palate's part out of $site"
    else
        attempt "see the sentence above" remove_site_files "$site" "$home"
        sed 's/^done \(.*\)/done   \1 taken out/; s/^kept /kept   /' "$work/out"
    fi
    if [ -n "$drop_data" ]; then
        drop_tables
    else
        say_kept "tables in the database $(setting database name palate) (--drop-data drops them)"
    fi
    backup=$home
    remove_all_noted
}

# Only Palate's: the database may hold the shop's, too.
drop_tables() {
    local table to
    step=tables
    if [ -n "$dry_run" ]; then
        say_would "drop Palate's tables in the database $(setting database name palate)"
        return 0
    fi
    command -v mariadb >/dev/null || fail_step "the client mariadb is missing" "drop the tables in the host's panel; leave out --drop-data"
    read_database_settings
    {
        echo 'SET FOREIGN_KEY_CHECKS = 0;'
        for table in $(palate_tables); do
            printf 'DROP TABLE IF EXISTS `%s`;\n' "$table"
        done
    } >"$work/drop"
    as_database_user "$worker_name" "$(setting database password_file '')" "$database_name" <"$work/drop" ||
        fail_step "$(cause_of "$work/err")" "mariadb $database_name"
    say_done "Palate's tables in $database_name dropped"
}
