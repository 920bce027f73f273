"""Which certificates count as the system's own."""

import shutil

import pytest

from makini_desktop.login import trust
from tests.certificates import Authority


@pytest.fixture
def places(monkeypatch, tmp_path):
    """A computer with neither file nor folder."""
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(trust, "_FILES", (str(tmp_path / "bundle.pem"),))
    monkeypatch.setattr(trust, "_FOLDER", str(tmp_path / "folder"))
    monkeypatch.setattr(trust.sys, "platform", "linux")
    return tmp_path


def authority(tmp_path, name):
    folder = tmp_path / name
    folder.mkdir()
    return Authority(folder, name).pem


def names():
    return sorted(certificate.subjectDisplayName() for certificate in trust.system_certificates())


def test_without_any_nobody_is_added(places):
    assert names() == []


def test_the_systems_file_comes_before_its_folder(places):
    (places / "folder").mkdir()
    shutil.copy(authority(places, "In folder"), places / "folder" / "0badcafe.0")
    assert names() == ["In folder"]
    shutil.copy(authority(places, "In file"), places / "bundle.pem")
    assert names() == ["In file"]


def test_a_named_file_takes_the_place_of_the_systems_and_its_folder_stays(places, monkeypatch):
    (places / "folder").mkdir()
    shutil.copy(authority(places, "In folder"), places / "folder" / "0badcafe.0")
    shutil.copy(authority(places, "In file"), places / "bundle.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority(places, "Named")))
    assert names() == ["In folder", "Named"]


def test_what_openssl_would_not_read_in_a_folder_counts_for_nothing(places, monkeypatch):
    monkeypatch.setenv("SSL_CERT_DIR", str(authority(places, "Not hashed").parent))
    assert names() == []


def test_what_is_no_certificate_is_passed_over(places):
    text = authority(places, "Good").read_text()
    broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    (places / "bundle.pem").write_text(f"# a comment\n{broken}{text}{text}")
    assert names() == ["Good"]


def test_other_systems_are_left_to_the_engine(places, monkeypatch):
    shutil.copy(authority(places, "In file"), places / "bundle.pem")
    monkeypatch.setattr(trust.sys, "platform", "darwin")
    assert names() == []
