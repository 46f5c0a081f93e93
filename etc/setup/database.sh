# The database and its two users, as the administrator: whoever `mariadb` logs in when root calls it. Sourced by `palate setup`, never run.
#
# The passwords in the files are what counts: a user who has another gets the file's.
# shellcheck disable=SC2154 # what setup and the files beside this one set

# From where the users come.
client_host=localhost
answer=

read_database_settings() {
    local place=${PALATE_DATABASE_HOST:-} port=3306
    case $place in *:*) port=${place##*:} place=${place%:*} ;; esac
    database_host=$(setting database host "$place")
    read_database_tls
    database_port=$(setting database port "$port")
    database_socket=$(setting database socket '')
    database_name=$(setting database name palate)
    worker_name=$(setting database user palate_worker)
    tool_name=$(setting tool database_user palate_tool)
}

# is_elsewhere HOST: whether it is another machine, as the addresses say that its name has here.
is_elsewhere() {
    local address own
    own=" $(hostname -I 2>/dev/null) "
    while read -r address _; do
        case $address in 127.* | ::1) continue ;; esac
        [[ $own != *" $address "* ]] || continue
        return 0
    done < <(getent ahosts "$1")
    return 1
}

# A new installation does not send passwords and customers over a network in clear, unless it is told to. An old one stays as it is.
read_database_tls() {
    local default=off
    ! is_elsewhere "$database_host" || default=${PALATE_DATABASE_SSL:-on}
    [ ! -r "$configuration" ] || default=off
    database_ssl=$(setting database ssl "$default")
    database_ca=$(setting database ssl_ca "${PALATE_DATABASE_CA:-}")
}

# The settings NAME=VALUE of that, for who writes the configuration.
tls_settings() {
    [ "$database_ssl" = on ] || return 0
    printf '%s\n' database.ssl=on ${database_ca:+"database.ssl_ca=$database_ca"}
}

readonly fix_tls="give MariaDB a certificate (docs/operations.md, \"Several web servers, one database\") and name its authority's file in \
PALATE_DATABASE_CA; or, where nobody else can listen on the way, export PALATE_DATABASE_SSL=off"

find_socket() {
    local socket
    [ -z "$database_socket" ] || return 0
    for socket in "$(my_print_defaults mysqld mariadbd 2>/dev/null | sed -n 's/^--socket=//p' | tail -n 1)" \
        /run/mysqld/mysqld.sock /var/lib/mysql/mysql.sock /run/mariadb/mariadb.sock; do
        if [ -S "$socket" ]; then
            database_socket=$socket
            return 0
        fi
    done
    database_socket=/run/mysqld/mysqld.sock
}

# where: the arguments that lead `mariadb` to the server.
where() {
    if [ -n "$database_host" ]; then
        printf '%s\n' "--host=$database_host" "--port=$database_port" --protocol=tcp
        [ "$database_ssl" != on ] || printf '%s\n' --ssl --ssl-verify-server-cert ${database_ca:+"--ssl-ca=$database_ca"}
    else
        printf '%s\n' "--socket=$database_socket"
    fi
}

# The administrator; SQL is standard input.
administrate() {
    local to
    mapfile -t to < <(where)
    mariadb "${to[@]}" --connect-timeout=10 --batch --skip-column-names "$@"
}

# sql STATEMENT: what it answers is in $answer.
sql() {
    administrate <<<"$1" >"$work/sql" 2>"$work/err" || fail_step "$(cause_of "$work/err")" "mariadb $(where | paste -s -d ' ' -)"
    answer=$(<"$work/sql")
}

# as_database_user USER FILE ARGUMENT...: with the password in the file.
as_database_user() {
    local to password name=$1 file=$2
    shift 2
    mapfile -t to < <(where)
    IFS= read -r password <"$file" || true
    password=${password//\\/\\\\}
    mariadb --defaults-file=<(printf '[client]\nuser="%s"\npassword="%s"\n' "$name" "${password//\"/\\\"}") "${to[@]}" \
        --connect-timeout=10 --batch --skip-column-names "$@" 2>"$work/err"
}

# log_in USER FILE: whether the password in the file lets the user in.
log_in() {
    as_database_user "$1" "$2" --execute='DO 1' >/dev/null
}

# From where the users come: as the workers' account says, where there is one already, perhaps for a pattern of addresses; else this
# machine's address, as a remote database sees it.
find_client_host() {
    local file
    [ -n "$database_host" ] || return 0
    file=$(setting database password_file /etc/palate/worker.password)
    if [ -r "$file" ] && as_database_user "$worker_name" "$file" --execute="SELECT CURRENT_USER()" >"$work/said"; then
        answer=$(<"$work/said")
    else
        sql "SELECT USER()"
    fi
    client_host=${answer##*@}
}

check_names() {
    local name
    for name in "$database_name" "$worker_name" "$tool_name"; do
        [[ $name =~ ^[A-Za-z0-9_.-]{1,64}$ ]] ||
            fail_step "the name \"$name\" in $configuration has characters that this command does not write into SQL" \
                "use letters, digits and _.-"
    done
}

reach_database() {
    step=MariaDB
    check_names
    find_socket
    if [ -z "$database_host" ] && [ ! -S "$database_socket" ]; then
        if [ -n "$dry_run" ]; then
            say_would "start the service mariadb"
            return 1
        fi
        on_undo service_do mariadb stop
        attempt "$(service_fix mariadb)" service_do mariadb start
        say_done "service mariadb started"
    fi
    if ! administrate <<<'SELECT 1' >/dev/null 2>"$work/err"; then
        case $(cat "$work/err") in
        *"ERROR 1045"* | *"ERROR 1698"*)
            fail_step "the administrator is not let in: $(cause_of "$work/err")" \
                "write user and password of the administrator into /root/.my.cnf, section [client] (mode 0600)"
            ;;
        *"ERROR 2026"*) fail_step "the connection to $database_host cannot be encrypted: $(cause_of "$work/err")" "$fix_tls" ;;
        *"ERROR 2002"*) fail_step "MariaDB does not run, or not here: $(cause_of "$work/err")" "$(service_fix mariadb)" ;;
        *) fail_step "$(cause_of "$work/err")" "mariadb $(where | paste -s -d ' ' -)" ;;
        esac
    fi
    find_client_host
    say_kept "MariaDB at ${database_host:-$database_socket}"
}

