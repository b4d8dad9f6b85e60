"""Gathers every room's tables for one metadata. Imported by the application, the migrations and the tests only."""

from crm360.accounts import models as accounts
from crm360.commerce import models as commerce
from crm360.consents import models as consents
from crm360.conversations import models as conversations
from crm360.identity import models as identity
from crm360.imports import models as imports
from crm360.inbox import models as inbox
from crm360.insights import models as insights
from crm360.kernel.db import Base
from crm360.lists import models as lists
from crm360.outbox import models as outbox
from crm360.outreach import models as outreach
from crm360.privacy import models as privacy
from crm360.profiles import models as profiles
from crm360.push import models as push
from crm360.reviews import models as reviews
from crm360.safeguards import models as safeguards
from crm360.sales import models as sales
from crm360.segments import models as segments
from crm360.surveys import models as surveys
from crm360.webhooks import models as webhooks

__all__ = [
    "Base",
    "accounts",
    "commerce",
    "consents",
    "conversations",
    "identity",
    "imports",
    "inbox",
    "insights",
    "lists",
    "outbox",
    "outreach",
    "privacy",
    "profiles",
    "push",
    "reviews",
    "safeguards",
    "sales",
    "segments",
    "surveys",
    "webhooks",
]
