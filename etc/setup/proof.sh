# The proof that an installation answers: `palate doctor`, and one real recommendation, both as whoever runs the regular work. Sourced by
# `palate setup`, never run.
# shellcheck disable=SC2154 # what setup and the files beside this one set

# curl_arguments: what leads curl to the service whatever the name resolves to; one word a line.
curl_arguments() {
    local name=${url#*://} port
    [ -n "$connect" ] || return 0
    name=${name%%/*}
    case $url in https://*) port=443 ;; *) port=80 ;; esac
    case $name in *:*) port=${name##*:} name=${name%:*} ;; esac
    printf '%s\n' --connect-to "$name:$port:$connect"
}

# ask TOKEN PATH: the status is printed, the answer is in $work/answer.
ask() {
    local to
    mapfile -t to < <(curl_arguments)
    curl -q -sS --noproxy '*' --max-time 30 ${to[@]+"${to[@]}"} -o "$work/answer" -w '%{http_code}' \
        -H @<(printf 'Authorization: Bearer %s\n' "$1") "$url$2" 2>"$work/err"
}

prove() {
    local to token status=0 path="/recommendations?user_id=1&quantity=5"
    step=proof
    if [ -n "$dry_run" ]; then
        say_would "prove it: palate doctor, and one recommendation"
        return 0
    fi
    # From here on the installation stands, whatever the proof says about what is around it.
    keep_for_good
    mapfile -t to < <([ -z "$connect" ] || printf '%s\n' --connect "$connect")
    run_trainer doctor --url "$url" ${to[@]+"${to[@]}"} || status=$?
    [ "$status" = 0 ] || fail_step "Palate is installed, but doctor finds what stands above" "what its lines say; then run this command again"
    token=$(run_trainer token --client "$client_id" 2>"$work/err") || fail_step "$(cause_of "$work/err")" "palate token --client $client_id"
    status=$(ask "$token" "$path") || fail_step "$(cause_of "$work/err")" "palate doctor --url $url"
    [ "$status" = 200 ] || fail_step "a recommendation was answered $status: $(head -c 300 "$work/answer")" "palate doctor --url $url"
    say_done "asked for a recommendation: $(head -c 200 "$work/answer" | tr -d '\n')..."
    show_request "$path"
}

# What can be pasted.
show_request() {
    local to
    to=$(curl_arguments | paste -s -d ' ' -)
    cat <<TEXT

Palate answers at $url. Try it:

curl ${to:+$to }-H "Authorization: Bearer \$($tool_command token --client $client_id)" \\
     '$url$1'
TEXT
}
