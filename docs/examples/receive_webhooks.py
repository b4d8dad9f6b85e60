"""Hear what happens to customers, and believe only what crm360 signed.

pip install flask standardwebhooks; CRM360_WEBHOOK_SECRET=whsec_… flask --app receive_webhooks run --port 3000
The secret: flask webhooks create https://erp.example/crm --kind profile.created
"""

import os

from flask import Flask, request
from standardwebhooks import Webhook, WebhookVerificationError

app = Flask(__name__)
webhook = Webhook(os.environ["CRM360_WEBHOOK_SECRET"])
seen = set()  # in real life a table


@app.post("/crm")
def crm():
    try:
        event = webhook.verify(request.get_data(), dict(request.headers))
    except WebhookVerificationError:
        return "", 401
    if request.headers["webhook-id"] not in seen:  # a repeat carries the same id
        seen.add(request.headers["webhook-id"])
        print(f"{event['type']} {event['data']}\n", end="", flush=True)  # in one piece: deliveries come side by side
    return "", 204
