"""Settings that name networks, and those of a sign-in provider."""

from __future__ import annotations

import ipaddress
from pathlib import Path

import pytest

import config


def load(tmp_path: Path, listed: str) -> config.Settings:
    return config.load({"INSTANCE_DIR": str(tmp_path), "SECRET_KEY": "k" * 32, "PRIVATE_TARGETS": listed})


def test_networks_between_commas(tmp_path: Path):
    listed = load(tmp_path, " 10.0.0.0/8, 192.168.1.20 ,fd00::/8,").private_targets
    assert listed == tuple(ipaddress.ip_network(text) for text in ("10.0.0.0/8", "192.168.1.20/32", "fd00::/8"))
    assert load(tmp_path, "").private_targets == ()


@pytest.mark.parametrize("listed", ["10.0.0.0/33", "shop.example", "10.0.0.1/8", "10.0.0.0/8 192.168.0.0/16"])
def test_nonsense_is_refused_with_the_settings_name(tmp_path: Path, listed: str):
    with pytest.raises(config.SettingError, match="PRIVATE_TARGETS"):
        load(tmp_path, listed)


PROVIDER = {"OIDC_ISSUER": "https://id.example/", "OIDC_CLIENT_ID": "crm"}


def provided(tmp_path: Path, **said: str) -> config.Settings:
    return config.load({"INSTANCE_DIR": str(tmp_path), "SECRET_KEY": "k" * 32, **said})


def test_a_provider_is_taken_to_the_letter(tmp_path: Path):
    found = provided(tmp_path, **PROVIDER, OIDC_ROLES="")
    assert (found.oidc_issuer, found.oidc_name, found.oidc_scopes) == (
        "https://id.example/",
        "id.example",
        "openid email profile",
    )
    assert (found.oidc_create, found.oidc_link, found.oidc_role_claim) == (False, False, "groups")
    assert provided(tmp_path).oidc_issuer == ""


def test_groups_and_roles(tmp_path: Path):
    found = provided(tmp_path, **PROVIDER, OIDC_ROLES="a=b=admin, staff = sales,", OIDC_CREATE="yes")
    assert found.oidc_roles == (("a=b", "admin"), ("staff", "sales"))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("OIDC_ISSUER", {**PROVIDER, "OIDC_ISSUER": "id.example"}), ("OIDC_ISSUER", {**PROVIDER, "OIDC_ISSUER": "https://id.example?a=b"}),
        ("OIDC_CLIENT_ID", {"OIDC_ISSUER": "https://id.example"}), ("OIDC_ROLES", {**PROVIDER, "OIDC_ROLES": "staff=boss"}),
        ("OIDC_ROLES", {**PROVIDER, "OIDC_ROLES": "staff"}), ("OIDC_ROLES", {**PROVIDER, "OIDC_CREATE": "yes"}),
        ("OIDC_SCOPES", {**PROVIDER, "OIDC_SCOPES": "email"}), ("OIDC_LINK", {**PROVIDER, "OIDC_LINK": "perhaps"}),
    ],
)  # fmt: skip
def test_nonsense_about_a_provider_is_refused(tmp_path: Path, name: str, said: dict[str, str]):
    with pytest.raises(config.SettingError, match=name):
        provided(tmp_path, **said)


def test_a_secret_may_stand_in_a_file(tmp_path: Path):
    kept = tmp_path / "oidc"
    kept.write_text("s3cret\n")
    assert provided(tmp_path, **PROVIDER, OIDC_CLIENT_SECRET_FILE=str(kept)).oidc_client_secret == "s3cret"
