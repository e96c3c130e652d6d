"""A host with a certificate that nobody vouches for."""

import datetime
import ssl
from ipaddress import ip_address

import pytest
from conftest import SITE
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


@pytest.fixture
def certificate(tmp_path):
    """The path of a file with a new key for 127.0.0.1 and a certificate that this key signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, SHA256())
    )
    path = tmp_path / "certificate.pem"
    path.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + signed.public_bytes(Encoding.PEM)
    )
    return path


@pytest.fixture
def secure_site(serve, certificate):
    site = serve(SITE)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    site.server.socket = context.wrap_socket(site.server.socket, server_side=True)
    site.url = site.url.replace("http:", "https:")
    return site


def test_refused(crawl, secure_site):
    run = crawl(secure_site.url + "transcrp/scrp101.htm", bypass="1")
    assert run.status == 1
    assert "certificate verify failed" in run.log.splitlines()[-1]
    assert secure_site.requests == []


def test_accepted_by_who_says_so(crawl, secure_site):
    run = crawl(secure_site.url, DOWNLOAD_VERIFY_CERTIFICATES=0)
    assert run.status == 0, run.log
    assert "12 new" in run.log


def test_accepted_if_somebody_vouches_for_it(crawl, secure_site, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    run = crawl(secure_site.url)
    assert run.status == 0, run.log
    assert "12 new" in run.log
