#!/usr/bin/env bash
# Makes a budget, overspends it and reads the alert. Then posts a second expense as a signed webhook.
# Runs in bash and zsh. README.md beside this file says where the settings come from.
set -eu

fail() { echo "$1" >&2; exit 1; }

for program in curl openssl od; do
  command -v "$program" >/dev/null || fail "$program is not installed"
done
for name in KEY TOKEN SOURCE SECRET; do
  [ -n "$(printenv "$name")" ] || fail "$name is not set: examples/README.md says where it comes from"
done
url=${SPENDWATCH_URL:-http://127.0.0.1:3000}
category=coffee-$(openssl rand -hex 8)

# call PATH [OPTIONS OF CURL]: prints the answer.
call() {
  at=$1; shift
  answer=$(curl -s --fail-with-body "$url$at" -H 'content-type: application/json' "$@") ||
    fail "${answer:-no service answers at $url}"
  printf '%s\n' "$answer"
}

# create_expense AMOUNT: prints the event of an expense.
create_expense() {
  id=$(openssl rand -hex 8); now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  cat <<JSON
{"id": "$id", "type": "expense.created", "time": "$now", "data": {"expenseId": "$id", "userId": "me",
  "categoryId": "$category", "amount": "$1", "currency": "USD", "spentAt": "$now"}}
JSON
}

# find_alert SEVERITY: prints the rule's alert of that severity; fails where there is none.
find_alert() {
  notifications=$(call '/api/smart-alerts/notifications?type=budget_alert' -H "authorization: Bearer $TOKEN")
  printf '%s\n' "$notifications" | awk '{ gsub(/[{]"id":/, "\n&"); print }' |
    grep "\"ruleId\":\"$rule\"" | grep "\"severity\":\"$1\"" |
    sed "s/.*\"title\":\"\([^\"]*\)\",\"message\":\"\([^\"]*\)\".*/$1: \1. \2/" | grep .
}

# await_alert SEVERITY: asks for the alert until it is there.
await_alert() {
  deadline=$(($(date +%s) + 30))
  until find_alert "$1"; do
    [ "$(date +%s)" -lt "$deadline" ] || fail 'no alert came within 30 seconds: is a worker running?'
    sleep 0.2
  done
}

budget='{"name": "Coffee", "categoryId": "'$category'", "budgetAmount": "100.00", "currency": "USD"}'
answer=$(call /api/smart-alerts/rules -H "authorization: Bearer $TOKEN" -d "$budget")
rule=$(printf '%s\n' "$answer" | sed 's/^{"data":{"id":"\([^"]*\)".*/\1/')

call /api/events -H "authorization: Bearer $KEY" -d "$(create_expense 120.00)" >/dev/null
await_alert danger

# Standard Webhooks 1.0: the HMAC covers the message's id, its time and its body.
body=$(create_expense 40.00); id=msg_$(openssl rand -hex 8); seconds=$(date +%s)
hex=$(printf %s "${SECRET#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n')
signature=$(printf %s "$id.$seconds.$body" |
  openssl dgst -sha256 -mac HMAC -macopt "hexkey:$hex" -binary | openssl base64 -A)
call "/api/webhooks/$SOURCE" -H "webhook-id: $id" -H "webhook-timestamp: $seconds" \
  -H "webhook-signature: v1,$signature" -d "$body" >/dev/null
await_alert critical
