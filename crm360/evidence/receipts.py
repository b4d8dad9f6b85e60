"""Receipts of consents: in the shape of ISO/IEC TS 27560:2023 as JSON-LD (W3C DPV), and of Kantara 1.1. Pure."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from crm360.consents.purposes import Purpose

SCHEMA = "https://w3id.org/dpv/schema/dpv-27560#receipt-full"
#: What the names of ISO/IEC TS 27560 mean in the Data Privacy Vocabulary.
CONTEXT: Mapping[str, Any] = {
    "dpv": "https://w3id.org/dpv#", "dct": "http://purl.org/dc/terms/", "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "schema_version": "dct:conformsTo", "record_id": "dct:identifier", "receipt_id": "dct:identifier",
    "pii_principal_id": "dpv:hasDataSubject", "pii_processing": "dpv:hasProcess", "privacy_notice": "dpv:hasNotice",
    "language": "dct:language", "purpose": "dpv:hasPurpose", "lawful_basis": {"@id": "dpv:hasLegalBasis", "@type": "@id"},
    "pii_information": "dpv:hasPersonalData", "pii_controllers": "dpv:hasDataController",
    "recipient_third_parties": "dpv:hasRecipient", "storage_locations": "dpv:hasStorageCondition",
    "retention_period": "dpv:hasDuration", "jurisdiction": "dpv:hasJurisdiction",
    "withdrawal_method": "dpv:hasConsentControl", "collection_method": "dpv:hasIndicationMethod",
    "privacy_rights": "dpv:hasRight", "authority_party": "dpv:hasAuthority", "events": "dpv:hasConsentStatus",
    "event_time": {"@id": "dpv:isIndicatedAtTime", "@type": "http://www.w3.org/2001/XMLSchema#dateTime"},
    "event_state": {"@id": "dpv:hasStatus", "@type": "@vocab"}, "event_type": "dpv:hasContext",
    "entity_id": "dpv:isIndicatedBy",
    "given": "dpv:ConsentGiven", "withdrawn": "dpv:ConsentWithdrawn", "refused": "dpv:ConsentRefused",
    "invalidated": "dpv:ConsentInvalidated", "pending_confirmation": "dpv:ConsentRequested", "unknown": "dpv:ConsentUnknown",
}  # fmt: skip
BASES = {
    "consent": "eu-gdpr:A6-1-a", "contract": "eu-gdpr:A6-1-b", "legal_obligation": "eu-gdpr:A6-1-c",
    "vital_interests": "eu-gdpr:A6-1-d", "public_task": "eu-gdpr:A6-1-e", "legitimate_interests": "eu-gdpr:A6-1-f",
    "soft_opt_in": "eu-gdpr:A6-1-f",
}  # fmt: skip
RIGHTS = ("eu-gdpr:A7-3", "eu-gdpr:A15", "eu-gdpr:A16", "eu-gdpr:A17", "eu-gdpr:A18", "eu-gdpr:A20", "eu-gdpr:A21", "eu-gdpr:A77")  # fmt: skip
KINDS = {"email": "Email", "phone": "Phone"}


class ControllerSettings(Protocol):
    """What an installation says of who answers for its data."""

    @property
    def controller_name(self) -> str: ...

    @property
    def controller_address(self) -> str: ...

    @property
    def controller_email(self) -> str: ...

    @property
    def dpo_contact(self) -> str: ...

    @property
    def public_url(self) -> str: ...


class Controller(NamedTuple):
    """Who answers for the data; `origin` names the installation, as its checkpoints do."""

    name: str
    address: str
    contact: str
    officer: str
    url: str
    origin: str

    @classmethod
    def of(cls, settings: ControllerSettings, *, origin: str) -> Controller:
        """As the installation's settings say."""
        return cls(
            settings.controller_name, settings.controller_address, settings.controller_email, settings.dpo_contact,
            settings.public_url, origin,
        )  # fmt: skip


class Said(NamedTuple):
    """One statement with its place in the ledger."""

    leaf_index: int
    header: Mapping[str, Any]
    header_hash: str
    address_kind: str
    address: str


class Shown(NamedTuple):
    """The text that was shown."""

    name: str
    locale: str
    sha256: str
    policy_url: str
    withdrawal: str


