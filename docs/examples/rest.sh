#!/bin/sh
# State a contact, send its purchase, and read the customer they became: curl and nothing else.
#   CRM360_URL=https://crm.example.com CRM360_KEY=… sh rest.sh
# The key: flask keys create --kind api --name erp --role sales
set -eu

call() { # call METHOD PATH [JSON]
  curl --silent --show-error --fail-with-body --retry 3 -X "$1" "$CRM360_URL/api/v1$2" \
    -H "Authorization: Bearer $CRM360_KEY" ${3:+-H 'Content-Type: application/json' --data "$3"}
}

# An `event_id`, an `occurred_at` or an `Idempotency-Key` makes it safe to send this again.
call POST /contacts '{"source": "erp", "external_id": "C-1", "occurred_at": "2026-03-02T10:30:00Z",
  "fields": {"given_name": "Jan", "family_name": "Sielski"}, "identifiers": [{"kind": "email", "value": "jan.sielski@example.com"}]}'
call POST /events '{"source": "erp", "events": [{"type": "order", "event_id": "C-77-paid", "external_id": "C-1",
  "occurred_at": "2026-03-02T10:31:00Z", "order": {"id": "C-77", "number": "C/77", "currency": "PLN", "total": "49.00"}}]}'

# Both are kept when the answer comes; the worker makes a customer of them within seconds.
for _ in $(seq 60); do
  profile=$(call GET '/profiles?q=jan.sielski@example.com' | grep -o '/profiles/[0-9]*' | head -n 1)
  [ -n "$profile" ] && call GET "$profile/orders" | grep -q 'C/77' && break
  sleep 1
done
call GET "$profile"
call GET "$profile/timeline?limit=10"