make_database() {
    step="database $database_name"
    sql "SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = '$database_name'"
    if [ "$answer" != 0 ]; then
        say_kept "database $database_name"
    elif [ -n "$dry_run" ]; then
        say_would "make the database $database_name"
    else
        on_undo undo_sql "DROP DATABASE IF EXISTS \`$database_name\`"
        sql "CREATE DATABASE \`$database_name\` CHARACTER SET utf8mb4"
        say_done "database $database_name"
    fi
}

undo_sql() {
    administrate <<<"$1"
}

# A password file that another user may have written holds hexadecimal digits, or what an operator chose.
sql_text() {
    local text=$1
    text=${text//\\/\\\\}
    printf "'%s'" "${text//\'/\'\'}"
}

# make_user NAME FILE
make_user() {
    local name=$1 file=$2 account="'$1'@'$client_host'" password
    step="database user $name"
    sql "SELECT COUNT(*) FROM mysql.user WHERE User = '$name' AND Host = '$client_host'"
    if [ "$answer" = 0 ]; then
        if [ -n "$dry_run" ]; then
            say_would "make the database user $account"
            return 0
        fi
        on_undo undo_sql "DROP USER IF EXISTS $account"
        IFS= read -r password <"$file" || true
        sql "CREATE USER $account IDENTIFIED BY $(sql_text "$password")"
        say_done "database user $account"
    elif [ ! -r "$file" ] || log_in "$name" "$file"; then
        say_kept "database user $account"
    elif [ -n "$dry_run" ]; then
        say_would "give the database user $account the password of $file"
    else
        sql "SHOW CREATE USER $account"
        on_undo undo_sql "${answer/CREATE USER/ALTER USER}"
        IFS= read -r password <"$file" || true
        sql "ALTER USER $account IDENTIFIED BY $(sql_text "$password")"
        say_done "database user $account: its password is that of $file again"
    fi
    [ -n "$dry_run" ] || log_in "$name" "$file" ||
        fail_step "$(cause_of "$work/err")" "mariadb -e \"SHOW CREATE USER $account\""
}

# The tool owns the schema; the worker gets what sql/grants.sql says, column by column.
own_database() {
    step="rights of $tool_name"
    [ -n "$dry_run" ] ||
        sql "GRANT ALL PRIVILEGES ON \`${database_name//_/\\_}\`.* TO '$tool_name'@'$client_host'"
}

grant_worker() {
    local before
    step="rights of $worker_name"
    if [ -n "$dry_run" ]; then
        say_would "give $worker_name the rights of sql/grants.sql"
        return 0
    fi
    sql "SHOW GRANTS FOR '$worker_name'@'$client_host'"
    before=$answer
    run_tool grants --from "$client_host" >"$work/grants" 2>"$work/err" || fail_step "$(cause_of "$work/err")" "palate grants"
    administrate "$database_name" <"$work/grants" >/dev/null 2>"$work/err" ||
        fail_step "$(cause_of "$work/err")" "palate grants | mariadb $database_name"
    sql "SHOW GRANTS FOR '$worker_name'@'$client_host'"
    if [ "$before" = "$answer" ]; then
        say_kept "rights of $worker_name"
    else
        say_done "rights of $worker_name"
    fi
}

palate_tables() {
    sed -nE 's/^CREATE TABLE (IF NOT EXISTS )?`?([a-z_]+)`?.*/\2/p' "$share"/sql/*.sql
}

# The database that the configuration names, if all that is in it is Palate's.
drop_database() {
    local name foreign
    step="database $database_name"
    find_socket
    find_client_host
    sql "SELECT table_name FROM information_schema.tables WHERE table_schema = '$database_name'"
    foreign=$(grep -vxF -f <(palate_tables) <<<"$answer" | paste -s -d ' ' -) || true
    [ -z "$foreign" ] || fail_step "it holds tables that are not Palate's: $foreign" "drop Palate's by hand, or leave out --drop-data"
    if [ -n "$dry_run" ]; then
        say_would "drop the database $database_name and the users $tool_name and $worker_name"
        return 0
    fi
    sql "DROP DATABASE IF EXISTS \`$database_name\`"
    say_done "database $database_name dropped"
    for name in "$tool_name" "$worker_name"; do
        sql "DROP USER IF EXISTS '$name'@'$client_host'"
        say_done "database user '$name'@'$client_host' dropped"
    done
}