def record(said: Sequence[Said], purpose: Purpose, shown: Sequence[Shown], controller: Controller) -> dict[str, Any]:
    """All statements of one address, purpose and channel as one record, the oldest event first."""
    first, notice = said[0], shown[-1] if shown else None
    subject, channel = str(first.header["subject"]), str(first.header["channel"])
    number = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{controller.origin}/{subject}/{purpose.code}/{channel}"))
    return {
        "@context": CONTEXT, "@type": "dpv:ConsentReceipt", "schema_version": SCHEMA, "record_id": number,
        "receipt_id": number, "pii_principal_id": subject,
        "pii_processing": {
            "privacy_notice": [each.name for each in shown], "notice_sha256": [each.sha256 for each in shown],
            "language": notice.locale if notice else "", "purpose": dict(purpose.names) | {"code": purpose.code},
            "purpose_version": purpose.version, "lawful_basis": BASES[purpose.basis], "service": channel,
            "pii_information": [_pii(first), *({"pii_type": each} for each in purpose.categories if each != "contact")],
            "pii_controllers": [_party(controller)], "recipient_third_parties": list(purpose.recipients),
            "storage_locations": [controller.url], "retention_period": purpose.retention or "until withdrawn",
            "processing_method": ["dpv:Store", "dpv:Use"], "processing_locations": list(purpose.jurisdictions),
            "geographic_restrictions": [], "jurisdiction": list(purpose.jurisdictions),
            "withdrawal_method": (notice.withdrawal if notice else "") or f"{controller.url}/preferences",
            "collection_method": str(first.header["method"]), "privacy_rights": list(RIGHTS),
            "authority_party": "https://uodo.gov.pl" if "PL" in purpose.jurisdictions else "",
        },
        "events": [_event(each, purpose) for each in said],
    }  # fmt: skip


def kantara(said: Said, purpose: Purpose, shown: Shown | None, controller: Controller) -> dict[str, Any]:
    """One consent as a Kantara consent receipt."""
    header = said.header
    at = f"{controller.origin}/{said.leaf_index}"
    return {
        "version": "KI-CR-v1.1.0", "jurisdiction": ",".join(purpose.jurisdictions),
        "consentTimestamp": _seconds(str(header["occurred_at"])), "collectionMethod": str(header["method"]),
        "consentReceiptID": str(uuid.uuid5(uuid.NAMESPACE_URL, at)), "language": shown.locale if shown else "",
        "piiPrincipalId": said.address or str(header["subject"]),
        "piiControllers": [{
            "piiController": controller.name, "onBehalf": False, "contact": controller.officer or controller.contact,
            "address": {"streetAddress": controller.address}, "email": controller.contact, "phone": "",
            "piiControllerUrl": controller.url,
        }],
        "policyUrl": (shown.policy_url if shown else "") or controller.url,
        "services": [{"service": str(header["channel"]), "purposes": [{
            "purpose": purpose.names.get("en", purpose.code), "purposeCategory": ["Marketing" if purpose.commercial else "Core Function"],
            "consentType": "EXPLICIT", "piiCategory": list(purpose.categories), "primaryPurpose": False,
            "termination": purpose.retention or "until withdrawn", "thirdPartyDisclosure": bool(purpose.recipients),
            "thirdPartyName": ", ".join(purpose.recipients),
        }]}],
        "sensitive": purpose.special_category, "spiCat": [],
        "ledger": {"leaf_index": said.leaf_index, "header_hash": said.header_hash},
    }  # fmt: skip


def _pii(said: Said) -> dict[str, Any]:
    return {"pii_type": KINDS.get(said.address_kind, said.address_kind), "pii_attribute_id": said.address,
            "pii_optional": False, "sensitive_pii_category": False, "special_pii_category": False}  # fmt: skip


def _party(controller: Controller) -> dict[str, Any]:
    return {
        "party_id": controller.origin, "party_name": controller.name, "party_address": controller.address,
        "party_contact": controller.officer or controller.contact, "party_email": controller.contact,
        "party_url": controller.url, "party_type": "dpv:DataController", "party_role": "controller",
    }  # fmt: skip


def _event(said: Said, purpose: Purpose) -> dict[str, Any]:
    months = purpose.validity_months
    return {
        "event_time": str(said.header["occurred_at"]), "validity_duration": f"P{months}M" if months else "until withdrawn",
        "entity_id": str(said.header["subject"]), "event_type": f"{said.header['method']}, evidence {said.header['evidence_grade']}",
        "event_state": str(said.header["state"]), "leaf_index": said.leaf_index, "header_hash": said.header_hash,
    }  # fmt: skip


def _seconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp())
