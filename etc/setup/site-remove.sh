# What `palate setup --remove --site` does that a machine has not. Sourced, never run.
# shellcheck disable=SC2154 # what setup and the files beside this one set

remove_site() {
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
        attempt_site remove_site_files "$site" "$home"
    fi
    if [ -n "$drop_data" ]; then
        drop_tables
    else
        say_kept "tables in the database $(setting database name palate) (--drop-data drops them)"
    fi
    backup=$home
    remove_all_noted
}

# Only Palate's: the database may hold the shop's, too. As the user who made them.
drop_tables() {
    step=tables
    [ -r "$configuration" ] || fail_step "$configuration is missing, which names the database" "leave out --drop-data"
    read_database_settings
    find_socket
    if [ -n "$dry_run" ]; then
        say_would "drop Palate's tables in the database $database_name"
        return 0
    fi
    command -v mariadb >/dev/null || fail_step "the client mariadb is missing" "drop the tables in the host's panel, and leave out --drop-data"
    list_tables >"$work/tables" || fail_step "$(cause_of "$work/err")" "$(fix_database)"
    if ! grep -qxF schema_versions "$work/tables"; then
        say_kept "database $database_name: no table in it is Palate's"
        return 0
    fi
    : >"$work/tables"
    drop_new_tables || fail_step "$(cause_of "$work/err")" "mariadb $database_name"
    say_done "Palate's tables in $database_name dropped"
}

# stop_sharing USER PATH: an access list that held nothing else goes with it.
stop_sharing() {
    [ -e "$2" ] || return 0
    setfacl -x "u:$1" -- "$2" && { getfacl -cp -- "$2" | grep -Eq '^(user|group):[^:]' || setfacl -b -- "$2"; }
    say_done "$2 closed to $1"
}

# In a directory that was there before.
remove_models() {
    [ -d "$1" ] || return 0
    find "$1" -maxdepth 1 -type f \( -name 'tenant-*' -o -name train.lock \) -delete
    say_done "models in $1 removed"
}

# As `make install` had left it.
default_configuration() {
    local own
    mapfile -t own < <(own_settings)
    print_configuration "$share/palate.conf.example" "${own[@]}" >"$work/configuration" 2>"$work/err" && [ ! -e "$1" ] || return 0
    place_quietly 0600 '' "$work/configuration" "$1"
    say_done "$1 is as make install left it"
}

# What somebody else put there is his, and so are files that were edited.
remove_home() {
    rm -f -- "$made"
    if rmdir -- "$home" 2>/dev/null; then
        say_done "$home removed"
    else
        say_kept "directory $home: it holds other things: $(find "$home" -mindepth 1 -maxdepth 1 -printf '%f\n' | LC_ALL=C sort | head -n 4 | paste -s -d ' ' -)"
    fi
}
