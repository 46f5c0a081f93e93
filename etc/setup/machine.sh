# `palate setup --host`: a machine of one's own, as root. The order of the steps, and the way back. Sourced, never run.
#
#   /etc/palate          configuration, secrets, clients        root 0644; secrets palate:www-data 0640, what only the tool may read palate:palate 0600
#   /var/lib/palate      models (palate trains, workers read), state (workers share it), setup.made (what --remove undoes)
#   /var/log/palate      the workers' log
#   and a file each for the web server, cron and logrotate
#
# The system user palate runs the tool from cron. Workers run as the web server's user: they may read all that they need and write
# nothing but their log and state.
# shellcheck disable=SC2154 # what setup and the files beside this one set

configuration=/etc/palate/palate.conf
worker=$(dirname "$(dirname "$share")")/lib/palate/palate.fcgi
notes=/var/lib/palate/setup.made
tool_command="palate"

# Cron's user.
run_trainer() {
    (cd / && PALATE_CONFIG=$configuration exec setpriv --reuid=palate --regid=palate --init-groups -- "$tool" "$@")
}

read_host() {
    local name
    # Clients and lighttpd write names in small letters.
    host=${host,,}
    name=${host%:*}
    [[ $host =~ ^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?$ ]] || misused "--host is a name such as api.example.org, or NAME:PORT"
    [ "$name" = "$host" ] || web_port=${host##*:}
    url=http://$host
    [ "$web_port" != 80 ] || url=http://$name
    host=$name
    connect=${connect:-127.0.0.1:$web_port}
}

require_root() {
    step="user"
    [ "$(id -u)" = 0 ] || fail_step "this needs root" "sudo palate setup ...; on shared hosting: palate setup --site DIR --home DIR --url URL"
}

# Root acts by what is written in these: makes the files and directories that the configuration names, removes what the notes do. Whoever
# else may write there could have it do so anywhere.
check_writers() {
    local path
    step="who may write"
    for path in "${configuration%/*}" "$configuration" "${notes%/*}" "$notes"; do
        [ -e "$path" ] || continue
        [ "$(stat -L -c %u -- "$path")" = 0 ] ||
            fail_step "$path belongs to $(stat -L -c %U -- "$path"), who could have root write anywhere" "chown root:root $path && chmod go+r-w $path$([ ! -d "$path" ] || echo " && chmod go+x $path")"
        [ -z "$(find -L "$path" -maxdepth 0 -perm /022)" ] ||
            fail_step "others than root may write to $path, who could have root write anywhere" "chmod go-w $path"
    done
}

check_worker() {
    step=worker
    [ -x "$worker" ] || fail_step "$worker is not installed" "make install"
    ldd "$worker" 2>/dev/null | grep 'not found' >"$work/err" || return 0
    fail_step "libraries are missing: $(sed 's/ *=>.*//; s/^[[:space:]]*//' "$work/err" | paste -s -d ' ' -)" "make packages"
}

make_system_user() {
    step="system user"
    if id -u palate >/dev/null 2>&1; then
        say_kept "system user palate"
    elif [ -n "$dry_run" ]; then
        say_would "make the system user palate"
    else
        on_undo userdel palate
        attempt "useradd --system palate" useradd --system --user-group --home-dir /var/lib/palate --no-create-home \
            --shell /usr/sbin/nologin palate
        note user palate
        say_done "system user palate"
    fi
}

# In the column of the lines around it.
database_place() {
    if [ -z "$database_host" ]; then
        echo "socket        = $database_socket"
    else
        printf 'host          = %s\nport          = %s\n' "$database_host" "$database_port"
        [ "$database_ssl" = on ] || return 0
        printf 'ssl           = on\n'
        [ -z "$database_ca" ] || printf 'ssl_ca        = %s\n' "$database_ca"
    fi
}

configuration_text() {
    cat <<CONFIGURATION
# Made by \`palate setup\`. Every setting with its meaning: $share/palate.conf.example
# After a change: palate doctor, then reload the web server.
[database]
$(database_place)
name          = palate
user          = palate_worker
password_file = /etc/palate/worker.password

[tool]
database_user          = palate_tool
database_password_file = /etc/palate/tool.password

[token]
algorithm   = HS256
secret_file = /etc/palate/token.secret

[model]
directory = /var/lib/palate/models

[limits]
state_file = /var/lib/palate/state/limits

[log]
file = /var/log/palate/requests.log
CONFIGURATION
}

make_files() {
    local owner=palate:$web_group
    step=directories
    make_directory 0755 root:root /etc/palate
    make_directory 2750 "$owner" "$(setting model directory /var/lib/palate/models)"
    make_directory 2770 "$owner" /var/lib/palate/state
    make_directory 2750 "$web_user:adm" /var/log/palate
    step=secrets
    # Where the configuration names others, those count.
    make_secret "$owner" 0640 "$(setting database password_file /etc/palate/worker.password)" "workers' password"
    make_secret palate:palate 0600 "$(setting tool database_password_file /etc/palate/tool.password)" "tool's password"
    [ "$(setting token algorithm HS256)" != HS256 ] ||
        make_secret "$owner" 0640 "$(setting token secret_file /etc/palate/token.secret)" "token secret"
    step=configuration
    if [ -e "$configuration" ]; then
        say_kept "configuration $configuration"
    else
        # Root acts by what it says, so only root may write it. No secret is in it.
        place 0644 root:root "$configuration" configuration < <(configuration_text)
    fi
}

set_up_database() {
    make_database
    make_user "$tool_name" "$(setting tool database_password_file /etc/palate/tool.password)"
    own_database
    migrate
    make_user "$worker_name" "$(setting database password_file /etc/palate/worker.password)"
    grant_worker
}

# The example names port 80, which is the host's when nothing else is said.
cron_text() {
    local name=${url#http://}
    sed -e "s|@HOST@|$name|g" -e "s|--connect 127\.0\.0\.1|--connect $connect|g" "$share/cron-example"
}

# The files of cron and logrotate. The lock is cron's user's; the directory is not.
set_up_regular_work() {
    local lock=/var/lib/palate/train.lock
    step="regular work"
    if [ ! -e "$lock" ] && [ -z "$dry_run" ]; then
        undo_file "$lock"
        place_quietly 0640 palate:palate /dev/null "$lock"
        note_file "$lock"
    fi
    place 0644 root:root /etc/cron.d/palate "cron's file" < <(cron_text)
    place 0644 root:root /etc/logrotate.d/palate "logrotate's file" < <(sed "s/www-data/$web_user/g" "$share/logrotate-example")
    start_service cron /run/crond.pid
}

set_up_machine() {
    local reachable=yes
    read_host
    require_root
    check_writers
    read_database_settings
    find_socket
    choose_server
    check_packages
    check_server
    check_worker
    reach_database || reachable=
    make_notes 0755 root:root "${notes%/*}" "$notes"
    make_system_user
    make_files
    if [ -n "$reachable" ]; then
        set_up_database
    else
        say_would "make the database, its users, schema and rights"
    fi
    make_tenant
    make_client /etc/palate
    import items "$items"
    import events "$events"
    train
    set_up_server
    set_up_regular_work
    prove
}

# The web server's file first: nothing that it names may be missing while it is there.
remove_machine() {
    require_root
    check_writers
    step=removal
    if [ ! -r "$notes" ]; then
        say_kept "everything: $notes is missing, so nothing here was made by \`palate setup\`"
        return 0
    fi
    read_database_settings
    made=$notes
    if [ -n "$drop_data" ]; then
        drop_database
    else
        say_kept "database $database_name and its users (--drop-data drops them)"
    fi
    remove_all_noted
    for web_server in apache lighttpd; do
        if [ -z "$dry_run" ] && server_runs "$web_server"; then
            attempt "$(service_fix "$("${web_server}_service")")" reload_server
            say_done "web server $web_server reloaded"
        fi
    done
}
