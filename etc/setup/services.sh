# System services, and the two web servers as Debian lays them out. Sourced by `palate setup`, never run.
#
# web_server, web_user, web_group and web_port say what is set up; apache_* and lighttpd_* are the same steps for either.
# shellcheck disable=SC2154 # what setup and the files beside this one set

apache_root=/etc/apache2 lighttpd_root=/etc/lighttpd
web_server='' web_user='' web_group='' web_port=80

# Without the lock of this run, which a daemon would hold for ever.
service_do() {
    if [ -d /run/systemd/system ]; then
        systemctl "$2" "$1" 9>&-
    else
        service "$1" "$2" 9>&-
    fi
}

# What to look at when a service does not do as told.
service_fix() {
    if [ -d /run/systemd/system ]; then
        echo "systemctl status $1; journalctl -u $1 -n 20"
    else
        echo "service $1 start, and see what it says"
    fi
}

# pid_lives FILE
pid_lives() {
    local pid=
    { read -r pid <"$1" || true; } 2>/dev/null
    [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null
}

# service_runs NAME PIDFILE: systemd's own word where it is at work, since a unit may write no pid file.
service_runs() {
    pid_lives "$2" || { [ -d /run/systemd/system ] && systemctl is-active --quiet "$1"; }
}

start_service() {
    local name=$1 pid_file=$2 status
    step="service $name"
    if service_runs "$name" "$pid_file"; then
        say_kept "service $name (it runs)"
    elif [ -n "$dry_run" ]; then
        say_would "start the service $name"
    else
        on_undo service_do "$name" stop
        status=0
        service_do "$name" start >"$work/out" 2>"$work/err" </dev/null || status=$?
        # Debian's script for Apache ends with 0 when Apache has not started.
        [ "$status" = 0 ] && wait_for_service "$name" "$pid_file" || fail_start "$name"
        say_done "service $name started"
    fi
}

wait_for_service() {
    local tries=0
    until service_runs "$1" "$2"; do
        [ "$tries" -lt 25 ] || return 1
        tries=$((tries + 1))
        sleep 0.2
    done
}

fail_start() {
    local name=$1 fix
    fix=$(service_fix "$name")
    # What Apache says of every machine that has no name of its own, and at its end, is not the cause.
    cat "$work/out" "$work/err" | grep -v -e AH00558 -e 'The Apache error log' -e '^\.$' >"$work/both" || true
    if grep -qi 'address already in use' "$work/both" || { [ "$name" != cron ] && [ -n "$(ss -Hltn "sport = :$web_port" 2>/dev/null)" ]; }; then
        fix="ss -ltnp 'sport = :$web_port'    (another program has the port: end it, or take --host NAME:PORT)"
    fi
    fail_step "it does not start: $(cause_of "$work/both" 4)" "$fix"
}

has_apache() { [ -x /usr/sbin/apache2 ] && [ -f "$apache_root/apache2.conf" ]; }
has_lighttpd() { [ -x /usr/sbin/lighttpd ] && [ -f "$lighttpd_root/lighttpd.conf" ]; }

apache_pid_file() {
    # shellcheck source=/dev/null
    (set +u && . "$apache_root/envvars" && printf '%s\n' "$APACHE_PID_FILE")
}

lighttpd_pid_file() { lighttpd_setting server.pid-file /run/lighttpd.pid; }

server_runs() {
    "has_$1" && service_runs "$("$1_service")" "$("$1_pid_file")"
}

# The one that is asked for, or installed, or, of two, runs.
choose_server() {
    local other
    step="web server"
    if [ -n "$server" ]; then
        web_server=$server
    elif has_apache && has_lighttpd; then
        for web_server in apache lighttpd; do
            other=$([ $web_server = apache ] && echo lighttpd || echo apache)
            ! server_runs $web_server || server_runs $other || return 0
        done
        fail_step "Apache and lighttpd are both installed" "run it again with --server apache or --server lighttpd"
    elif has_lighttpd; then
        web_server=lighttpd
    else
        web_server=apache
    fi
}

# All that is missing is said at once.
check_packages() {
    local missing=()
    step=packages
    case $web_server in
    apache)
        has_apache || missing+=(apache2)
        [ -e /usr/lib/apache2/modules/mod_fcgid.so ] || missing+=(libapache2-mod-fcgid)
        ;;
    lighttpd) has_lighttpd || missing+=(lighttpd) ;;
    esac
    if [ -n "$database_host" ]; then
        command -v mariadb >/dev/null || missing+=(mariadb-client)
    else
        command -v mariadb >/dev/null && { [ -S "$database_socket" ] || [ -x /usr/sbin/mariadbd ]; } || missing+=(mariadb-server)
    fi
    [ -d /etc/cron.d ] && [ -x /usr/sbin/cron ] || missing+=(cron)
    [ -x /usr/sbin/logrotate ] || missing+=(logrotate)
    command -v curl >/dev/null || missing+=(curl)
    [ ${#missing[@]} = 0 ] || fail_step "not installed: ${missing[*]}" "apt-get install --yes ${missing[*]}"
    say_kept "packages of $web_server, MariaDB, cron, logrotate and curl"
}

# A configuration that is broken already is not ours to judge our own by.
check_server() {
    local fix
    step="web server"
    "${web_server}_find_user"
    id -u "$web_user" >/dev/null 2>&1 || fail_step "$web_server's user $web_user does not exist" "correct its configuration"
    if ! "${web_server}_test" >"$work/err" 2>&1; then
        fix=$("${web_server}_test_command")
        # Half of an installation: its file is enabled, and what that names has been deleted.
        [ ! -r "$notes" ] || ! grep -q 'palate.*No such file' "$work/err" || fix="palate setup --remove, and then this command again"
        fail_step "the configuration of $web_server is broken already: $(cause_of "$work/err" 2)" "$fix"
    fi
    "${web_server}_check_name"
    say_kept "web server $web_server, which runs as $web_user"
}

set_up_server() {
    step="web server"
    # Undone last, once the files are as they were.
    [ -n "$dry_run" ] || on_undo reload_if_running
    "${web_server}_configure"
    [ -z "$dry_run" ] || return 0
    if [ -n "$server_changed" ]; then
        if ! "${web_server}_test" >"$work/err" 2>&1; then
            fail_step "with Palate's file the configuration test fails: $(cause_of "$work/err" 2)" "$("${web_server}_test_command")"
        fi
        say_done "configuration test of $web_server"
    fi
    if ! server_runs "$web_server"; then
        start_service "$("${web_server}_service")" "$("${web_server}_pid_file")"
    elif [ -n "$server_changed$workers_changed" ]; then
        attempt "$(service_fix "$("${web_server}_service")")" reload_server
        say_done "web server $web_server reloaded"
        wait_until_served
    else
        say_kept "web server $web_server (it runs, nothing changed)"
    fi
}

# Running requests get their answers. Without systemd, Debian's script for lighttpd would stop it and start it again.
reload_server() {
    if [ "$web_server" = lighttpd ] && [ ! -d /run/systemd/system ]; then
        kill -USR1 "$(cat "$(lighttpd_pid_file)")"
    else
        service_do "$("${web_server}_service")" reload
    fi
}

reload_if_running() {
    ! server_runs "$web_server" || reload_server
}

# A reload is over when the old server has gone, which nobody tells: until then the new site may be another's. What is wrong after
# that is doctor's to say.
wait_until_served() {
    local tries=0
    while [ "$(ask none /openapi.json)" != 200 ] && [ "$tries" -lt 50 ]; do
        tries=$((tries + 1))
        sleep 0.2
    done
}

# -- Apache ---------------------------------------------------------------------------------------------------------------------------

apache_service() { echo apache2; }

# Without what Apache says of every machine that has no name of its own, and of where to look further.
apache_test() {
    apache2ctl configtest 2>&1 | grep -v -e AH00557 -e AH00558 -e '^Action ' -e '^The Apache error log' -e '^Syntax OK'
    return "${PIPESTATUS[0]}"
}

apache_test_command() { echo "apache2ctl configtest, and correct the line that it names"; }

apache_find_user() {
    # shellcheck source=/dev/null
    web_user=$(set +u && . "$apache_root/envvars" && printf '%s\n' "${APACHE_RUN_USER:-www-data}")
    # shellcheck source=/dev/null
    web_group=$(set +u && . "$apache_root/envvars" && printf '%s\n' "${APACHE_RUN_GROUP:-www-data}")
}

# Of two virtual hosts with one name the first answers, and ours would be the other.
apache_check_name() {
    local other own=
    # Where our own site is enabled, its virtual host stands in the example.
    [ ! -e "$apache_root/sites-enabled/palate.conf" ] || own=$share/apache-example.conf:
    other=$(apache2ctl -t -D DUMP_VHOSTS 2>/dev/null |
        awk -v name="$host" -v port="$web_port" '
            $1 ~ /:[0-9*]+$/ { split($1, a, ":"); here = a[length(a)]; place = $3; if ($2 ~ /^[^(]+$/ && tolower($2) == name) print place }
            $1 == "port" { here = $2; place = $5 }
            $1 == "port" && $3 == "namevhost" && tolower($4) == name && here == port { print place }
            $1 == "alias" && tolower($2) == name && here == port { print place }' |
        grep -v -e '/palate\.conf:' ${own:+-e "$own"} | head -n 1) || true
    [ -z "$other" ] ||
        fail_step "another site has the name $host already: $other" "take another --host, or disable that site with a2dissite"
}

apache_listens() {
    grep -rhsE --exclude=palate.conf "^[[:space:]]*Listen[[:space:]]+([^[:space:]]*:)?$web_port([[:space:]]|\$)" "$apache_root"/{apache2.conf,ports.conf} \
        "$apache_root"/{sites,conf}-enabled >/dev/null
}

apache_site_file() {
    cat <<APACHE
# Made by \`palate setup\`. What is the site's own (logs, TLS) is in /etc/palate/apache-site.conf.
Define PALATE_HOST   $host
Define PALATE_LISTEN *:$web_port
Define PALATE_SITE   /etc/palate/apache-site.conf
Define PALATE_CONFIG $configuration
Define PALATE_WORKER $worker
Include $share/apache-example.conf
APACHE
    apache_listens || echo "Listen $web_port"
}

apache_own_file() {
    cat <<APACHE
# Made by \`palate setup\`: what is this site's own, within Palate's virtual host.
ErrorLog   \${APACHE_LOG_DIR}/palate-error.log
CustomLog  \${APACHE_LOG_DIR}/palate-access.log combined
APACHE
}

# enable_apache site|mod NAME
enable_apache() {
    local folder=$apache_root/sites-enabled/$2.conf
    [ "$1" = site ] || folder=$apache_root/mods-enabled/$2.load
    if [ -e "$folder" ]; then
        say_kept "Apache's $1 $2 is enabled"
    elif [ -n "$dry_run" ]; then
        say_would "enable Apache's $1 $2"
    else
        on_undo "a2dis$1" -q --purge "$2"
        attempt "a2en$1 $2" "a2en$1" -q "$2"
        note "$1" "$2"
        server_changed=yes
        say_done "Apache's $1 $2 enabled"
    fi
}

server_changed=

apache_configure() {
    local before
    enable_apache mod fcgid
    before=$(cat /etc/palate/apache-site.conf "$apache_root/sites-available/palate.conf" 2>/dev/null || true)
    place 0644 root:root /etc/palate/apache-site.conf "Apache's site settings" < <(apache_own_file)
    place 0644 root:root "$apache_root/sites-available/palate.conf" "Apache's site" < <(apache_site_file)
    [ -n "$dry_run" ] || [ "$before" = "$(cat /etc/palate/apache-site.conf "$apache_root/sites-available/palate.conf")" ] ||
        server_changed=yes
    enable_apache site palate
}

# -- lighttpd -------------------------------------------------------------------------------------------------------------------------

lighttpd_service() { echo lighttpd; }
lighttpd_test() { lighttpd -tt -f "$lighttpd_root/lighttpd.conf"; }
lighttpd_test_command() { echo "lighttpd -tt -f $lighttpd_root/lighttpd.conf, and correct the line that it names"; }

# lighttpd_setting NAME DEFAULT
lighttpd_setting() {
    local value
    value=$(lighttpd -p -f "$lighttpd_root/lighttpd.conf" 2>/dev/null |
        awk -v name="$1" '$1 == name && $2 == "=" { gsub(/[",]/, "", $3); print $3; exit }') || true
    printf '%s\n' "${value:-$2}"
}

lighttpd_find_user() {
    web_user=$(lighttpd_setting server.username www-data)
    web_group=$(lighttpd_setting server.groupname www-data)
}

lighttpd_check_name() {
    local port
    port=$(lighttpd_setting server.port 80)
    [ "$port" = "$web_port" ] ||
        fail_step "lighttpd listens on port $port, not on $web_port" "run it again with --host $host:$port, or set server.port = $web_port"
}

lighttpd_file() {
    cat <<LIGHTTPD
# Made by \`palate setup\`.
var.palate_worker      = "$worker"
var.palate_config      = "$configuration"
var.palate_sockets     = "/run/lighttpd"
var.palate_processes   = $(($(nproc) * 4))
var.palate_host        = "^${host//./\\.}(:[0-9]+)?\$"
var.palate_breakagelog = "/var/log/lighttpd/palate.log"
include "$share/lighttpd-example.conf"
LIGHTTPD
}

lighttpd_configure() {
    local file=$lighttpd_root/conf-available/50-palate.conf link=$lighttpd_root/conf-enabled/50-palate.conf before
    before=$(cat "$file" 2>/dev/null || true)
    place 0644 root:root "$file" "lighttpd's file" < <(lighttpd_file)
    [ -n "$dry_run" ] || [ "$before" = "$(cat "$file")" ] || server_changed=yes
    if [ -e "$link" ]; then
        say_kept "lighttpd's 50-palate.conf is enabled"
    elif [ -n "$dry_run" ]; then
        say_would "enable lighttpd's 50-palate.conf"
    else
        on_undo rm -f -- "$link"
        ln -sf ../conf-available/50-palate.conf "$link" 2>"$work/err" || fail_step "$(cause_of "$work/err")" "$(fix_write "$link")"
        note link "$link"
        server_changed=yes
        say_done "lighttpd's 50-palate.conf enabled"
    fi
}
