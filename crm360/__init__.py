"""crm360: a self-hosted 360-degree customer profile and lightweight CRM."""

__version__ = "0.1.0"
