# Schema, tenant, client, catalogue, events and model: what `palate setup` has the tool do, on any kind of machine. Sourced, never run.
# shellcheck disable=SC2154 # what setup and the files beside this one set

# The tool with this installation's configuration. The folder is one that everybody may enter.
run_tool() {
    (cd / && PALATE_CONFIG=$configuration exec "$tool" "$@")
}

# As whoever trains from cron; on shared hosting that is whoever runs this.
run_trainer() {
    run_tool "$@"
}

migrate() {
    step=schema
    if [ -n "$dry_run" ]; then
        say_would "bring the schema up to date (palate migrate)"
        return 0
    fi
    attempt "palate migrate, and see what it says" run_tool migrate
    if grep -qi 'nothing' "$work/out"; then
        say_kept "schema"
    else
        say_done "schema: $(grep -c . "$work/out") files applied"
    fi
}

tenant_key=
client_file=
client_id=
fresh_data=

make_tenant() {
    local keys active
    step=tenant
    if [ -n "$dry_run" ]; then
        say_would "make the tenant ${tenant:-My shop}, unless there is one"
        return 0
    fi
    attempt "palate tenant list" run_tool tenant list --quiet
    keys=$(cat "$work/out")
    attempt "palate tenant list" run_tool tenant list
    active=$(awk '$2 == "active" { print $1 }' "$work/out")
    if [ -z "$tenant" ] && [ -n "$active" ]; then
        tenant_key=$(head -n 1 <<<"$active")
        say_kept "tenant $tenant_key"
        return 0
    fi
    attempt "palate tenant create --help" run_tool tenant create --if-missing "${tenant:-My shop}"
    tenant_key=$(cat "$work/out")
    if grep -qxF -- "$tenant_key" <<<"$keys"; then
        grep -qxF -- "$tenant_key" <<<"$active" || fail_step "the tenant $tenant_key is disabled" "$tool_command tenant enable $tenant_key"
        say_kept "tenant $tenant_key"
    else
        # Where its tables stay, so does it when this run fails; without a client nobody gets at it, and the next run goes on with it.
        say_done "tenant $tenant_key"
    fi
}

# make_client FOLDER: its secret is shown only once, so it is kept where only its owner may read it.
make_client() {
    step=client
    if [ -n "$dry_run" ]; then
        say_would "make a client of the API and keep its secret in $1"
        return 0
    fi
    client_file=$1/client-$tenant_key.txt
    if [ -s "$client_file" ]; then
        say_kept "client in $client_file"
    else
        undo_file "$client_file"
        client_id=$tenant_key-$(od -An -N4 -tx1 /dev/urandom | tr -d ' \n')
        on_undo run_tool client revoke "$client_id"
        (umask 077 && : >"$client_file") 2>"$work/err" || fail_step "$(cause_of "$work/err")" "$(fix_write "$client_file")"
        attempt "palate client create --help" run_tool client create --tenant "$tenant_key" --id "$client_id"
        cat "$work/out" >"$client_file" || fail_step "cannot write $client_file" "$(fix_write "$client_file")"
        note_file "$client_file"
        say_done "client $client_id; its secret is in $client_file"
    fi
    client_id=$(sed -n 's/^client_id *//p' "$client_file")
    [ -n "$client_id" ] || fail_step "$client_file holds no client_id" "rm $client_file, and run it again: another client is made"
}

# import KIND FILE
import() {
    step="import of $1"
    [ -n "$2" ] || return 0
    if [ -n "$dry_run" ]; then
        say_would "import $1 from $2"
        return 0
    fi
    attempt_long "correct the file, or see \`palate import --help\`: --on-error skip passes over bad lines" \
        run_tool import "$1" "$(readlink -f -- "$2")" --tenant "$tenant_key"
    fresh_data=yes
    say_done "$1: $(cause_of "$work/out" 1)"
}

train() {
    local models
    step=model
    if [ -n "$dry_run" ]; then
        say_would "train the model"
        return 0
    fi
    models=$(setting model directory /var/lib/palate/models)
    if [ -z "$fresh_data" ] && [ -n "$(find "$models" -name 'tenant-*.palate' -print -quit 2>/dev/null)" ]; then
        say_kept "model"
        return 0
    fi
    attempt_long "palate train --tenant $tenant_key" run_trainer train --tenant "$tenant_key"
    say_done "model: $(head -n 1 "$work/out")"
}
