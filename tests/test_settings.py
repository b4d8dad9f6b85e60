"""Settings that name networks."""

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
